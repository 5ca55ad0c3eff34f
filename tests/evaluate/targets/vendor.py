"""A server that keeps every request and answers as a test says, and our client pointed at it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter

from roadworthy.evaluate.case import Case
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.sampling import Sampling
from roadworthy.evaluate.targets.spec import AskedTarget, Given
from roadworthy.evaluate.targets.table import TargetSpec
from roadworthy.evaluate.template import Template

KEY = "sk-very-secret-key-0123456789"
SYSTEM = "Be brief."
QUESTION = "What is 2 + 2?"
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire."""

    method: str
    url: str
    """Path and query, percent-encoded as sent."""
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Answer:
    """What the server sends back."""

    content: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    piece: int = 0
    """Bytes of a chunk; 0 sends all at once with its length."""


def as_json(body: Any, status: int = 200, **headers: str) -> Answer:
    return Answer(json.dumps(body).encode(), status, {"Content-Type": "application/json", **headers})


def as_events(events: list[Any], *, named: bool = False, end: str = "", piece: int = 7) -> Answer:
    """Write objects as server-sent events, sent in pieces that respect no boundary."""
    text = "".join(
        (f"event: {event['type']}\n" if named else "") + f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
        for event in events
    )
    return Answer((text + end).encode(), 200, {"Content-Type": "text/event-stream"}, piece)


class Vendor:
    """A service on a free port of 127.0.0.1, in a thread of its own."""

    def __init__(self, answer: Callable[[Received], Answer]) -> None:
        self.received: list[Received] = []
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

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
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._ready.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(request.method, request.raw_path, headers, await request.read())
        self.received.append(received)
        try:
            answer = self._answer(received)
        except AssertionError as wrong:
            return web.json_response({"error": {"message": f"refused by the test: {wrong}"}}, status=400)
        if not answer.piece:
            return web.Response(body=answer.content, status=answer.status, headers=answer.headers)
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        await response.prepare(request)
        for at in range(0, len(answer.content), answer.piece):
            await response.write(answer.content[at : at + answer.piece])
        await response.write_eof()
        if "Content-Length" in answer.headers and request.transport is not None:
            # More was promised: the connection breaks off.
            request.transport.close()
        return response


@contextmanager
def serve(answer: Callable[[Received], Answer]) -> Iterator[Vendor]:
    vendor = Vendor(answer)
    vendor.start()
    try:
        yield vendor
    finally:
        vendor.stop()


def target(spec: dict[str, Any]) -> AskedTarget:
    found: Any = TypeAdapter(TargetSpec).validate_python(spec)
    assert isinstance(found, AskedTarget)
    return found


def given(sampling: dict[str, Any], folder: Path = Path(), messages: Any = None) -> Given:
    said = tuple((m["role"], Template(m["content"])) for m in messages or MESSAGES)
    return Given(Prompt(None, said), Sampling.model_validate(sampling), folder, folder / "cases.jsonl")


def ask(spec: dict[str, Any], sampling: dict[str, Any], **more: Any) -> Reply:
    """Ask our target one question."""

    async def once() -> Reply:
        asked = target(spec).bind(given(sampling, **more))
        await asked.open(1)
        try:
            return await asked.ask(asked.request(Case("a", None, {}, {"prompt": QUESTION}, 1), 0))
        finally:
            await asked.close()

    return asyncio.run(once())


def typed(kind: Any, body: dict[str, Any]) -> None:
    """Check a body against the parameters that an SDK publishes as a TypedDict, lists included, no key unknown."""
    known = kind.__required_keys__ | kind.__optional_keys__
    assert set(body) <= known, f"unknown keys {sorted(set(body) - known)}"
    adapter = _adapter(kind)  # kept while its lazy parts are read
    _exhaust(adapter.validate_python(body))


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _exhaust(value: Any) -> None:
    """Walk through what pydantic checks only when it is read."""
    if isinstance(value, dict):
        for inside in value.values():
            _exhaust(inside)
    elif not isinstance(value, str | bytes) and hasattr(value, "__iter__"):
        for inside in value:
            _exhaust(inside)
