"""A trend as a small multiple: target band, values, and what is unknown or stale apart from zero; and its sparkline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.server.shell.charts.scale import Scale, number_words, scale_for
from roadworthy.server.shell.components.kept import kept

HEIGHT, TOP, BOTTOM = 96, 8, 78
LEFT, RIGHT = 12.0, 98.0
"""Percent of the width between which points lie."""


@dataclass(frozen=True)
class Point:
    """One period."""

    label: str
    """For example `Mar 2026`."""
    value: float | None
    """None: unknown."""
    stale: bool = False
    """Known, but too old or resting on what has changed since."""
    note: str = ""
    """What stands behind it, for example `9 of 12`."""


@dataclass(frozen=True)
class Target:
    """The band of good values; an open end is None."""

    low: float | None = None
    high: float | None = None

    def words(self, unit: str) -> str:
        """Write the target."""
        low, high = number_words(self.low, unit), number_words(self.high, unit)
        if self.low is not None and self.high is not None:
            return f"{number_words(self.low, '' if unit != '%' else unit)} {_('to')} {high}"
        return f"{_('at least')} {low}" if self.low is not None else f"{_('at most')} {high}"

    def met(self, value: float) -> bool:
        """Tell whether a value is good."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def trend(
    title: str, points: Sequence[Point], target: Target | None = None, unit: str = "", url: str = ""
) -> SafeString:
    """Draw a trend with its title, its last value and its target; `unit` `%` reads values from 0 to 1 as percent."""
    return _drawn(title, tuple(points), target, unit, url)


@kept
def _drawn(title: str, points: tuple[Point, ...], target: Target | None, unit: str, url: str) -> SafeString:
    bounds = [target.low, target.high] if target is not None else []
    scale = scale_for([*(point.value for point in points), *bounds], BOTTOM, TOP)
    drawn = format_html(
        '<svg class="trend" width="100%" height="{}" role="img" aria-label="{}">{}{}{}{}</svg>',
        HEIGHT,
        _told(title, points, target, unit),
        _band(target, scale),
        _frame(scale, unit),
        _line(points, scale),
        _ends(points),
    )
    name = format_html('<a href="{}">{}</a>', url, title) if url else format_html("{}", title)
    return format_html(
        '<figure class="multiple"><figcaption><span class="name">{}</span>{}</figcaption>{}</figure>',
        name,
        _last(points, target, unit),
        drawn,
    )


def _across(place: int, number: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (place + 0.5) / max(number, 1), 2)


def _band(target: Target | None, scale: Scale) -> SafeString:
    if target is None:
        return SafeString("")
    high = scale.at(scale.high if target.high is None else target.high)
    low = scale.at(scale.low if target.low is None else target.low)
    return format_html('<rect class="band" x="0" width="100%" y="{}" height="{}"/>', high, max(low - high, 1))


def _frame(scale: Scale, unit: str) -> SafeString:
    shown = unit if unit == "%" else ""
    ends = [(scale.at(value), number_words(value, shown)) for value in (scale.low, scale.high)]
    return format_html_join(
        "",
        '<line class="grid" x1="0" x2="100%" y1="{}" y2="{}"/><text class="end" x="0" y="{}">{}</text>',
        ((at, at, at - 3 if at > TOP + 20 else at + 11, words) for at, words in ends),
    )


def _line(points: Sequence[Point], scale: Scale) -> SafeString:
    number = len(points)
    places = [(_across(at, number), point) for at, point in enumerate(points)]
    gaps = format_html_join(
        "",
        '<rect class="unknown" x="{}%" width="{}%" y="{}" height="{}"/>',
        (
            (round(at - (RIGHT - LEFT) / number / 2, 2), round((RIGHT - LEFT) / number, 2), TOP, BOTTOM - TOP)
            for at, point in places
            if point.value is None
        ),
    )
    known = [(at, scale.at(point.value), point) for at, point in places if point.value is not None]
    joined = {at for at, _y, _p in known}
    segments = format_html_join(
        "",
        '<line class="{}" x1="{}%" y1="{}" x2="{}%" y2="{}"/>',
        (
            ("segment old" if right.stale else "segment", a, scale.at(left.value), b, scale.at(right.value))
            for (a, left), (b, right) in pairwise(places)
            if a in joined and b in joined and left.value is not None and right.value is not None
        ),
    )
    dots = format_html_join(
        "",
        '<circle class="{}" cx="{}%" cy="{}" r="3.5"><title>{}</title></circle>',
        (("dot old" if p.stale else "dot", at, y, f"{p.label}: {p.note}") for at, y, p in known),
    )
    return format_html("{}{}{}", gaps, segments, dots)


def _ends(points: Sequence[Point]) -> SafeString:
    if not points:
        return SafeString("")
    return format_html(
        '<text x="0" y="{0}">{1}</text><text x="100%" y="{0}" text-anchor="end">{2}</text>',
        HEIGHT - 4,
        points[0].label,
        points[-1].label if len(points) > 1 else "",
    )


def _last(points: Sequence[Point], target: Target | None, unit: str) -> SafeString:
    last = points[-1] if points else Point("", None)
    value = number_words(last.value, unit)
    if last.value is None:
        tone, word = "not-shown", _("unknown")
    elif last.stale:
        tone, word = "stale", _("stale")
    elif target is None:
        tone, word = "neutral", ""
    else:
        tone, word = ("met", _("on target")) if target.met(last.value) else ("not-met", _("off target"))
    said = format_html('<span class="word s-{}">{}</span>', tone, word) if word else ""
    wanted = format_html('<span class="target">{} {}</span>', _("target"), target.words(unit)) if target else ""
    note = format_html('<span class="note-of">{}</span>', last.note) if last.note else ""
    shown = "" if last.value is None else value
    return format_html('<span class="last"><strong>{}</strong>{}{}{}</span>', shown, said, note, wanted)


def _told(title: str, points: Sequence[Point], target: Target | None, unit: str) -> str:
    """Say the whole trend in words."""
    values = ", ".join(_point_told(point, unit) for point in points)
    wanted = f" {_('Target')}: {target.words(unit)}." if target else ""
    return f"{title}: {values or _('nothing is known')}.{wanted}"


def _point_told(point: Point, unit: str) -> str:
    stale = f" ({_('stale')})" if point.stale else ""
    return f"{point.label} {number_words(point.value, unit)}{stale}"


def sparkline(values: Sequence[float | None], text: str) -> SafeString:
    """Draw a line of values in a cell, with gaps where they are unknown; `text` says it in words."""
    scale = scale_for(values, 20, 4)
    step = 88 / max(len(values) - 1, 1)
    segments = format_html_join(
        "",
        '<line class="segment" x1="{}" y1="{}" x2="{}" y2="{}"/>',
        (
            (round(4 + at * step, 1), scale.at(a), round(4 + (at + 1) * step, 1), scale.at(b))
            for at, (a, b) in enumerate(pairwise(values))
            if a is not None and b is not None
        ),
    )
    known = [(at, value) for at, value in enumerate(values) if value is not None]
    last = known[-1:] and format_html(
        '<circle class="dot" cx="{}" cy="{}" r="2.5"/>', round(4 + known[-1][0] * step, 1), scale.at(known[-1][1])
    )
    return format_html(
        '<svg class="sparkline" width="96" height="24" viewBox="0 0 96 24" role="img" aria-label="{}">{}{}</svg>',
        text,
        segments,
        last or "",
    )
