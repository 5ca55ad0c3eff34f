"""A score as a small plot: from the product of the lower ends to that of the upper ends, on a scale from 1 to 625."""

from __future__ import annotations

from math import log

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.assess.risk import BEGINS, Band, Score
from roadworthy.server.shell.components.chip import state_chip

TONES = {Band.LOW: "met", Band.MODERATE: "neutral", Band.HIGH: "inconclusive", Band.CRITICAL: "not-met"}
_HIGHEST = 625


def band_chip(band: Band | str) -> SafeString:
    """Draw a band; empty reads as not assessed."""
    if not band:
        return state_chip(_("Not assessed"))
    return state_chip(_(str(band)), tone=TONES[Band(band)])


def range_plot(score: Score) -> SafeString:
    """Draw a score as a range; the lines are where bands begin. The numbers stand beside it as text."""
    low, high = _across(score.low), _across(score.high)
    lines = format_html_join(
        "",
        '<path class="base" d="M{0} 3V17"/>',
        ((_across(begin),) for band, begin in BEGINS.items() if band is not Band.LOW),
    )
    return format_html(
        '<svg class="plot s-{}" width="148" height="20" viewBox="0 0 148 20" aria-hidden="true">'
        '<path class="base" d="M0 10H148"/>{}<rect class="bar" x="{}" y="5" width="{}" height="10" rx="2"/>'
        '<path class="tick" d="M{} 3V17"/></svg>',
        TONES[score.band],
        lines,
        low,
        max(round(high - low, 1), 2),
        high,
    )


def score_words(score: Score) -> str:
    """Write a score as `12 to 144`."""
    return str(score.low) if score.low == score.high else f"{score.low} to {score.high}"


def _across(points: int) -> float:
    return round(1 + 146 * log(points) / log(_HIGHEST), 1)
