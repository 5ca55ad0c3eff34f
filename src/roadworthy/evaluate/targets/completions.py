"""The chat completions protocol of OpenAI, which most servers of models speak.

Source: OpenAI API reference, "Chat Completions" (create, object, streaming).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.targets.answer import arguments
from roadworthy.evaluate.targets.chat import (
    Body,
    ToolSchema,
    expecting,
    failed,
    make_reply,
    outcome,
)
from roadworthy.evaluate.targets.refusals import nested
from roadworthy.evaluate.targets.sse import Event, cut_off
from roadworthy.evaluate.tool_call import ToolCall

_END = "[DONE]"
_PASSING = frozenset({"rate_limit_exceeded", "server_error", "overloaded_error", "429", "500", "502", "503", "529"})
_OVERLOADED = frozenset({"rate_limit_exceeded", "overloaded_error", "429", "503", "529"})


@dataclass(frozen=True)
class ChatCompletions:
    """Bodies of `POST .../chat/completions` and their answers."""

    model: str
    names: Mapping[str, str]
    """Our name of a setting -> its key in the body."""
    stream: bool

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation as the body of a request."""
        sent = {self.names[name]: value for name, value in settings.items()}
        how = {"stream": True, "stream_options": {"include_usage": True}} if self.stream else {}
        return {"model": self.model, "messages": messages, **sent, **how}

    def read(self, answer: Any) -> Reply:
        """Read a whole answer."""
        return read_completion(answer)

    def joined(self, events: Sequence[Event]) -> Any:
        """Put the chunks of a stream together."""
        whole = _Whole()
        for event in events:
            if event.data == _END:
                return whole.answer()
            with expecting("chunk of a chat completion"):
                whole.add(event.json)
        raise cut_off(f"data: {_END}")

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the key `tools`."""
        told = ({"name": t.name, "description": t.description, "parameters": t.parameters} for t in tools)
        return {"tools": [{"type": "function", "function": function} for function in told]}

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request."""
        said = answer["choices"][0]["message"]
        message = {"role": "assistant", "content": said.get("content") or None, "tool_calls": said["tool_calls"]}
        results = [{"role": "tool", "tool_call_id": call.call_id, "content": outcome(call)} for call in calls]
        return {**body, "messages": [*body["messages"], message, *results]}


class _Whole:
    """A chat completion that grows by chunks."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}
        self._message: dict[str, Any] = {"role": "assistant", "content": None}
        self._calls: dict[int, dict[str, Any]] = {}
        self._finish: str | None = None

    def add(self, chunk: Any) -> None:
        if chunk.get("error"):
            raise reported(chunk["error"])
        for key in ("id", "model", "system_fingerprint", "usage"):
            if chunk.get(key) is not None:
                self._said[key] = chunk[key]
        for choice in chunk.get("choices") or []:
            if choice.get("index", 0) == 0:
                self._finish = choice.get("finish_reason") or self._finish
                self._grow(choice.get("delta") or {})

    def _grow(self, delta: dict[str, Any]) -> None:
        for key in ("content", "refusal"):
            if delta.get(key) is not None:
                self._message[key] = (self._message.get(key) or "") + delta[key]
        for part in delta.get("tool_calls") or []:
            empty: dict[str, Any] = {"type": "function", "function": {"name": "", "arguments": ""}}
            call = self._calls.setdefault(part.get("index", 0), empty)
            call["id"] = part.get("id") or call.get("id")
            for key, piece in (part.get("function") or {}).items():
                call["function"][key] = (call["function"].get(key) or "") + (piece or "")

    def answer(self) -> Any:
        if self._calls:
            self._message["tool_calls"] = [call for _, call in sorted(self._calls.items())]
        return {**self._said, "choices": [{"message": self._message, "finish_reason": self._finish}]}


def reported(error: Any) -> Exception:
    """Make the TargetError of an error object inside an answer."""
    kind = str(nested(error, "code") or nested(error, "type") or "error")
    said = nested(error, "message") or error
    return failed(kind, said, again=kind in _PASSING, overloaded=kind in _OVERLOADED)


def read_completion(answer: Any) -> Reply:
    """Read a chat completion; the model and fingerprint that the server reports are kept.

    Raises TargetError when there is no message in it. A message without content is an empty text, or the text of
    its `refusal`.
    """
    with expecting("choices[0].message"):
        choice = answer["choices"][0]
        message = choice["message"]
        usage = answer.get("usage") or {}
        calls = message.get("tool_calls")
        return make_reply(
            text=_text(message.get("content")) or message.get("refusal") or "",
            model=answer.get("model"),
            finish=choice.get("finish_reason"),
            response_id=answer.get("id"),
            system_fingerprint=answer.get("system_fingerprint"),
            tokens_in=usage.get("prompt_tokens"),
            tokens_out=usage.get("completion_tokens"),
            steps=[_call(call) for call in calls] if calls else None,
        )


def _call(call: Any) -> dict[str, Any]:
    function = call["function"]
    return {"name": function["name"], "arguments": arguments(function.get("arguments")), "call_id": call.get("id")}


def _text(content: Any) -> str:
    """Join the text parts of a content, which is text, null, or a list of parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if part.get("type") == "text")
    if content is None or isinstance(content, str):
        return content or ""
    raise TypeError
