"""A remark of a critique: what is missing or weak, and what would settle it; the gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from roadworthy.assess.risk import Band
from roadworthy.core.model import FileModel


class Gravity(StrEnum):
    """How much a remark takes from what was written, most first."""

    MISSING = "missing"
    """Something is not there, and what was written does not hold without it."""
    WEAK = "weak"
    """It is there, and does not carry what rests on it."""
    SOON = "soon"
    """It carries today, and will not for long."""

    @property
    def rank(self) -> int:
        """Rank from 0 (missing) to 2 (soon)."""
        return list(Gravity).index(self)


class Remark(FileModel):
    """Something that a rule of the critique found."""

    rule: str = ""
    """Id of the rule that found it; the critique fills it in, and the gravity."""
    gravity: Gravity = Gravity.MISSING
    says: str
    """What is missing or weak, in a sentence."""
    settles: str
    """What to do or to show, in a sentence."""
    scenario: str = ""
    """Id of the scenario that it is about; empty for the whole."""
    mitigation: str = ""
    """Id of the mitigation that it is about, in one scenario or in several; empty for others."""
    requirement: str = ""
    """Id of the requirement that it is about; empty for others."""
    band: Band | None = None
    """Of the risk that it is about; the upper end, today."""


def ranked(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """Order remarks: by gravity, then by the band of the risk, then as they were found."""
    return tuple(sorted(remarks, key=lambda one: (one.gravity.rank, -(one.band.rank if one.band else -1))))
