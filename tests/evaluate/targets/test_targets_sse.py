"""Server-sent events against the decoder of the openai client, whatever the pieces in which they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.targets.sse import Event, events, json_lines

END = st.sampled_from(["\n", "\r\n", "\r"])
FIELD = st.sampled_from(
    ["data: é", "data:{", "data:  two", "data", "event: x", "event:y", ": comment", "id: 1", "zz: 1"]
)


async def pieces(text: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(text), size):
        yield text[at : at + size]


def ours(text: bytes, size: int) -> list[Event]:
    async def read() -> list[Event]:
        return [event async for event in events(pieces(text, size))]

    return asyncio.run(read())


@given(blocks=st.lists(st.lists(FIELD, min_size=1, max_size=4), max_size=4), end=END, size=st.integers(1, 40))
def test_events_are_those_of_the_openai_client(blocks: list[list[str]], end: str, size: int) -> None:
    text = "".join("".join(line + end for line in block) + end for block in blocks).encode()
    found = SSEDecoder().iter_bytes(iter([text]))
    # The client also reports blocks without data, which the standard does not.
    theirs = [Event(event.event or "", event.data) for event in found if event.data or _has_data(event)]
    assert [event for event in ours(text, size) if event.data] == [event for event in theirs if event.data]


def _has_data(event: object) -> bool:
    return bool(getattr(event, "data", ""))


def test_an_event_without_its_end_does_not_count() -> None:
    assert ours(b"data: whole\n\ndata: half\n", 3) == [Event("", "whole")]
    assert ours(b"\xef\xbb\xbfdata: after a mark\n\n", 1) == [Event("", "after a mark")]
    assert ours(b"data: a\r\rdata: b\r\n\r\n", 1) == [Event("", "a"), Event("", "b")]


def test_lines_of_json() -> None:
    async def read() -> list[str]:
        return [event.data async for event in json_lines(pieces(b'{"a": 1}\n\n{"b": 2}', 2))]

    assert asyncio.run(read()) == ['{"a": 1}', '{"b": 2}']


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(TargetError, match="not UTF-8"):
        ours(b"data: \xff\n\n", 4)
