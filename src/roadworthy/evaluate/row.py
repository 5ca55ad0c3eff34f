"""One recorded sample, as the journal and the tables hold it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class SampleStatus(StrEnum):
    """What became of a sample."""

    SCORED = "scored"
    ERRORED = "errored"
    """The target gave no usable answer."""
    UNSCORED = "unscored"
    """A scorer could not judge."""


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sample in one epoch."""

    sample: str
    epoch: int
    unit: str | None = None
    slices: dict[str, str | None] = {}
    status: SampleStatus
    scores: dict[str, float | None] = {}
    error: str | None = None
    seconds: float | None = None
    """Of the call that answered."""
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    attempts: int = 0
    """Calls made; 0 when the answer was recorded or cached."""
    cached: bool = False
    response_digest: str | None = None
    request: str | None = None
    """What was sent, as JSON; kept in the transcript only."""
    response: str | None = None
    steps: str | None = None
    """Tools that were called, as JSON; kept in the transcript only."""
    model: str | None = None
    finish: str | None = None
    response_id: str | None = None
    system_fingerprint: str | None = None
    asked_at: int | None = None
    """Seconds since 1970."""
    weight: int = 1
    """Samples that this stands for."""
    round: int = 1
    """Of a run in two rounds: the one in which it was asked."""

    @property
    def key(self) -> tuple[str, int]:
        """Return what is unique in a run."""
        return self.sample, self.epoch
