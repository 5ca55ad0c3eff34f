"""The four factors of a risk, the five steps of each, and a range of steps.

The steps are words first and numbers second, as in FMEA and MIL-STD-882E. `exposure` is that of ISO 26262-3: the
share of use in which the situation arises. `detectability` counts as FMEA's detection does: 5 is the hardest to see.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_serializer, model_validator

from roadworthy.core.model import FileModel

LOWEST, HIGHEST = 1, 5
Step = Annotated[int, Field(ge=LOWEST, le=HIGHEST)]


class Factor(StrEnum):
    """One of the four things that a rating judges; on each, more is worse."""

    SEVERITY = "severity"
    LIKELIHOOD = "likelihood"
    EXPOSURE = "exposure"
    DETECTABILITY = "detectability"


STEPS: dict[Factor, tuple[str, str, str, str, str]] = {
    Factor.SEVERITY: (
        "a nuisance, put right at once",
        "lost time or money that is soon made good",
        "harm that takes effort to repair, to a person or the organisation",
        "serious harm to health, livelihood, rights or safety, or to many people at once",
        "death, lasting injury, loss of liberty or another harm that nobody can undo",
    ),
    Factor.LIKELIHOOD: (
        "nearly never when the situation arises: fewer than 1 in 10,000 times",
        "rarely: fewer than 1 in 1,000 times",
        "now and then: fewer than 1 in 100 times",
        "often: fewer than 1 in 10 times",
        "as a rule: 1 in 10 times or more",
    ),
    Factor.EXPOSURE: (
        "the situation hardly ever arises: less than 0.1 % of use",
        "it is rare: less than 1 % of use",
        "it is occasional: less than 10 % of use",
        "it is common: less than half of use",
        "it is what the system is used for",
    ),
    Factor.DETECTABILITY: (
        "noticed and stopped before it does harm, always",
        "nearly always noticed in time",
        "noticed in time about as often as not",
        "mostly noticed after the harm",
        "not noticed unless somebody goes looking",
    ),
}
"""What each step from 1 to 5 means."""


class Range(FileModel):
    """The steps between which a factor is believed to lie; written `[low, high]`, or one number."""

    low: Step
    high: Step

    @model_validator(mode="before")
    @classmethod
    def _from_a_list(cls, value: Any) -> Any:
        if isinstance(value, int):
            return {"low": value, "high": value}
        if isinstance(value, list | tuple) and len(value) == 2:
            return {"low": value[0], "high": value[1]}
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.low > self.high:
            raise ValueError(f"a range begins at its lower end; [{self.low}, {self.high}] does not")
        return self

    @model_serializer
    def _as_a_list(self) -> list[int]:
        return [self.low, self.high]

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"

    def shifted(self, low: int, high: int) -> Range:
        """Move the ends by `low` and `high` steps; neither leaves the scale, nor does the lower pass the upper."""
        top = min(max(self.high + high, LOWEST), HIGHEST)
        return Range(low=min(max(self.low + low, LOWEST), top), high=top)


class Rating(FileModel):
    """A range on each factor."""

    severity: Range
    likelihood: Range
    exposure: Range
    detectability: Range

    def of(self, factor: Factor) -> Range:
        """Return the range of one factor."""
        found: Range = getattr(self, factor.value)
        return found

    def put(self, factor: Factor, range_: Range) -> Rating:
        """Return the rating with another range for one factor."""
        return self.model_copy(update={factor.value: range_})
