"""A language model behind an API: a conversation is asked in the wire format of its vendor."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import msgspec

from roadworthy.core.errors import Place
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import variable
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.refusals import explained
from roadworthy.evaluate.targets.spec import AskedTarget, Given
from roadworthy.evaluate.targets.sse import Event, events
from roadworthy.evaluate.targets.wire import Refused, Wire, credentials, parse_json
from roadworthy.evaluate.tool_call import ToolCall, cleaned

Body = dict[str, Any]
_OFFERS = ("tools", "toolConfig", "functions")


@dataclass(frozen=True)
class ToolSchema:
    """A tool as a model is told of it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of an object."""


class Dialect(Protocol):
    """The wire format of a vendor: plain data in, plain data out."""

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation, with settings under our own names, as the body of a request."""

    def read(self, answer: Any) -> Reply:
        """Read a whole answer. Raises TargetError when there is none in it."""

    def joined(self, events: Sequence[Event]) -> Any:
        """Put the events of a stream together to the whole answer that `read` takes.

        Raises TargetError when the end marker of the format is missing, or an event says that something failed.
        """

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the keys of a body that offer tools."""

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request: all that was said, the answer, and what came of its calls."""


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, and what they carry to be let in."""

    url: str
    headers: dict[str, str]
    secrets: frozenset[str]
    key_from: str
    """Where the key is from, for a person who must mend it; never the key itself."""
    sign: Callable[[bytes], dict[str, str]] | None = None
    """Make further headers from the body."""
    filtered: Callable[[Refused], Reply | None] = lambda _refused: None
    """Read a refusal by the vendor's own content filter as the answer that it is."""


class ChatTarget(AskedTarget):
    """A target that takes a conversation."""

    prompted: ClassVar[bool] = True

    @property
    def reports_tools(self) -> bool:
        """Tell whether tools are offered."""
        return offers_tools(getattr(self, "extra", {}))

    @abstractmethod
    def bind(self, given: Given) -> Chat:
        """Get ready to ask."""


@dataclass
class Chat:
    """The target, ready to be asked."""

    name: dict[str, Any]
    """Its identity: everything that changes answers and is not in the body."""
    dialect: Dialect
    endpoint: Endpoint
    given: Given
    extra: Body
    stream: bool
    _wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self._wire = Wire(self.endpoint.secrets | credentials(self.endpoint.url))

    @property
    def identity(self) -> dict[str, Any]:
        """Return kind, address as written and model."""
        return self.name

    @property
    def service(self) -> str:
        """Name the address with the key."""
        return self._wire.service(self.endpoint.url)

    def request(self, case: Case, epoch: int) -> Body:
        """Build the body of the request."""
        body = self.dialect.body(self.given.prompt.render(case.fields), self.given.sampling.parameters(epoch))
        return merged(body, self.extra) if self.extra else body

    async def open(self, concurrency: int) -> None:
        """Get ready for calls."""
        await self._wire.open(concurrency)

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    def redact(self, text: str) -> str:
        """Take the key out of a text."""
        return self._wire.redact(text)

    async def ask(self, request: Body) -> Reply:
        """Send one request and read the answer."""
        return (await self.exchange(request))[1]

    async def exchange(self, request: Body) -> tuple[Any, Reply]:
        """Send one request; return the answer as it came, and as it was read."""
        try:
            answer = await self._answer(msgspec.json.encode(request))
        except Refused as refused:
            reply = self.endpoint.filtered(refused)
            if reply is None:
                raise explained(refused, self.endpoint.key_from, self._wire.redact) from refused
            answer = None
        else:
            reply = self.dialect.read(answer)
        if reply.steps is None and offers_tools(request):
            reply = msgspec.structs.replace(reply, steps=())
        elif reply.steps:
            steps = tuple(cleaned(call, self._wire.redact) for call in reply.steps)
            reply = msgspec.structs.replace(reply, steps=steps)
        return answer, reply

    async def _answer(self, content: bytes) -> Any:
        at = self.endpoint
        headers = at.headers if at.sign is None else {**at.headers, **at.sign(content)}
        if not self.stream:
            return parse_json(await self._wire.send("POST", at.url, headers, content))
        async with contextlib.aclosing(self._wire.stream("POST", at.url, headers, content)) as chunks:
            return self.dialect.joined([event async for event in events(chunks)])


def offers_tools(body: Body) -> bool:
    """Tell whether a request lets the model call tools, so that an answer without calls says something."""
    return any(body.get(key) for key in _OFFERS)


def merged(body: Body, extra: Body) -> Body:
    """Put further keys into a body; inside objects too, so that one key of an object can be added."""
    both = {key: merged(body[key], extra[key]) for key in body.keys() & extra.keys() if _objects(body[key], extra[key])}
    return {**body, **extra, **both}


def _objects(first: Any, second: Any) -> bool:
    return isinstance(first, dict) and isinstance(second, dict)


def key_of(name: str | None, place: Place | None) -> str:
    """Return the key that the environment variable `name` holds; empty when none is named."""
    return variable(name, place) if name else ""


@contextlib.contextmanager
def expecting(what: str) -> Iterator[None]:
    """Turn an answer that is not built as its format says into a TargetError; asking again may help."""
    try:
        yield
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise TargetError(f"the answer holds no {what}", retry=True) from error


def make_reply(**found: Any) -> Reply:
    """Make a reply, its types checked. Raises msgspec.ValidationError, which is a ValueError."""
    return msgspec.convert(found, Reply)


def outcome(call: ToolCall) -> str:
    """Write what came of a call for the model to read."""
    return f"error: {call.error}" if call.error is not None else call.result or ""


def system_apart(messages: list[dict[str, str]]) -> tuple[str, list[dict[str, str]]]:
    """Split the system and developer messages, joined by empty lines, from the others."""
    apart = [m["content"] for m in messages if m["role"] in ("system", "developer")]
    return "\n\n".join(apart), [m for m in messages if m["role"] in ("user", "assistant")]


def failed(kind: str, message: Any, *, again: bool, overloaded: bool = False) -> TargetError:
    """Make the error that an answer or a stream itself reports."""
    said = " ".join(f"{kind}: {message}".split())[:200]
    return TargetError(f"the target says {said}", retry=again, overloaded=overloaded)
