"""What code of the team gives back: a text, or a mapping with `text`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.template import as_text
from roadworthy.evaluate.tool_call import ToolCall


class _Call(msgspec.Struct, forbid_unknown_fields=True):
    """One tool call, as a team's agent reports it."""

    name: str
    arguments: Any = None
    result: Any = None
    error: str | None = None
    step: int = 1


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a function may return instead of a text."""

    text: str
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish: str | None = None
    scores: dict[str, float | None] = {}
    tool_calls: list[_Call] | None = None
    messages: list[dict[str, Any]] | None = None


def read_answer(answer: Any, who: str = "the function") -> Reply:
    """Read what code of the team gave back: a text, a number, or a mapping with `text`. Raises TargetError else.

    Tool calls are those of `tool_calls`; without that key, those inside `messages` (the conversation as chat
    completions write it).
    """
    if isinstance(answer, Mapping):
        try:
            known = msgspec.convert(dict(answer), _Answer)
            steps = _steps(known)
        except (msgspec.ValidationError, KeyError, TypeError, AttributeError) as error:
            raise TargetError(f"{who} returned a mapping that is not an answer: {error}") from error
        return Reply(
            text=known.text,
            model=known.model,
            finish=known.finish,
            tokens_in=known.tokens_in,
            tokens_out=known.tokens_out,
            recorded=known.scores,
            steps=steps,
        )
    if isinstance(answer, str | bool | int | float):
        return Reply(text=as_text(answer))
    raise TargetError(f"{who} returned {type(answer).__name__}, not a text or a mapping with 'text'")


def _steps(known: _Answer) -> tuple[ToolCall, ...] | None:
    if known.tool_calls is not None:
        return tuple(_told(call) for call in known.tool_calls)
    return None if known.messages is None else tuple(said_in(known.messages))


def _told(call: _Call) -> ToolCall:
    result = None if call.result is None else as_text(call.result)
    return ToolCall(call.name, call.arguments, result, call.error, call.step)


def said_in(messages: list[dict[str, Any]]) -> list[ToolCall]:
    """List the tool calls of a conversation as chat completions write it, each with its result."""
    results = {m.get("tool_call_id"): as_text(m.get("content")) for m in messages if m.get("role") == "tool"}
    asked = [m["tool_calls"] for m in messages if m.get("tool_calls")]
    return [
        ToolCall(
            call["function"]["name"],
            arguments(call["function"].get("arguments")),
            results.get(call.get("id")),
            None,
            step,
            call.get("id"),
        )
        for step, calls in enumerate(asked, 1)
        for call in calls
    ]


def arguments(text: Any) -> Any:
    """Read the arguments of a call, which some vendors send as JSON in a text; other text stays as it is."""
    if not isinstance(text, str):
        return text
    try:
        return msgspec.json.decode(text or "{}")
    except msgspec.DecodeError:
        return text
