"""The wire against real servers: streams, compression, and answers that are not what they say."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from evaluate_project import Cut, LocalServer, http, serve

from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.targets.compression import MAX_BODY_BYTES
from roadworthy.evaluate.targets.wire import Wire

TEXT = b"data: one\n\ndata: two\n\ndata: [DONE]\n\n"


def chunked(*pieces: bytes, headers: str = "", whole: bool = True) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    return head + body + (b"0\r\n\r\n" if whole else b"")


async def streamed(wire: Wire, url: str) -> list[bytes]:
    return [piece async for piece in wire.stream("POST", url, {"X-Key": "sk-secret"}, b"{}")]


async def sent(wire: Wire, url: str) -> list[bytes]:
    return [await wire.send("POST", url, {"X-Key": "sk-secret"}, b"{}")]


def call(answer: bytes | None, how: Callable[[Wire, str], Awaitable[list[bytes]]]) -> list[bytes]:
    async def behave(_body: dict[str, Any], _server: LocalServer) -> bytes | None:
        return answer

    async def go(url: str) -> list[bytes]:
        wire = Wire(frozenset(["sk-secret"]))
        await wire.open(1)
        try:
            async with asyncio.timeout(10):
                return await how(wire, url)
        finally:
            await wire.close()

    with serve(behave) as server:
        return asyncio.run(go(server.url))


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


GOOD = {
    "length": http(200, TEXT),
    "chunks": chunked(TEXT[:7], TEXT[7:]),
    "gzip": http(200, gzip.compress(TEXT), "Content-Encoding: gzip"),
    "gzip in chunks": chunked(*(bytes([b]) for b in gzip.compress(TEXT)), headers="Content-Encoding: gzip\r\n"),
    "zlib": http(200, zlib.compress(TEXT), "Content-Encoding: deflate"),
    "bare deflate": http(200, bare_deflate(TEXT), "Content-Encoding: deflate"),
}


@pytest.mark.parametrize("how", [streamed, sent])
@pytest.mark.parametrize("answer", GOOD.values(), ids=GOOD.keys())
def test_a_whole_answer_is_read_however_it_is_packed(answer: bytes, how: Any) -> None:
    assert b"".join(call(answer, how)) == TEXT


PACKED = gzip.compress(b"\0" * (MAX_BODY_BYTES + 1))
BAD = {
    "refused": (http(400, b"bad key sk-secret"), r"HTTP 400: bad key \[redacted\]"),
    "connection cut": (None, "no answer: ServerDisconnectedError"),
    "length not reached": (Cut(http(200, TEXT, length=len(TEXT) + 1)), "no answer: ClientPayloadError"),
    "last chunk missing": (Cut(chunked(TEXT, whole=False)), "no answer: ClientPayloadError"),
    "gzip bomb": (http(200, PACKED, "Content-Encoding: gzip"), "longer than 8,388,608 bytes"),
    "gzip bomb in an error": (http(500, PACKED, "Content-Encoding: gzip"), "longer than 8,388,608 bytes"),
    "gzip cut off": (http(200, gzip.compress(TEXT)[:-9], "Content-Encoding: gzip"), "compressed answer is cut off"),
    "not gzip": (http(200, TEXT, "Content-Encoding: gzip"), "the answer is not gzip"),
    "unknown encoding": (http(200, TEXT, "Content-Encoding: br"), "Content-Encoding that was not asked for"),
}


@pytest.mark.parametrize("how", [streamed, sent])
@pytest.mark.parametrize(("answer", "said"), BAD.values(), ids=BAD.keys())
def test_an_answer_that_is_not_whole_is_an_error(answer: bytes | None, said: str, how: Any) -> None:
    with pytest.raises(TargetError, match=said):
        call(answer, how)


def test_a_stream_left_early_does_no_harm() -> None:
    async def first(wire: Wire, url: str) -> list[bytes]:
        stream = wire.stream("POST", url, {}, b"{}")
        found = [await anext(stream)]
        await stream.aclose()
        return [*found, await anext(wire.stream("POST", url, {}, b"{}"))]

    assert call(chunked(TEXT), first)[0] == TEXT
