"""What a run has used, and when it must stop."""

from __future__ import annotations

from dataclasses import dataclass, field

from roadworthy.evaluate.limits import Limits


@dataclass
class Usage:
    """What a run has taken so far."""

    calls: int = 0
    cached: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None

    def add(self, tokens_in: int | None, tokens_out: int | None, cost: float | None) -> None:
        """Count one answer; what is unknown stays unknown."""
        self.tokens_in = _sum(self.tokens_in, tokens_in)
        self.tokens_out = _sum(self.tokens_out, tokens_out)
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost

    def since(self, earlier: Usage) -> Usage:
        """Return what was taken after `earlier`; what is unknown stays unknown."""
        return Usage(
            self.calls - earlier.calls,
            self.cached - earlier.cached,
            None if self.tokens_in is None else self.tokens_in - (earlier.tokens_in or 0),
            None if self.tokens_out is None else self.tokens_out - (earlier.tokens_out or 0),
            None if self.cost is None else self.cost - (earlier.cost or 0.0),
        )


def _sum(so_far: int | None, more: int | None) -> int | None:
    return so_far if more is None else (so_far or 0) + more


@dataclass
class Budget:
    """Say when a run must stop."""

    limits: Limits
    usage: Usage = field(default_factory=Usage)
    failures_in_a_row: int = 0

    def used_up(self) -> str | None:
        """Return why no further call may be made, None while one may."""
        limits, usage = self.limits, self.usage
        if limits.max_calls is not None and usage.calls >= limits.max_calls:
            return f"the budget of {limits.max_calls:,} calls is used up"
        tokens = (usage.tokens_in or 0) + (usage.tokens_out or 0)
        if limits.max_tokens is not None and tokens >= limits.max_tokens:
            return f"the budget of {limits.max_tokens:,} tokens is used up"
        if limits.max_cost is not None and (usage.cost or 0.0) >= limits.max_cost:
            return f"the budget of {limits.max_cost:g} in cost is used up"
        return self.used_up_by_failures()

    def used_up_by_failures(self) -> str | None:
        """Return that the target seems to be down, after enough samples in a row without a usable answer."""
        if self.failures_in_a_row < self.limits.give_up_after:
            return None
        return f"{self.failures_in_a_row:,} samples in a row got no usable answer from the target"

    def answered(self, *, usable: bool) -> None:
        """Count one finished sample."""
        self.failures_in_a_row = 0 if usable else self.failures_in_a_row + 1
