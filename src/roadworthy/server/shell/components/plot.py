"""The interval plot on pages: the drawing of the reports, with an axis that needs no style attribute."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from roadworthy.decide.outcome import Outcome
from roadworthy.documents.group import too_small
from roadworthy.documents.number import scale_of, show_threshold
from roadworthy.documents.svg import Axis, axis_for
from roadworthy.documents.view import RequirementView, Row, panels, view
from roadworthy.server.shell.components.chip import status_chip


def axis_marks(axis: Axis) -> SafeString:
    """Draw the labels of an axis, for the eye only."""
    labels = format_html_join(
        "",
        '<text x="{}%" y="14" text-anchor="{}">{}</text>',
        (
            (at := axis.across(tick), _anchor(at), show_threshold(tick, axis.scale).removesuffix(" points"))
            for tick in axis.ticks
        ),
    )
    return format_html('<svg class="axis" width="100%" height="20" aria-hidden="true">{}</svg>', labels)


def _anchor(at: float) -> str:
    return "start" if at < 3 else "end" if at > 97 else "middle"


def _axis(outcome: Outcome) -> Axis:
    """Return the axis that `documents.view.view` draws the rows of an outcome on."""
    scale = scale_of(outcome)
    thresholds = [] if outcome.threshold is None else [outcome.threshold]
    judgeable = [one for one in outcome.judged if not too_small(one)]
    return axis_for(judgeable or outcome.judged, thresholds, scale, outcome.direction)


def _drawn(row: Row) -> SafeString:
    return mark_safe(str(row.plot))  # noqa: S308 (escaped by markupsafe where it is drawn)


def interval_plot(outcome: Outcome) -> SafeString:
    """Draw what decides one measured requirement as a single plot, for a cell of a table; empty without a figure."""
    shown = view(outcome)
    if shown.headline is None:
        return SafeString("")
    return format_html('<div class="plot-alone">{}</div>', _drawn(shown.headline))


def interval_rows(outcome: Outcome, *, folded: bool = True) -> SafeString:
    """Draw a requirement with its slices on a shared axis; many slices are folded unless `folded` is false."""
    shown = view(outcome)
    if not shown.measured:
        return SafeString("")
    axis = format_html('<div class="axis-row">{}</div>', axis_marks(_axis(outcome)))
    rows = [*shown.rows, *shown.small] if folded else [*shown.rows, *shown.folded, *shown.small]
    first = _list(rows, shown.bound_word)
    if not (folded and shown.folded):
        return format_html("{}{}", first, axis)
    more = _("Show %(number)d more") % {"number": len(shown.folded)}
    hidden = format_html("<details><summary>{}</summary>{}</details>", more, _list(shown.folded, shown.bound_word))
    return format_html("{}{}{}", first, axis, hidden)


def _list(rows: Any, bound_word: str) -> SafeString:
    items = format_html_join("", "{}", ((_item(row, bound_word),) for row in rows))
    return format_html('<ul class="plots">{}</ul>', items)


def _item(row: Row, bound_word: str) -> SafeString:
    if row.judged.estimate is None:
        said = format_html("<strong>{}</strong>", _("Not measured"))
    else:
        said = format_html("<strong>{}</strong>, {} {}", row.value, bound_word, row.bound)
    return format_html(
        '<li class="{}"><div class="name">{} <bdi>{}</bdi></div><div>{}</div><div class="said">{}<br>{}{}</div></li>',
        "whole" if row.whole else "part",
        status_chip(row.judged.status),
        row.label,
        _drawn(row),
        said,
        row.sample,
        format_html("<br>{}", row.note) if row.note else "",
    )


def plot_key() -> SafeString:
    """Draw what the parts of a plot mean; once on a page that has plots."""
    parts = (
        (
            '<rect class="pass" width="16" height="20"/><path class="rule" d="M16 0V20"/>',
            28,
            _("threshold, pass side tinted"),
        ),
        ('<rect class="bar" x="2" y="5" width="24" height="10" rx="2"/>', 28, _("interval")),
        ('<path class="tick" d="M6 0V20"/>', 12, _("estimate")),
        ('<path class="bound" d="M4 1.5H8V18.5H4"/>', 12, _("bound that decides")),
    )
    items = format_html_join(
        "",
        '<li><svg class="plot s-neutral" width="{}" height="20">{}</svg>{}</li>',
        ((width, mark_safe(shape), words) for shape, width, words in parts),  # noqa: S308 (shapes of ours)
    )
    return format_html('<ul class="key" aria-hidden="true">{}</ul>', items)


def interval_overview(outcomes: Any) -> SafeString:
    """Draw what decides each measured requirement, one panel for each direction and scale, as the report does."""
    drawn = []
    for panel in panels([view(outcome) for outcome in outcomes]):
        items = [item for item, _plot in panel.rows]
        first = items[0].outcome
        heads = [item.headline.judged for item in items if item.headline]
        thresholds = [item.outcome.threshold for item in items if item.outcome.threshold is not None]
        axis = axis_marks(axis_for(heads, thresholds, scale_of(first), first.direction))
        rows = format_html_join("", "{}", ((_glance(item, plot),) for item, plot in panel.rows))
        drawn.append((panel.title, rows, axis))
    return format_html_join("", '<h3>{}</h3><ul class="plots">{}</ul><div class="axis-row">{}</div>', drawn)


def _glance(item: RequirementView, plot: Any) -> SafeString:
    row = item.headline
    if row is None or row.judged.estimate is None:
        said = format_html("<strong>{}</strong>", _("Not measured"))
    else:
        said = format_html("<strong>{}</strong>, {} {}", row.value, item.bound_word, row.bound)
    return format_html(
        '<li><div class="name">{}<br><bdi>{}</bdi></div><div>{}</div><div class="said">{}<br>{} {}<br>{}</div></li>',
        status_chip(item.outcome.status),
        item.outcome.title,
        mark_safe(str(plot)),  # noqa: S308 (escaped by markupsafe where it is drawn)
        said,
        _("asked for:"),
        item.threshold,
        row.sample if row else "",
    )
