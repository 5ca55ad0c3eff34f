"""What a target gives back: a reply, or an error that says whether asking again may help."""

from __future__ import annotations

import msgspec

from roadworthy.core.errors import RoadworthyError
from roadworthy.evaluate.tool_call import ToolCall


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer of a target."""

    text: str
    model: str | None = None
    """The model that the server says has answered."""
    finish: str | None = None
    """Why it ended: stop, length, content_filter, ..."""
    response_id: str | None = None
    system_fingerprint: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    recorded: dict[str, float | None] = {}
    """Scores that came with the answer, as recorded logs and predictions have them."""
    steps: tuple[ToolCall, ...] | None = None
    """Tools that were called, in order; None where nothing is known of them."""
    seconds: float | None = None
    asked_at: int | None = None
    """Seconds since 1970 when the answer was asked for."""


class TargetError(RoadworthyError):
    """The target gave no usable answer."""

    def __init__(
        self,
        problem: str,
        *,
        remedy: str | None = None,
        retry: bool = False,
        retry_after: float | None = None,
        overloaded: bool = False,
        recorded: dict[str, float | None] | None = None,
    ) -> None:
        super().__init__(problem, remedy=remedy)
        self.retry = retry
        """Asking again may help."""
        self.retry_after = retry_after
        """Seconds to wait, as the server asks."""
        self.overloaded = overloaded
        """It says that it is asked too much."""
        self.recorded = recorded or {}
        """What is known of the sample all the same, such as its true label."""
