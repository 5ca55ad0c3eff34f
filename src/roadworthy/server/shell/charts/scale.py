"""Scales of charts: round ends, round steps, numbers as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high`, drawn from `bottom` up to `top` in pixels."""

    low: float
    high: float
    bottom: float
    top: float

    def at(self, value: float) -> float:
        """Return the pixel of a value, kept inside."""
        share = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return round(self.bottom - share * (self.bottom - self.top), 2)


def scale_for(values: Iterable[float | None], bottom: float, top: float) -> Scale:
    """Choose a scale that holds all known values and zero, with round ends."""
    known = [value for value in values if value is not None and math.isfinite(value)] or [0.0, 1.0]
    low, high = min(0.0, *known), max(known)
    if high <= low:
        high = low + 1.0
    step = round_step(high - low)
    return Scale(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, bottom, top)


def round_step(span: float) -> float:
    """Return 1, 2 or 5 times a power of ten, so that at most five steps make the span."""
    power = float(10 ** math.floor(math.log10(span)))
    return next(factor * power for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if span / (factor * power) <= 5)


def number_words(value: float | None, unit: str = "") -> str:
    """Write a number with at most three digits that matter; `%` reads values from 0 to 1 as percent."""
    if value is None:
        return "unknown"
    if unit == "%":
        return f"{value * 100:.1f}".removesuffix(".0") + " %"
    digits = 0 if float(value).is_integer() or abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{f' {unit}' if unit else ''}"
