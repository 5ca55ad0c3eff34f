"""A declared system, a suite writer, and a real local server whose misbehaviour each test chooses."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from roadworthy.declare.system import System
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import Suite, read_suite
from roadworthy.evidence.fingerprint import Fingerprint
from roadworthy.standard.model import Part

SYSTEM = System.model_validate(
    {
        "system": "shop-assistant",
        "kind": "assistant",
        "purpose": "Answers questions about orders.",
        "owner": {"team": "shop", "contact": "shop@example.org"},
        "users": {"who": ["customers"]},
        "regions": ["EU"],
        "models": [{"id": "main", "provider": "example", "name": "m"}],
        "prompts": [{"id": "main", "text": "Be brief. Keep {this} as it is."}],
    }
)
FINGERPRINT = Fingerprint({part.value: "0" * 64 for part in Part})
Behaviour = Callable[[dict[str, Any], "LocalServer"], Awaitable[bytes | None]]


def completion(text: str, **more: Any) -> bytes:
    """Make a whole HTTP answer with a chat completion."""
    body = {
        "id": "resp-1",
        "model": "m-2026-01",
        "system_fingerprint": "fp-7",
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
        **more,
    }
    return http(200, json.dumps(body).encode())


def http(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    """Make a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Cut(bytes):
    """A raw answer after which the connection is cut."""


class LocalServer:
    """A server on a free port of 127.0.0.1; a behaviour gets each request and returns the raw answer.

    None as an answer cuts the connection.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.asked: Counter[str] = Counter()
        """How often each last message was asked."""
        self.headers: list[str] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def calls(self) -> int:
        return sum(self.asked.values())

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).decode()
                    self.headers.append(head)
                    length = _content_length(head)
                    body = json.loads(await reader.readexactly(length) or b"{}")
                    self.asked[_question(body)] += 1
                    answer = await self.behaviour(body, self)
                    if answer is None:
                        return
                    writer.write(answer)
                    await writer.drain()
                    if isinstance(answer, Cut):
                        return
        finally:
            self._tasks.discard(task)
            writer.close()


def _content_length(head: str) -> int:
    lengths = (line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length"))
    return int(next(lengths, "0"))


def _question(body: dict[str, Any]) -> str:
    messages = body.get("messages")
    return str(messages[-1]["content"]) if messages else json.dumps(body)


@contextmanager
def serve(behaviour: Behaviour) -> Iterator[LocalServer]:
    server = LocalServer(behaviour)
    server.start()
    try:
        yield server
    finally:
        server.stop()


async def echo_last_word(body: dict[str, Any], _server: LocalServer) -> bytes:
    """A healthy server: answers with the last word of the question."""
    return completion(body["messages"][-1]["content"].split()[-1])


class Project:
    """A directory with one suite, and how to run it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / ".roadworthy"
        (root / "evals").mkdir()

    def dataset(self, rows: int, name: str = "cases.jsonl") -> str:
        lines = (
            {
                "id": f"c{i:04}",
                "prompt": f"say {i}",
                "expected": str(i if i % 3 else -1),
                "colour": "rb"[i % 2],
                "k": i // 4,
            }
            for i in range(rows)
        )
        (self.root / "evals" / name).write_text("".join(json.dumps(line) + "\n" for line in lines))
        return name

    def suite(self, **given: Any) -> Suite:
        content: dict[str, Any] = {
            "suite": "quality",
            "dataset": {"file": "cases.jsonl", "cluster": "k", "slices": ["colour"]},
            "prompt": "{prompt}",
            "scorers": [{"id": "correct", "use": "exact_match", "expected": "{expected}"}],
            "metrics": ["task_success_rate"],
        }
        content.update(given)
        path = self.root / "evals" / "quality.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in content.items() if value is not None}))
        return read_suite(path)

    def run(self, suite: Suite, **given: Any) -> Run:
        return run_suite(suite, SYSTEM, FINGERPRINT, root=self.root, store=self.store, **given)


def openai(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "openai", "base_url": url, "model": "m", **more}


def fast(**more: Any) -> dict[str, Any]:
    """Limits for tests: short waits."""
    return {"backoff_seconds": 0.01, "timeout_seconds": 10, "retries": 2, **more}
