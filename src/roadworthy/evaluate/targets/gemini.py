"""Google's Gemini API.

Source: Gemini API reference, "Generating content" (generateContent, streamGenerateContent with alt=sse).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.reply import Reply
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
    system_apart,
)
from roadworthy.evaluate.targets.refusals import nested
from roadworthy.evaluate.targets.spec import Given
from roadworthy.evaluate.targets.sse import Event, cut_off
from roadworthy.evaluate.targets.wire import credentials
from roadworthy.evaluate.tool_call import ToolCall

_NAMES = {
    "temperature": "temperature",
    "top_p": "topP",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
}
_ROLES = {"user": "user", "assistant": "model"}
_PASSING = frozenset({429, 500, 503, 504})
_OVERLOADED = frozenset({429, 503})


class GeminiTarget(ChatTarget):
    """Contents at `<base_url>/models/<model>:generateContent`. A blocked prompt is an empty answer that says so."""

    kind: Literal["gemini"]
    base_url: str = "https://generativelanguage.googleapis.com/v1"
    """With the version of the API; may hold ${ENV}."""
    model: str
    """For example gemini-2.5-flash; may hold ${ENV}."""
    api_key_env: str
    """Name of the environment variable that holds the key; it is sent as a header, never in the address."""
    stream: bool = False
    """Ask for the answer in pieces; a stream without its end marker is an error."""
    extra: dict[str, Any] = {}
    """Further keys of the request body, also inside `generationConfig`."""

    @property
    def takes(self) -> frozenset[str]:
        """Keys of `sampling` that it can send."""
        return frozenset(_NAMES)

    @property
    def system_first(self) -> bool:
        """Tell that system messages stand apart."""
        return True

    def bind(self, given: Given) -> Chat:
        """Get ready to ask."""
        base = expand(self.base_url, given.place)
        model = expand(self.model, given.place)
        key = key_of(self.api_key_env, given.place)
        call = "streamGenerateContent?alt=sse" if self.stream else "generateContent"
        name = {"kind": "gemini", "base_url": self.base_url, "model": model}
        return Chat(
            name={**name, "stream": True} if self.stream else name,
            dialect=Contents(),
            endpoint=Endpoint(
                f"{base.rstrip('/')}/models/{quote(model, safe='')}:{call}",
                {"Content-Type": "application/json", "x-goog-api-key": key},
                frozenset([key]) | credentials(base),
                self.api_key_env,
            ),
            given=given,
            extra=self.extra,
            stream=self.stream,
        )


@dataclass(frozen=True)
class Contents:
    """Bodies of `POST .../models/<model>:generateContent` and their answers."""

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation as the body of a request."""
        system, said = system_apart(messages)
        body: Body = {"contents": [{"role": _ROLES[m["role"]], "parts": [{"text": m["content"]}]} for m in said]}
        if system:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        if settings:
            body["generationConfig"] = {_NAMES[name]: value for name, value in settings.items()}
        return body

    def read(self, answer: Any) -> Reply:
        """Read an answer; `finish` is its finishReason, or the blockReason of the prompt. Thoughts are left out."""
        with expecting("candidates[0].content"):
            if answer.get("error"):
                raise _reported(answer["error"])
            usage = answer.get("usageMetadata") or {}
            candidate = _candidate(answer)
            parts = [part for part in nested(candidate, "content", "parts") or [] if not part.get("thought")]
            calls = [_call(part["functionCall"]) for part in parts if "functionCall" in part]
            return make_reply(
                text="".join(part["text"] for part in parts if "text" in part),
                model=answer.get("modelVersion"),
                finish=candidate.get("finishReason"),
                response_id=answer.get("responseId"),
                tokens_in=usage.get("promptTokenCount"),
                tokens_out=_sum(usage.get("candidatesTokenCount"), usage.get("thoughtsTokenCount")),
                steps=calls or None,
            )

    def joined(self, events: Sequence[Event]) -> Any:
        """Put the chunks of a stream together; the last says why it ended."""
        whole: dict[str, Any] = {}
        parts: list[Any] = []
        finish: str | None = None
        for event in events:
            with expecting("chunk of a candidate"):
                chunk = event.json
                if chunk.get("error"):
                    raise _reported(chunk["error"])
                whole.update({key: value for key, value in chunk.items() if key != "candidates"})
                for candidate in (chunk.get("candidates") or [])[:1]:
                    parts += nested(candidate, "content", "parts") or []
                    finish = candidate.get("finishReason") or finish
        if finish is None:
            if nested(whole, "promptFeedback", "blockReason"):
                return whole
            raise cut_off("a finishReason")
        return {**whole, "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish}]}

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the key `tools`."""
        told = [{"name": t.name, "description": t.description, "parametersJsonSchema": t.parameters} for t in tools]
        return {"tools": [{"functionDeclarations": told}]}

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request: the content goes back whole, signatures of thoughts included."""
        results = [{"functionResponse": _result(call)} for call in calls]
        turns = [answer["candidates"][0]["content"], {"role": "user", "parts": results}]
        return {**body, "contents": [*body["contents"], *turns]}


def _candidate(answer: Any) -> Any:
    """Return the first candidate; where the prompt was blocked, there is none, and the reason is its end."""
    if candidates := answer.get("candidates"):
        return candidates[0]
    return {"finishReason": answer["promptFeedback"]["blockReason"]}


def _call(call: Any) -> dict[str, Any]:
    return {"name": call["name"], "arguments": call.get("args") or {}, "call_id": call.get("id")}


def _result(call: ToolCall) -> dict[str, Any]:
    said = {"error": call.error} if call.error is not None else {"result": call.result or ""}
    return {**({"id": call.call_id} if call.call_id else {}), "name": call.name, "response": said}


def _reported(error: Any) -> Exception:
    code = nested(error, "code")
    said = nested(error, "message") or error
    return failed(str(nested(error, "status") or code), said, again=code in _PASSING, overloaded=code in _OVERLOADED)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
