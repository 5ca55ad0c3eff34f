"""Any HTTP endpoint, by template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from pydantic import field_validator

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import expand, variable, variables
from roadworthy.evaluate.json_path import JsonPath
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.wire import Wire, credentials, parse_json
from roadworthy.evaluate.template import Template, as_text, lookup


class HttpTarget(FileModel):
    """One request for each case; `{column}` is filled from the dataset, `${ENV}` from the environment."""

    kind: Literal["http"]
    url: str
    """Columns in it are percent-encoded."""
    method: Literal["GET", "POST", "PUT"] = "POST"
    headers: dict[str, str] = {}
    """Values that hold ${ENV} are secrets: they are never written anywhere."""
    body: Any = None
    """JSON; a text that is one place only, such as "{items}", becomes that column whatever its type."""
    answer: str = "$"
    """Path to the answer, such as $.answer.text; `$` takes the whole body as text."""
    model: str | None = None
    """Path to the name of the model that answered."""
    tokens_in: str | None = None
    tokens_out: str | None = None

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
            self._headers.setdefault("Content-Type", "application/json")
        names = [name for value in given.values() for name in variables(value)]
        secrets = frozenset(variable(name, self.place) for name in names)
        self._wire = Wire(secrets | credentials(expand(self.spec.url, self.place)))

    @property
    def identity(self) -> dict[str, Any]:
        """Return address and paths as written, and a digest of the headers as written, without secrets."""
        said = self.spec.model_dump(mode="json", exclude_none=True, exclude={"headers", "body"})
        return {**said, "headers": sha256_json(self.spec.headers)}

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
        body = msgspec.json.encode(request["body"]) if "body" in request else None
        url = expand(request["url"], self.place)
        content = await self._wire.send(self.spec.method, url, self._headers, body)
        if self.spec.answer == "$" and not (self.spec.model or self.spec.tokens_in or self.spec.tokens_out):
            return Reply(text=_decode(content))
        return self._read(content)

    def _read(self, content: bytes) -> Reply:
        answer = parse_json(content)
        found = {
            name: JsonPath(path).find(answer) if path else None
            for name, path in (
                ("text", self.spec.answer),
                ("model", self.spec.model),
                ("tokens_in", self.spec.tokens_in),
                ("tokens_out", self.spec.tokens_out),
            )
        }
        if found["text"] is None:
            raise TargetError(f"the answer holds nothing at {self.spec.answer}", retry=True)
        try:
            return msgspec.convert({**found, "text": as_text(found["text"])}, Reply)
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
