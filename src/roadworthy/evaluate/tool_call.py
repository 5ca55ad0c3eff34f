"""One call of a tool by the system under test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


class ToolCall(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was called, with what, and what came of it."""

    name: str
    arguments: Any = None
    """As the model gave them; a text where they were not JSON."""
    result: str | None = None
    """None when it failed, or was asked for and never run."""
    error: str | None = None
    step: int = 1
    """Which turn of the model asked for it, from 1."""
    call_id: str | None = None
    """The vendor's name of the call."""


def cleaned(call: ToolCall, redact: Callable[[str], str]) -> ToolCall:
    """Take secrets out of everything that a call holds."""
    return msgspec.json.decode(redact(msgspec.json.encode(call).decode()), type=ToolCall)
