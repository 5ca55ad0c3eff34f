"""Anthropic's Messages API.

Source: Claude API reference, "Create a Message", "Streaming messages", "Errors", "API versions". Version 2026-10-21
takes no sampling parameters and the key as a bearer token; 2023-06-01 takes temperature and top_p.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.targets.answer import arguments
from roadworthy.evaluate.targets.chat import (
    Body,
    Chat,
    ChatTarget,
    Endpoint,
    ToolSchema,
    expecting,
    failed,
    key_of,
    make_reply,
    outcome,
    system_apart,
)
from roadworthy.evaluate.targets.refusals import nested
from roadworthy.evaluate.targets.spec import Given
from roadworthy.evaluate.targets.sse import Event, cut_off
from roadworthy.evaluate.targets.wire import credentials
from roadworthy.evaluate.tool_call import ToolCall

_NAMES = {"max_tokens": "max_tokens", "stop": "stop_sequences", "temperature": "temperature", "top_p": "top_p"}
_SINCE_2026 = frozenset({"max_tokens", "stop"})
_PASSING = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
_OVERLOADED = frozenset({"overloaded_error", "rate_limit_error"})
_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicTarget(ChatTarget):
    """Messages at `<base_url>/v1/messages`."""

    kind: Literal["anthropic"]
    base_url: str = "https://api.anthropic.com"
    """May hold ${ENV}."""
    model: str
    """Name sent as `model`; may hold ${ENV}."""
    api_key_env: str
    """Name of the environment variable that holds the key."""
    version: Literal["2026-10-21", "2023-06-01"] = "2026-10-21"
    """Sent as `anthropic-version`; the older one takes `temperature` and `top_p` too."""
    stream: bool = False
    """Ask for the answer in pieces; a stream without its end marker is an error."""
    extra: dict[str, Any] = {}
    """Further keys of the request body."""

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that it can send."""
        return _SINCE_2026 if self.version == "2026-10-21" else frozenset(_NAMES)

    @property
    def needs(self) -> frozenset[str]:
        """Keys of `sampling` that it cannot do without."""
        return frozenset({"max_tokens"})

    @property
    def system_first(self) -> bool:
        """Tell that system messages stand apart."""
        return True

    def bind(self, given: Given) -> Chat:
        """Get ready to ask."""
        base = expand(self.base_url, given.place)
        key = key_of(self.api_key_env, given.place)
        let_in = {"Authorization": f"Bearer {key}"} if self.version == "2026-10-21" else {"X-Api-Key": key}
        name = {"kind": "anthropic", "base_url": self.base_url, "model": self.model, "version": self.version}
        return Chat(
            name={**name, "stream": True} if self.stream else name,
            dialect=Messages(expand(self.model, given.place), self.stream),
            endpoint=Endpoint(
                base.rstrip("/") + "/v1/messages",
                {"Content-Type": "application/json", "anthropic-version": self.version, **let_in},
                frozenset([key]) | credentials(base),
                self.api_key_env,
            ),
            given=given,
            extra=self.extra,
            stream=self.stream,
        )


@dataclass(frozen=True)
class Messages:
    """Bodies of `POST /v1/messages` and their answers."""

    model: str
    stream: bool

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation as the body of a request; the system prompt stands apart."""
        system, said = system_apart(messages)
        sent = {_NAMES[name]: value for name, value in settings.items()}
        how = {"stream": True} if self.stream else {}
        return {"model": self.model, **({"system": system} if system else {}), "messages": said, **sent, **how}

    def read(self, answer: Any) -> Reply:
        """Read a message; `finish` is its stop_reason. Tokens in include those of the prompt cache."""
        with expecting("content of a message"):
            content, usage = answer["content"], answer.get("usage") or {}
            calls = [_call(block) for block in content if block["type"] == "tool_use"]
            return make_reply(
                text="".join(block["text"] for block in content if block["type"] == "text"),
                model=answer.get("model"),
                finish=answer.get("stop_reason"),
                response_id=answer.get("id"),
                tokens_in=sum(usage.get(key) or 0 for key in _INPUT) if usage else None,
                tokens_out=usage.get("output_tokens"),
                steps=calls or None,
            )

    def joined(self, events: Sequence[Event]) -> Any:
        """Put the events of a stream together."""
        whole = _Whole()
        for event in events:
            with expecting("event of a message"):
                if whole.add(event.json):
                    return whole.message
        raise cut_off("message_stop")

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the key `tools`."""
        return {"tools": [{"name": t.name, "description": t.description, "input_schema": t.parameters} for t in tools]}

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request: the content goes back whole, thinking and its signatures included."""
        results = [
            {
                "type": "tool_result",
                "tool_use_id": call.call_id,
                "content": outcome(call),
                **({"is_error": True} if call.error is not None else {}),
            }
            for call in calls
        ]
        turns = [{"role": "assistant", "content": answer["content"]}, {"role": "user", "content": results}]
        return {**body, "messages": [*body["messages"], *turns]}


def _call(block: Any) -> dict[str, Any]:
    return {"name": block["name"], "arguments": block["input"], "call_id": block["id"]}


class _Whole:
    """A message that grows by events."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}
        self._json: dict[int, str] = {}

    def add(self, event: Any) -> bool:
        """Take one event; tell whether it was the last."""
        match event["type"]:
            case "message_start":
                self.message = {**event["message"], "content": []}
            case "content_block_start":
                self.message["content"].append(dict(event["content_block"]))
            case "content_block_delta":
                self._grow(event["index"], event["delta"])
            case "content_block_stop":
                self._close(event["index"])
            case "message_delta":
                self.message.update(event["delta"])
                self.message["usage"] = {**(self.message.get("usage") or {}), **_said(event.get("usage"))}
            case "message_stop":
                return True
            case "error":
                kind = nested(event, "error", "type") or "error"
                said = nested(event, "error", "message")
                raise failed(kind, said, again=kind in _PASSING, overloaded=kind in _OVERLOADED)
        return False

    def _grow(self, index: int, delta: Any) -> None:
        block = self.message["content"][index]
        match delta["type"]:
            case "text_delta":
                block["text"] += delta["text"]
            case "input_json_delta":
                self._json[index] = self._json.get(index, "") + delta["partial_json"]
            case "thinking_delta":
                block["thinking"] += delta["thinking"]
            case "signature_delta":
                block["signature"] = delta["signature"]

    def _close(self, index: int) -> None:
        if written := self._json.pop(index, ""):
            self.message["content"][index]["input"] = arguments(written)


def _said(usage: Any) -> dict[str, Any]:
    """Keep what the last word on usage holds; what it leaves null was said at the start."""
    return {key: value for key, value in (usage or {}).items() if value is not None}
