"""What a vendor said when it turned a request down, and what a person can do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.targets.wire import Refused, parse_json

_SHOWN = 240
_SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")
_ADVICE = {
    400: "check the model and the keys under 'sampling' and 'extra'",
    401: "check the key in {key}",
    403: "check what the key in {key} is allowed to use",
    404: "check the address, the model and the version in 'target'",
    413: "the request is too long for this model",
    422: "check the keys under 'sampling' and 'extra'",
}


def explained(refused: Refused, key: str, redact: Callable[[str], str]) -> TargetError:
    """Say what the vendor's error holds and what to do; `key` is where the key is from."""
    said = message(refused.content)
    advice = _ADVICE.get(refused.status, "").format(key=key)
    problem = redact(f"HTTP {refused.status}: {said}")[:_SHOWN] if said else refused.problem
    return TargetError(
        f"{problem} ({advice})" if advice else problem,
        remedy=refused.remedy,
        retry=refused.retry,
        retry_after=refused.retry_after if refused.retry_after is not None else _retry_delay(refused.content),
        overloaded=refused.overloaded,
    )


def parsed(content: bytes) -> Any:
    """Parse the body of a refusal; None when it is not JSON."""
    try:
        return parse_json(content)
    except TargetError:
        return None


def message(content: bytes) -> str | None:
    """Find the sentence in the body of a refusal, where OpenAI, Anthropic, Google and Amazon put it."""
    body = parsed(content)
    found = nested(body, "error", "message") or nested(body, "message") or nested(body, "error")
    return " ".join(found.split()) if isinstance(found, str) else None


def nested(value: Any, *keys: str) -> Any:
    """Return what is at a path of keys; None when there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _retry_delay(content: bytes) -> float | None:
    """Read the seconds of a google.rpc.RetryInfo, with which Gemini asks to wait instead of by a header."""
    details = nested(parsed(content), "error", "details")
    delays = [nested(detail, "retryDelay") for detail in details] if isinstance(details, list) else []
    found = next((_SECONDS.fullmatch(delay) for delay in delays if isinstance(delay, str)), None)
    return float(found[1]) if found else None
