"""The Responses API of OpenAI.

Source: OpenAI API reference, "Responses" (create, object, streaming events).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.targets.answer import arguments
from roadworthy.evaluate.targets.chat import Body, ToolSchema, expecting, failed, make_reply, outcome
from roadworthy.evaluate.targets.completions import reported
from roadworthy.evaluate.targets.refusals import nested
from roadworthy.evaluate.targets.sse import Event, cut_off
from roadworthy.evaluate.tool_call import ToolCall

NAMES = {"temperature": "temperature", "top_p": "top_p", "max_tokens": "max_output_tokens"}
_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_WHOLE = frozenset({"completed", "incomplete"})


@dataclass(frozen=True)
class Responses:
    """Bodies of `POST .../responses` and their answers."""

    model: str
    stream: bool

    def body(self, messages: list[dict[str, str]], settings: Mapping[str, Any]) -> Body:
        """Write a conversation as the body of a request."""
        sent = {NAMES[name]: value for name, value in settings.items()}
        return {"model": self.model, "input": messages, **sent, **({"stream": True} if self.stream else {})}

    def read(self, answer: Any) -> Reply:
        """Read a whole response; `finish` is its status, or why it is incomplete."""
        with expecting("output of a response"):
            status = answer.get("status") or "completed"
            if error := answer.get("error"):
                raise reported(error)
            if status not in _WHOLE:
                raise failed("status", status, again=True)
            usage = answer.get("usage") or {}
            calls = [_call(item) for item in answer["output"] if item["type"] == "function_call"]
            return make_reply(
                text=_said(answer["output"]),
                model=answer.get("model"),
                finish=nested(answer, "incomplete_details", "reason") or status,
                response_id=answer.get("id"),
                tokens_in=usage.get("input_tokens"),
                tokens_out=usage.get("output_tokens"),
                steps=calls or None,
            )

    def joined(self, events: Sequence[Event]) -> Any:
        """Take the whole response out of the event that ends the stream."""
        for event in events:
            with expecting("event of a response"):
                said = event.json
                if said["type"] == "error":
                    raise reported(said)
                if said["type"] in _ENDS:
                    return said["response"]
        raise cut_off("response.completed")

    def offer(self, tools: Sequence[ToolSchema]) -> Body:
        """Write the key `tools`; the schemas are taken as they are, not made strict."""
        told = ({"name": t.name, "description": t.description, "parameters": t.parameters} for t in tools)
        return {"tools": [{"type": "function", **function, "strict": False} for function in told]}

    def follow(self, body: Body, answer: Any, calls: Sequence[ToolCall]) -> Body:
        """Write the next request: the output goes back whole, reasoning included."""
        results = [{"type": "function_call_output", "call_id": c.call_id, "output": outcome(c)} for c in calls]
        return {**body, "input": [*body["input"], *answer["output"], *results]}


def _said(output: list[Any]) -> str:
    """Join the texts of all messages; without any, the refusals."""
    parts = [part for item in output if item["type"] == "message" for part in item["content"]]
    text = "".join(part["text"] for part in parts if part["type"] == "output_text")
    return text or "".join(part["refusal"] for part in parts if part["type"] == "refusal")


def _call(item: Any) -> dict[str, Any]:
    return {"name": item["name"], "arguments": arguments(item["arguments"]), "call_id": item["call_id"]}
