"""Answers that come in pieces: server-sent events (WHATWG HTML, 9.2) and lines of JSON."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, NamedTuple

from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.targets.wire import parse_json

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    data: str

    @property
    def json(self) -> Any:
        """Return the data, parsed. Raises TargetError when it is not JSON."""
        return parse_json(self.data.encode())


async def events(chunks: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    """Yield the events of a stream; comments, ids and retry times are passed over, and an event without its end."""
    name, data = "", list[str]()
    async for line in lines(chunks):
        if not line:
            if data:
                yield Event(name, "\n".join(data))
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        if field == "data":
            data.append(value.removeprefix(" "))
        elif field == "event":
            name = value.removeprefix(" ")


async def json_lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[Event]:
    """Yield each line that is not empty as an event without a name."""
    async for line in lines(chunks):
        if line.strip():
            yield Event("", line)


async def lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """Yield the lines of a body, however it is cut into chunks. Raises TargetError on bytes that are not UTF-8."""
    rest = b""
    first = True
    async for chunk in chunks:
        # A carriage return at the end may be half of a line end.
        held = b"\r" if chunk.endswith(b"\r") else b""
        *whole, rest = _LINE_END.split(rest + chunk[: len(chunk) - len(held)])
        rest += held
        for line in whole:
            yield _decode(line.removeprefix(_BOM) if first else line)
            first = False
    if rest:
        yield _decode(rest.removesuffix(b"\r"))


def _decode(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TargetError("the stream is not UTF-8 text", retry=True) from error


def cut_off(end: str) -> TargetError:
    """Make the error of a stream that stopped before `end`: what came is not a whole answer."""
    return TargetError(f"the stream was cut off: it ended without {end}", retry=True)
