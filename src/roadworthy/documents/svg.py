"""The interval plot: threshold, interval, estimate and bound on a shared axis, as inline SVG.

Positions across are percentages of the width and there is no view box, so a plot fills any column without
distorting strokes; labels and numbers stand beside
it as text of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from roadworthy.decide.outcome import Judged
from roadworthy.documents.number import Scale, show_threshold
from roadworthy.documents.plain import plain
from roadworthy.documents.sign import SIGNS

HEIGHT = 28
"""Pixels of a row."""
NARROWEST = 1e-4
"""Least room beside the values, so that equal values still have an axis."""


@dataclass(frozen=True)
class Axis:
    """A shared axis from `low` to `high`."""

    low: float
    high: float
    ticks: tuple[float, ...]
    scale: Scale

    def across(self, value: float) -> float:
        """Return the place of `value` in percent of the width, kept inside the plot."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 3)


def axis_for(judged: Iterable[Judged], thresholds: Iterable[float], scale: Scale, direction: str | None) -> Axis:
    """Choose an axis that holds every estimate, interval and threshold, with round ends."""
    values = [value for j in judged for value in _extent(j)] + list(thresholds)
    finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(finite), max(finite)
    bounded = scale is Scale.PERCENT or (scale is Scale.NUMBER and direction == "at least")
    if direction == "at least":
        low = 0.0 if 0 <= low < 0.5 else low
        high = max(high, 1.0) if bounded else high
    else:
        low = min(low, 0.0)
    margin = max((high - low) * 0.04, NARROWEST)
    step = _step(high - low + margin)
    room = 0.0 if bounded and high == 1 else margin
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil((high + room) / step - 1e-9), first + 1)
    if bounded and high <= 1:
        last = min(last, math.ceil(1 / step - 1e-9))
        first = min(first, last - 1)
    ticks = tuple(round(step * place, 10) for place in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, scale)


def _extent(judged: Judged) -> list[float]:
    values = [judged.estimate, judged.lower, judged.upper, *(judged.interval or ())]
    return [value for value in values if value is not None]


def _step(span: float) -> float:
    """Choose a tick distance of 1, 2 or 5 times a power of ten that gives at most six steps."""
    power = float(10 ** math.floor(math.log10(span)))
    return next(factor * power for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if span / (factor * power) <= 6)


def plot(
    judged: Judged, axis: Axis, threshold: float | None, direction: str | None, *, ident: str, text: str
) -> Markup:
    """Draw one row; `ident` is unique on the page and `text` says in words what the plot shows."""
    label, words = escape(plain(f"{judged.label}: {SIGNS[judged.status].word.lower()}")), escape(plain(text))
    drawn = (
        f'<svg class="plot s-{SIGNS[judged.status].css}" role="img" width="100%" height="{HEIGHT}"'
        f' aria-labelledby="{escape(ident)}-t {escape(ident)}-d">'
        f'<title id="{escape(ident)}-t">{label}</title><desc id="{escape(ident)}-d">{words}</desc>'
        f"{_threshold(axis, threshold, direction)}"
        '<line class="base" x1="0" x2="100%" y1="14" y2="14"/>'
        f"{_interval(judged, axis)}{_bound(judged, axis, direction)}{_estimate(judged, axis)}</svg>"
    )
    return Markup(drawn)  # noqa: S704 (numbers, and words escaped above)


def _threshold(axis: Axis, threshold: float | None, direction: str | None) -> str:
    if threshold is None:
        return ""
    at = axis.across(threshold)
    start, width = (at, 100 - at) if direction == "at least" else (0.0, at)
    return (
        f'<rect class="pass" x="{start}%" width="{round(width, 3)}%" y="0" height="{HEIGHT}"/>'
        f'<line class="rule" x1="{at}%" x2="{at}%" y1="0" y2="{HEIGHT}"/>'
    )


def _interval(judged: Judged, axis: Axis) -> str:
    low, high = judged.interval or (judged.lower, judged.upper)
    if low is None or high is None:
        return ""
    start, end = axis.across(low), axis.across(high)
    width = round(max(end - start, 0.4), 3)
    return f'<rect class="bar" x="{start}%" width="{width}%" y="9" height="10" rx="2"/>'


def _bound(judged: Judged, axis: Axis, direction: str | None) -> str:
    """Mark the one-sided bound that decides by a bracket that opens towards the estimate."""
    bound = judged.lower if direction == "at least" else judged.upper
    if bound is None or not math.isfinite(bound) or judged.estimate is None:
        return ""
    hook = 4 if direction == "at least" else -4
    path = f'<path class="bound" d="M{hook} 5.5H0V22.5H{hook}"/>'
    return f'<svg x="{axis.across(bound)}%" overflow="visible">{path}</svg>'


def _estimate(judged: Judged, axis: Axis) -> str:
    if judged.estimate is None:
        return ""
    at = axis.across(judged.estimate)
    return f'<line class="tick" x1="{at}%" x2="{at}%" y1="4" y2="24"/>'


def axis_marks(axis: Axis) -> Markup:
    """Draw the labels of the axis; they are hidden from assistive technology, which gets the rows as text."""
    marks = Markup("").join(
        Markup('<span style="left:{}%"{}>{}</span>').format(
            axis.across(tick), _edge(axis, tick), escape(_tick_label(axis, tick))
        )
        for tick in axis.ticks
    )
    return Markup('<div class="axis" aria-hidden="true">{}</div>').format(marks)


def _tick_label(axis: Axis, tick: float) -> str:
    """Write a tick; points stand without their word, which the headings hold, to leave room."""
    return show_threshold(tick, axis.scale).removesuffix(" points")


def _edge(axis: Axis, tick: float) -> Markup:
    at = axis.across(tick)
    name = "start" if at < 3 else "end" if at > 97 else ""
    return Markup(' class="{}"').format(name) if name else Markup("")
