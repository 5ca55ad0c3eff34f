"""Any service that speaks the OpenAI chat completions protocol."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from roadworthy.core.errors import Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import expand, variable
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.sampling import Sampling
from roadworthy.evaluate.targets.wire import Wire, credentials, parse_json


class OpenAITarget(FileModel):
    """Chat completions at `<base_url>/chat/completions`."""

    kind: Literal["openai"]
    base_url: str
    """For example https://api.openai.com/v1; may hold ${ENV}."""
    model: str
    """Name sent as `model`; may hold ${ENV}."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; the key itself is never written anywhere."""
    extra: dict[str, Any] = {}
    """Further keys of the request body."""


@dataclass
class OpenAIChat:
    """The target, ready to be asked."""

    spec: OpenAITarget
    prompt: Prompt
    sampling: Sampling
    place: Place | None = None
    _headers: dict[str, str] = field(init=False)
    _wire: Wire = field(init=False)
    _url: str = field(init=False)

    def __post_init__(self) -> None:
        base = expand(self.spec.base_url, self.place)
        key = variable(self.spec.api_key_env, self.place) if self.spec.api_key_env else ""
        self._url = base.rstrip("/") + "/chat/completions"
        self._headers = {"Content-Type": "application/json"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._wire = Wire(frozenset([key]) | credentials(base))

    @property
    def identity(self) -> dict[str, Any]:
        """Return kind, address as written and model."""
        return {"kind": "openai", "base_url": self.spec.base_url, "model": self.spec.model}

    def request(self, case: Case, epoch: int) -> dict[str, Any]:
        """Build the body of the request."""
        return {
            "model": expand(self.spec.model, self.place),
            "messages": self.prompt.render(case.fields),
            **self.sampling.parameters(epoch),
            **self.spec.extra,
        }

    async def open(self, concurrency: int) -> None:
        """Get ready for calls."""
        await self._wire.open(concurrency)

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    def redact(self, text: str) -> str:
        """Take the key out of a text."""
        return self._wire.redact(text)

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Send one request and read the first choice."""
        body = await self._wire.send("POST", self._url, self._headers, msgspec.json.encode(request))
        return read_completion(parse_json(body))


def read_completion(answer: Any) -> Reply:
    """Read a chat completion; the model and fingerprint that the server reports are kept.

    Raises TargetError when there is no message in it. A message without content is an empty text, or the text of
    its `refusal`.
    """
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        content = message.get("content")
        usage = answer.get("usage") or {}
        text = _text(content) or message.get("refusal") or ""
        return msgspec.convert(
            {
                "text": text,
                "model": answer.get("model"),
                "finish": choice.get("finish_reason"),
                "response_id": answer.get("id"),
                "system_fingerprint": answer.get("system_fingerprint"),
                "tokens_in": usage.get("prompt_tokens"),
                "tokens_out": usage.get("completion_tokens"),
            },
            Reply,
        )
    except (KeyError, IndexError, TypeError, AttributeError, msgspec.ValidationError) as error:
        raise TargetError("the answer holds no choices[0].message", retry=True) from error


def _text(content: Any) -> str:
    """Join the text parts of a content, which is text, null, or a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if part.get("type") == "text")
    if content is None or isinstance(content, str):
        return content or ""
    raise TypeError
