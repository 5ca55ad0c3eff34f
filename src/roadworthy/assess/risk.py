"""Score a rating: severity x likelihood x exposure x detectability, from the lower ends to the upper ends.

The product is the risk priority number of FMEA (IEC 60812) with a fourth factor. It orders risks for attention and is
no more than that: the steps are ranks, so a score of 200 is not twice one of 100, and different ratings share a score
(Bowles 2003, "An assessment of RPN prioritization"; Cox 2008, "What's wrong with risk matrices?"). Hence the ends are
carried through instead of a point, the band of the upper end counts, the severest harm is never in the lowest band
whatever its score, and no score is set against money or a rate.
"""

from __future__ import annotations

from enum import StrEnum
from math import prod

from roadworthy.assess.scale import HIGHEST, Factor, Rating
from roadworthy.core.model import FileModel


class Band(StrEnum):
    """How urgent a risk is, lowest first."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Rank from 0 (low) to 3 (critical)."""
        return list(Band).index(self)


BEGINS: dict[Band, int] = {Band.LOW: 1, Band.MODERATE: 2**4, Band.HIGH: 3**4, Band.CRITICAL: 4**4}
"""Smallest score of each band: what four factors at step 1, 2, 3 and 4 multiply to. Scores run from 1 to 625."""


class Score(FileModel):
    """The product of the lower ends and that of the upper ends, each with its band."""

    low: int
    high: int
    low_band: Band
    band: Band
    """Of the upper end; the one that counts."""

    def __str__(self) -> str:
        score = str(self.low) if self.low == self.high else f"{self.low} to {self.high}"
        bands = str(self.band) if self.low_band is self.band else f"{self.low_band} to {self.band}"
        return f"{score} ({bands})"

    @property
    def order(self) -> tuple[int, int, int]:
        """Sort key: the gravest last."""
        return self.band.rank, self.high, self.low


class Swing(FileModel):
    """What settling one factor at its lower end would do to the upper score."""

    factor: Factor
    spread: float
    """How many times the upper end is the lower one; 1 when it is settled."""
    high: int
    """The upper score then."""
    band: Band
    """The band then."""
    decides: bool
    """The band would be a lower one: the open question about this factor is what keeps it up."""


class Cell(FileModel):
    """A cell of the 5 x 5 heat map."""

    severity: int
    likelihood: int


def score(rating: Rating) -> Score:
    """Score a rating at both ends."""
    low, high = _product(rating, "low"), _product(rating, "high")
    return Score(
        low=low,
        high=high,
        low_band=band_of(low, rating.severity.low),
        band=band_of(high, rating.severity.high),
    )


def band_of(points: int, severity: int) -> Band:
    """Return the band of a score from 1 to 625; the severest harm is at least moderate."""
    band = max((band for band in Band if points >= BEGINS[band]), key=lambda band: band.rank)
    return Band.MODERATE if band is Band.LOW and severity == HIGHEST else band


def cell(rating: Rating) -> Cell:
    """Return the cell of the heat map: severity and likelihood at their upper ends."""
    return Cell(severity=rating.severity.high, likelihood=rating.likelihood.high)


def sensitivity(rating: Rating) -> tuple[Swing, ...]:
    """Say for each factor what settling it would change, the most telling first (one at a time; Saltelli 2008)."""
    swings = [_swing(rating, factor) for factor in Factor]
    return tuple(sorted(swings, key=lambda swing: (-swing.decides, -swing.spread)))


def _swing(rating: Rating, factor: Factor) -> Swing:
    range_ = rating.of(factor)
    settled = score(rating.put(factor, range_.shifted(0, range_.low - range_.high)))
    band = score(rating).band
    return Swing(
        factor=factor,
        spread=range_.high / range_.low,
        high=settled.high,
        band=settled.band,
        decides=settled.band is not band,
    )


def _product(rating: Rating, end: str) -> int:
    return prod(getattr(rating.of(factor), end) for factor in Factor)
