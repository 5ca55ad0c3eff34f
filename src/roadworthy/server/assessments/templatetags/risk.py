"""The tags of risks: `{% load risk %}`, then `{% band_chip row.worst %}`, `{% range_plot entry.residual %}`, ..."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.scale import STEPS, Factor, Rating
from roadworthy.assess.scenario import load_scenarios
from roadworthy.server.assessments.brief_reading import shown
from roadworthy.server.assessments.range_plot import band_chip, range_plot, score_words

register = template.Library()
register.simple_tag(band_chip)
register.simple_tag(range_plot)
register.filter(score_words)
register.filter("declared_value", shown)


@register.simple_tag
def score_range(score: Any) -> SafeString:
    """Draw a score: plot, numbers and band."""
    return format_html(
        '<span class="nowrap">{}</span> <span class="nowrap">{} {}</span>',
        range_plot(score),
        score_words(score),
        band_chip(score.band),
    )


@register.filter
def mitigation_title(id_: str) -> str:
    """Return the title of a mitigation of the library, else its id."""
    found = load_mitigations().get(id_)
    return found.title if found else id_


@register.filter
def scenario_title(id_: str) -> str:
    """Return the title of a scenario of the library, else its id."""
    found = load_scenarios().get(id_)
    return found.title if found else id_


@register.filter
def factors(rating: Rating) -> list[tuple[str, str, str]]:
    """Return the four factors: name, range, and the words of both ends."""
    return [(factor.value.capitalize(), str(rating.of(factor)), _words(rating, factor)) for factor in Factor]


def _words(rating: Rating, factor: Factor) -> str:
    range_ = rating.of(factor)
    low, high = STEPS[factor][range_.low - 1], STEPS[factor][range_.high - 1]
    return low if low == high else f"{low}; up to: {high}"
