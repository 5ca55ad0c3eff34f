"""Targets that misbehave on the wire: the run ends, says what happened, and the samples count against the criterion."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import LocalServer, Project, completion, echo_last_word, fast, http, openai, serve

from roadworthy.evaluate.results import tally
from roadworthy.evaluate.targets.compression import MAX_BODY_BYTES

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class RawServer(LocalServer):
    """Hands each connection to a function that may do with it what it likes."""

    def __init__(self, talk: Talk) -> None:
        super().__init__(echo_last_word)
        self.talk = talk

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self.talk(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()


@contextmanager
def raw(talk: Talk) -> Iterator[RawServer]:
    server = RawServer(talk)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def request(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))


def says(*pieces: bytes, pause: float = 0.0, then: str = "cut") -> Talk:
    """Answer with pieces, then cut the connection, reset it, or hang."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "hang":
            await asyncio.sleep(60)
        if then == "reset":
            raw_socket: socket.socket = writer.get_extra_info("socket")
            raw_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return talk


def forever(piece: bytes, head: bytes, pause: float = 0.0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return talk


BOMB = gzip.compress(bytes(MAX_BODY_BYTES * 8))
ANSWER = completion("x")
BODY = ANSWER.partition(b"\r\n\r\n")[2]
PACKED = gzip.compress(BODY)
HOSTILE: dict[str, tuple[Talk, str]] = {
    "never answers": (says(then="hang"), "no answer within 0.3 s"),
    "answers a byte at a time": (forever(b" ", HEAD + b"Content-Length: 9000\r\n\r\n", 0.01), "no answer within 0.3 s"),
    "headers without end": (forever(b"X-More: " + b"y" * 500 + b"\r\n", HEAD), "no answer"),
    "one endless header": (forever(b"y" * 5000, HEAD + b"X-More: "), "no answer"),
    "body without end": (
        forever(b"10000\r\n" + b"z" * 65536 + b"\r\n", CHUNKED + b""),
        "longer",
    ),
    "body without end or length": (forever(b"z" * 65536, HEAD + b"\r\n"), "longer than 8,388,608 bytes"),
    "cut off in mid-body": (says(ANSWER[:-20]), "no answer: ClientPayloadError"),
    "cut off in the head": (says(ANSWER[:30]), "no answer: ServerDisconnectedError"),
    "length too long": (says(HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 9) + BODY), "ClientPayloadError"),
    "length too long and open": (
        says(HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 9) + BODY, then="hang"),
        "no answer within 0.3 s",
    ),
    "length too short": (
        says(HEAD + b"Content-Length: %d\r\n\r\n" % (len(BODY) - 9) + BODY),
        "no answer: ClientResponseError",
    ),
    "length below zero": (says(HEAD + b"Content-Length: -1\r\n\r\n" + BODY), "no answer"),
    "two lengths": (says(HEAD + b"Content-Length: 5\r\nContent-Length: 500\r\n\r\n" + BODY), "no answer"),
    "last chunk missing": (says(HEAD + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n'), "ClientPayloadError"),
    "rubbish for a chunk": (says(CHUNKED + b"zz\r\n{}\r\n"), "no answer"),
    "not JSON": (says(http(200, b"<html>down for maintenance</html>")), "the answer is not JSON: <html>down"),
    "deep JSON": (says(http(200, b"[" * 100_000)), "the answer is not JSON"),
    "JSON of another kind": (says(http(200, b"[1, 2]")), "choices"),
    "not UTF-8": (says(http(200, b'{"choices": [{"message": {"content": "\xff"}}]}')), "not JSON"),
    "gzip bomb": (says(http(200, BOMB, "Content-Encoding: gzip")), "longer than 8,388,608 bytes"),
    "gzip cut off": (
        says(http(200, gzip.compress(BODY)[:-4], "Content-Encoding: gzip")),
        "compressed answer is cut off",
    ),
    "not HTTP": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "no answer"),
    "resets": (says(then="reset"), "no answer: "),
    "resets in mid-body": (says(ANSWER[:-20], pause=0.02, then="reset"), "no answer: "),
    "closes at once": (says(), "no answer: ServerDisconnectedError"),
    "only 100 Continue": (says(b"HTTP/1.1 100 Continue\r\n\r\n" * 3, then="hang"), "no answer within 0.3 s"),
}


@pytest.mark.parametrize(("talk", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_the_run_ends_and_says_what_happened(project: Project, talk: Talk, said: str) -> None:
    project.dataset(3)
    with raw(talk) as server:
        seconds = 0.3 if "within 0.3 s" in said else 10
        limits = fast(timeout_seconds=seconds, retries=0, concurrency=3)
        run = project.run(project.suite(target=openai(server.url), limits=limits))
    assert run.finished
    assert (run.counts.errored, run.counts.recorded) == (3, 3)
    for row in pyarrow.parquet.read_table(run.table).to_pylist():
        assert said in row["error"]
    (whole,) = [found for found in tally(run.table, "task_success_rate") if found.label == "all"]
    assert (whole.n, whole.errored, whole.mean) == (3, 3, 0.0)


@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_an_answer_behind_the_answer_is_never_taken_for_the_next(project: Project, later: bool) -> None:
    project.dataset(5)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request(reader)
            if later:
                writer.write(completion("right"))
                await asyncio.sleep(0.02)
                writer.write(completion("forged"))
            else:
                writer.write(completion("right") + completion("forged"))

    with raw(talk) as server:
        limits = fast(concurrency=1, requests_per_second=10 if later else None)
        run = project.run(project.suite(target=openai(server.url), limits=limits))
    texts = pyarrow.parquet.read_table(run.directory / "transcripts-00000.parquet")["response"].to_pylist()
    assert texts == ["right"] * 5


def test_a_flaky_target_is_asked_until_it_answers(project: Project) -> None:
    project.dataset(30)
    broken = iter([b"", ANSWER[:-9], http(500, b"x"), http(200, b"{"), http(503, b"", "Retry-After: 0.05")] * 5)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request(reader)
            answer = next(broken, None)
            writer.write(ANSWER if answer is None else answer)
            await writer.drain()
            if answer is not None:
                return

    with raw(talk) as server:
        run = project.run(project.suite(target=openai(server.url), limits=fast(retries=10, timeout_seconds=5)))
    assert (run.counts.scored, run.counts.errored) == (30, 0)
    assert run.usage.calls >= 55


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_rate_limited_target_is_not_asked_while_it_wants_peace(project: Project, form: str) -> None:
    project.dataset(10)
    refused_until: list[float] = []
    early: list[float] = []

    async def limited(body: dict[str, Any], server: LocalServer) -> bytes:
        moment = time.time()
        if server.calls == 4:
            refused_until.append(float(int(moment) + 2))
            date = format_datetime(datetime.fromtimestamp(refused_until[0], UTC), usegmt=True)
            wait = "1.2" if form == "seconds" else date
            return http(429, b"slow down", f"Retry-After: {wait}")
        if refused_until and moment < min(refused_until[0], moment + 1):
            early.append(moment)
        await asyncio.sleep(0.01)
        return await echo_last_word(body, server)

    with serve(limited) as server:
        run = project.run(project.suite(target=openai(server.url), limits=fast(concurrency=2)))
    assert run.counts.scored == 10
    assert run.usage.calls == 11
    # What was on its way when the server said so may still arrive.
    assert len(early) <= 1 or form == "seconds"


def test_a_date_in_the_past_means_now(project: Project) -> None:
    project.dataset(2)

    async def limited(body: dict[str, Any], server: LocalServer) -> bytes:
        past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
        return http(429, b"", f"Retry-After: {past}") if server.calls == 1 else await echo_last_word(body, server)

    with serve(limited) as server:
        assert project.run(project.suite(target=openai(server.url), limits=fast())).counts.scored == 2
