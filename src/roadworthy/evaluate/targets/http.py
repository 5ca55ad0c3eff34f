"""Any HTTP endpoint, by template."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode

import msgspec
from pydantic import ValidationInfo, field_validator, model_validator

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import expand, variable, variables
from roadworthy.evaluate.json_path import JsonPath
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.spec import AskedTarget, Given
from roadworthy.evaluate.targets.sse import Event, cut_off, events, json_lines
from roadworthy.evaluate.targets.wire import Wire, credentials, parse_json
from roadworthy.evaluate.template import Template, as_text, lookup

_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}


class StreamSpec(FileModel):
    """How an answer that comes in pieces is put together."""

    format: Literal["sse", "ndjson"] = "sse"
    """Server-sent events, or one JSON text a line."""
    text: str
    """Path to the piece of text in an event, such as $.delta.text; events without it are passed over."""
    done: str
    """What ends a whole answer: a path to something in the last event, such as $.done, or its data, such as [DONE]."""

    @field_validator("text", "done")
    @classmethod
    def _a_path(cls, value: str, info: ValidationInfo) -> str:
        if info.field_name == "text" or value.startswith("$"):
            JsonPath(value).steps  # noqa: B018 - raises ValueError on a path that cannot be read
        return value

    def ends(self, event: Event) -> bool:
        """Tell whether an event ends the answer."""
        if not self.done.startswith("$"):
            return event.data.strip() == self.done
        return JsonPath(self.done).find(event.json) not in (None, False, "")


class HttpTarget(AskedTarget):
    """One request for each case; `{column}` is filled from the dataset, `${ENV}` from the environment."""

    kind: Literal["http"]
    url: str
    """Columns in it are percent-encoded."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = {}
    """Values that hold ${ENV} are secrets: they are never written anywhere."""
    body: Any = None
    """A text that is one place only, such as "{items}", becomes that column whatever its type."""
    body_as: Literal["json", "form", "text"] = "json"
    """How the body is sent: as JSON, as the fields of a form, or as plain text."""
    answer: str = "$"
    """Path to the answer, such as $.answer.text; `$` takes the whole body as text."""
    model: str | None = None
    """Path to the name of the model that answered."""
    tokens_in: str | None = None
    tokens_out: str | None = None
    stream: StreamSpec | None = None
    """The answer comes in pieces; `answer` is then not read, and the other paths are looked for in every event."""

    @model_validator(mode="after")
    def _one_body(self) -> HttpTarget:
        if self.body_as == "form" and not isinstance(self.body, dict):
            raise ValueError("'body_as: form' needs a 'body' of keys and values")
        if self.body_as == "text" and not isinstance(self.body, str):
            raise ValueError("'body_as: text' needs a 'body' that is a text")
        if self.stream is not None and self.answer != "$":
            raise ValueError("give either 'answer' or 'stream'")
        return self

    @field_validator("answer", "model", "tokens_in", "tokens_out")
    @classmethod
    def _a_path(cls, value: str | None) -> str | None:
        if value is not None:
            JsonPath(value).steps  # noqa: B018 - raises ValueError on a path that cannot be read
        return value

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the dataset that the templates read."""
        return frozenset[str]().union(*(Template(t).columns for t in [_hide(self.url), *_texts(self.body)]))

    def bind(self, given: Given) -> HttpEndpoint:
        """Get ready to ask."""
        return HttpEndpoint(self, given.place)


@dataclass
class HttpEndpoint:
    """The target, ready to be asked."""

    spec: HttpTarget
    place: Place | None = None
    _headers: dict[str, str] = field(init=False)
    _wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        given = self.spec.headers
        self._headers = {name: expand(value, self.place) for name, value in given.items()}
        if self.spec.body is not None:
            self._headers.setdefault("Content-Type", _TYPES[self.spec.body_as])
        names = [name for value in given.values() for name in variables(value)]
        secrets = frozenset(variable(name, self.place) for name in names)
        self._wire = Wire(secrets | credentials(expand(self.spec.url, self.place)))

    @property
    def identity(self) -> dict[str, Any]:
        """Return address and paths as written, and a digest of the headers as written, without secrets."""
        said = self.spec.model_dump(mode="json", exclude_none=True, exclude={"headers", "body"})
        return {**said, "headers": sha256_json(self.spec.headers)}

    @property
    def service(self) -> str:
        """Name the address with the secrets of the headers."""
        return self._wire.service(expand(self.spec.url, self.place))

    def request(self, case: Case, epoch: int) -> dict[str, Any]:  # noqa: ARG002
        """Fill in the templates; variables of the environment stay as written, so that no secret is kept."""
        url = Template(_hide(self.spec.url))
        encoded = {name: quote(as_text(lookup(case.fields, name)), safe="") for name in url.columns}
        request = {"url": url.render(encoded)}
        body = _fill(self.spec.body, case.fields)
        return {**request, "body": body} if body is not None else request

    async def open(self, concurrency: int) -> None:
        """Get ready for calls."""
        await self._wire.open(concurrency)

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    def redact(self, text: str) -> str:
        """Take the secrets out of a text."""
        return self._wire.redact(text)

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Send one request and read the answer by its paths."""
        body = self._encoded(request["body"]) if "body" in request else None
        url = expand(request["url"], self.place)
        if self.spec.stream is not None:
            return await self._streamed(self.spec.stream, url, body)
        content = await self._wire.send(self.spec.method, url, self._headers, body)
        if self.spec.answer == "$" and not (self.spec.model or self.spec.tokens_in or self.spec.tokens_out):
            return Reply(text=_decode(content))
        return self._read(content)

    def _encoded(self, body: Any) -> bytes:
        if self.spec.body_as == "form":
            return urlencode({key: as_text(value) for key, value in body.items()}).encode()
        return as_text(body).encode() if self.spec.body_as == "text" else msgspec.json.encode(body)

    def _read(self, content: bytes) -> Reply:
        answer = parse_json(content)
        text = JsonPath(self.spec.answer).find(answer)
        if text is None:
            raise TargetError(f"the answer holds nothing at {self.spec.answer}", retry=True)
        return self._reply(as_text(text), self._about(answer))

    async def _streamed(self, how: StreamSpec, url: str, body: bytes | None) -> Reply:
        """Join the pieces up to the end marker; without it the answer is cut off, whatever came."""
        pieces: list[str] = []
        about: dict[str, Any] = {}
        read = events if how.format == "sse" else json_lines
        async with aclosing(self._wire.stream(self.spec.method, url, self._headers, body)) as chunks:
            async for event in read(chunks):
                ended = how.ends(event)
                if not ended or how.done.startswith("$"):
                    pieces.append(as_text(JsonPath(how.text).find(event.json)))
                    about.update(self._about(event.json))
                if ended:
                    return self._reply("".join(pieces), about)
        raise cut_off(how.done)

    def _about(self, answer: Any) -> dict[str, Any]:
        """Find what the paths beside the text lead to."""
        paths = {"model": self.spec.model, "tokens_in": self.spec.tokens_in, "tokens_out": self.spec.tokens_out}
        found = {name: JsonPath(path).find(answer) for name, path in paths.items() if path}
        return {name: value for name, value in found.items() if value is not None}

    def _reply(self, text: str, about: dict[str, Any]) -> Reply:
        try:
            return msgspec.convert({**about, "text": text}, Reply)
        except msgspec.ValidationError as error:
            raise TargetError(f"the answer is not as the paths say: {error}", retry=True) from error


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TargetError("the answer is not UTF-8 text", retry=True) from error


def _hide(url: str) -> str:
    """Keep ${ENV} from being read as a column: its braces are doubled."""
    for name in variables(url):
        url = url.replace("${" + name + "}", "${{" + name + "}}")
    return url


def _texts(body: Any) -> list[str]:
    if isinstance(body, str):
        return [body]
    inside = body.values() if isinstance(body, dict) else body if isinstance(body, list) else []
    return [text for part in inside for text in _texts(part)]


def _fill(body: Any, fields: dict[str, Any]) -> Any:
    if isinstance(body, str):
        return Template(body).value(fields)
    if isinstance(body, dict):
        return {key: _fill(value, fields) for key, value in body.items()}
    return [_fill(value, fields) for value in body] if isinstance(body, list) else body
