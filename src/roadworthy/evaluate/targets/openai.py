"""Any service that speaks the protocols of OpenAI: chat completions, or the Responses API."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.targets.chat import Chat, ChatTarget, Dialect, Endpoint, key_of
from roadworthy.evaluate.targets.completions import ChatCompletions
from roadworthy.evaluate.targets.responses import NAMES as RESPONSES_NAMES
from roadworthy.evaluate.targets.responses import Responses
from roadworthy.evaluate.targets.spec import Given
from roadworthy.evaluate.targets.wire import credentials

PATHS = {"chat": "/chat/completions", "responses": "/responses"}
_SAME = ("temperature", "top_p", "stop", "seed")


class OpenAIProtocol(ChatTarget):
    """What OpenAI and Azure OpenAI have in common."""

    api: Literal["chat", "responses"] = "chat"
    """Chat completions, or the Responses API."""
    stream: bool = False
    """Ask for the answer in pieces; a stream without its end marker is an error."""
    max_tokens_key: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """How chat completions are told of `max_tokens`; reasoning models of OpenAI know the second name only."""
    extra: dict[str, Any] = {}
    """Further keys of the request body."""

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that it can send."""
        return frozenset(self._names())

    def _names(self) -> Mapping[str, str]:
        if self.api == "responses":
            return RESPONSES_NAMES
        return MappingProxyType({**{name: name for name in _SAME}, "max_tokens": self.max_tokens_key})

    def dialect(self, model: str) -> Dialect:
        """Return the wire format."""
        if self.api == "responses":
            return Responses(model, self.stream)
        return ChatCompletions(model, self._names(), self.stream)

    def how(self) -> dict[str, Any]:
        """Return the part of the identity that says how it is asked; what is as usual is left out."""
        return self.model_dump(include={"api", "stream"}, exclude_defaults=True)


class OpenAITarget(OpenAIProtocol):
    """Chat completions at `<base_url>/chat/completions`, or responses at `<base_url>/responses`."""

    kind: Literal["openai"]
    base_url: str
    """For example https://api.openai.com/v1; may hold ${ENV}."""
    model: str
    """Name sent as `model`; may hold ${ENV}."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the key; the key itself is never written anywhere."""

    def bind(self, given: Given) -> Chat:
        """Get ready to ask."""
        base = expand(self.base_url, given.place)
        key = key_of(self.api_key_env, given.place)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        return Chat(
            name={"kind": "openai", "base_url": self.base_url, "model": self.model, **self.how()},
            dialect=self.dialect(expand(self.model, given.place)),
            endpoint=Endpoint(
                base.rstrip("/") + PATHS[self.api],
                headers,
                frozenset([key]) | credentials(base),
                self.api_key_env or "'api_key_env', which names none",
            ),
            given=given,
            extra=self.extra,
            stream=self.stream,
        )
