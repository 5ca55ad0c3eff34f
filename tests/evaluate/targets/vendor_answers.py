"""Answers of the vendors, whole and in pieces, with text and with tool calls."""

from __future__ import annotations

import json
from typing import Any

TEXT = "Four, said the café."
PIECES = ["Four,", " said the", " café."]
CALLS = [("c1", "find_order", {"order": "17"}), ("c2", "send_email", {"to": "a@example.org", "text": "Hi"})]
TOKENS_IN, TOKENS_OUT = 21, 9


def completion(calls: bool = False) -> dict[str, Any]:
    made = [{"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}} for i, n, a in CALLS]
    message: dict[str, Any] = {"role": "assistant", "content": None if calls else TEXT, "refusal": None}
    if calls:
        message["tool_calls"] = made
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1760000000,
        "model": "gpt-5.1-2026-03-01",
        "system_fingerprint": "fp_7",
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": "tool_calls" if calls else "stop",
            }
        ],
        "usage": {"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT, "total_tokens": TOKENS_IN + TOKENS_OUT},
    }


def completion_chunks(calls: bool = False) -> list[dict[str, Any]]:
    whole = completion(calls)
    shared = {k: whole[k] for k in ("id", "created", "model", "system_fingerprint")}
    shared["object"] = "chat.completion.chunk"
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    if calls:
        for at, (call, name, given) in enumerate(CALLS):
            written = json.dumps(given)
            first = {"index": at, "id": call, "type": "function", "function": {"name": name, "arguments": ""}}
            deltas.append({"tool_calls": [first]})
            parts = (written[:5], written[5:])
            deltas += [{"tool_calls": [{"index": at, "function": {"arguments": part}}]} for part in parts]
    else:
        deltas += [{"content": piece} for piece in PIECES]
    chunks = [{**shared, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    finish = whole["choices"][0]["finish_reason"]
    chunks.append({**shared, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    return [*chunks, {**shared, "choices": [], "usage": whole["usage"]}]


def response(calls: bool = False, status: str = "completed", reason: str | None = None) -> dict[str, Any]:
    text = {"type": "output_text", "text": TEXT, "annotations": [], "logprobs": []}
    message = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    made = [
        {
            "type": "function_call",
            "id": f"fc_{i}",
            "call_id": i,
            "name": n,
            "arguments": json.dumps(a),
            "status": "completed",
        }
        for i, n, a in CALLS
    ]
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1760000000,
        "status": status,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "metadata": {},
        "model": "gpt-5.1-2026-03-01",
        "output": [thought, *(made if calls else [message])],
        "parallel_tool_calls": True,
        "temperature": 0.5,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": TOKENS_IN,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": TOKENS_OUT,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        },
    }


def response_events(calls: bool = False) -> list[dict[str, Any]]:
    whole = response(calls)
    started = {**whole, "status": "in_progress", "output": [], "usage": None}
    about = {"item_id": "msg_1", "output_index": 1, "content_index": 0, "logprobs": []}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": started}]
    if not calls:
        events += [{"type": "response.output_text.delta", **about, "delta": piece} for piece in PIECES]
    events.append({"type": "response.completed", "response": whole})
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def message(calls: bool = False) -> dict[str, Any]:
    made = [{"type": "tool_use", "id": i, "name": n, "input": a} for i, n, a in CALLS]
    thought = {"type": "thinking", "thinking": "Two and two.", "signature": "sig=="}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5-5",
        "content": [thought, *made] if calls else [thought, {"type": "text", "text": TEXT}],
        "stop_reason": "tool_use" if calls else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": TOKENS_IN - 5,
            "cache_creation_input_tokens": 2,
            "cache_read_input_tokens": 3,
            "output_tokens": TOKENS_OUT,
        },
    }


def message_events(calls: bool = False) -> list[dict[str, Any]]:
    whole = message(calls)
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for at, block in enumerate(whole["content"]):
        empty, deltas = _in_pieces(block)
        events.append({"type": "content_block_start", "index": at, "content_block": empty})
        events += [{"type": "content_block_delta", "index": at, "delta": delta} for delta in deltas]
        events.append({"type": "content_block_stop", "index": at})
    ended = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    events.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": TOKENS_OUT}})
    return [*events, {"type": "message_stop"}]


def _in_pieces(block: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    if block["type"] == "text":
        return {"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in PIECES]
    if block["type"] == "thinking":
        return {"type": "thinking", "thinking": "", "signature": ""}, [
            {"type": "thinking_delta", "thinking": block["thinking"]},
            {"type": "signature_delta", "signature": block["signature"]},
        ]
    written = json.dumps(block["input"])
    return {**block, "input": {}}, [
        {"type": "input_json_delta", "partial_json": part} for part in ("", written[:6], written[6:])
    ]


def contents(calls: bool = False, text: str = TEXT) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": "Two and two.", "thought": True}, {"text": text}]
    if calls:
        parts = [{"functionCall": {"id": i, "name": n, "args": a}, "thoughtSignature": "c2ln"} for i, n, a in CALLS]
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}],
        "usageMetadata": {
            "promptTokenCount": TOKENS_IN,
            "candidatesTokenCount": TOKENS_OUT - 4,
            "thoughtsTokenCount": 4,
            "totalTokenCount": TOKENS_IN + TOKENS_OUT,
        },
        "modelVersion": "gemini-3-flash-001",
        "responseId": "r-1",
    }


def contents_chunks(calls: bool = False) -> list[dict[str, Any]]:
    whole = contents(calls)
    shared = {k: whole[k] for k in ("modelVersion", "responseId")}
    all_parts = whole["candidates"][0]["content"]["parts"]
    parts = all_parts if calls else [all_parts[0], *({"text": piece} for piece in PIECES)]
    chunks = [{"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}], **shared} for part in parts]
    chunks[-1]["candidates"][0]["finishReason"] = "STOP"
    chunks[-1]["usageMetadata"] = whole["usageMetadata"]
    return chunks


def converse(calls: bool = False) -> dict[str, Any]:
    made = [{"toolUse": {"toolUseId": i, "name": n, "input": a}} for i, n, a in CALLS]
    return {
        "output": {"message": {"role": "assistant", "content": made if calls else [{"text": TEXT}]}},
        "stopReason": "tool_use" if calls else "end_turn",
        "usage": {
            "inputTokens": TOKENS_IN - 3,
            "cacheReadInputTokens": 3,
            "outputTokens": TOKENS_OUT,
            "totalTokens": TOKENS_IN + TOKENS_OUT,
        },
        "metrics": {"latencyMs": 12},
    }
