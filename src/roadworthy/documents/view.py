"""One requirement as the page shows it: its rows on a shared axis, what is folded, and what is too small."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.documents.group import decisive, domain, is_whole, parts, too_small, wholes
from roadworthy.documents.number import (
    Scale,
    asked,
    bound_word,
    count,
    deciding_bound,
    sample,
    scale_of,
    show,
    show_threshold,
)
from roadworthy.documents.plain import sentence
from roadworthy.documents.sign import PROBLEMS, SIGNS, Sign, is_problem
from roadworthy.documents.svg import Axis, axis_for, axis_marks, plot

OPEN_ROWS = 8
"""Slices shown without unfolding; problem slices come first."""


@dataclass(frozen=True, eq=False)
class Row:
    """One estimate of a requirement."""

    judged: Judged
    label: str
    sign: Sign
    whole: bool
    value: str
    bound: str
    sample: str
    note: str
    """Why, and what would settle it; empty where the row is met."""
    draw: Callable[[], Markup]
    """Draws the plot; a page shows only some of the rows."""
    told: str
    """What the plot shows, in words."""

    @property
    def plot(self) -> Markup:
        """Return the drawing."""
        return self.draw()

    @property
    def why_small(self) -> str:
        """Tell why the row is not judged, without repeating its label."""
        _, label, rest = self.judged.reason.rpartition(f"{self.judged.label}: ")
        return rest if label else self.judged.reason


@dataclass(frozen=True)
class RequirementView:
    """A requirement with everything that the page says of it."""

    outcome: Outcome
    sign: Sign
    anchor: str
    domain: str
    threshold: str
    asked: str
    """The whole criterion in words."""
    bound_word: str
    headline: Row | None
    rows: tuple[Row, ...]
    """The whole, then the slices that are not folded."""
    folded: tuple[Row, ...]
    small: tuple[Row, ...]
    """Slices with too few independent units to be judged."""
    parts_told: str
    """How many slices there are, by outcome."""
    axis: Markup
    unit: str
    """Unit of the axis where its labels do not say it."""
    methods: tuple[str, ...]
    clusters: tuple[str, ...]
    """Names of the cluster columns."""

    @property
    def measured(self) -> bool:
        """Tell whether there is an estimate to draw."""
        return self.headline is not None


def anchor(requirement: str) -> str:
    """Name a requirement in addresses of the page."""
    return f"req-{re.sub(r'[^A-Za-z0-9_-]', '-', requirement)}"


def view(outcome: Outcome) -> RequirementView:
    """Prepare `outcome` for the page."""
    scale = scale_of(outcome)
    thresholds = [] if outcome.threshold is None else [outcome.threshold]
    judgeable = [j for j in outcome.judged if not too_small(j)]
    axis = axis_for(judgeable or outcome.judged, thresholds, scale, outcome.direction)
    rows = _rows(outcome, axis)
    small = tuple(row for row in rows if not row.whole and too_small(row.judged))
    others = [row for row in rows if row not in small]
    head = [row for row in others if row.whole]
    slices = [row for row in others if not row.whole]
    return RequirementView(
        outcome=outcome,
        sign=SIGNS[outcome.status],
        anchor=anchor(outcome.requirement),
        domain=domain(outcome),
        threshold=_threshold(outcome, scale),
        asked=asked(outcome),
        bound_word=bound_word(outcome.direction),
        headline=_headline(outcome, rows),
        rows=(*head, *slices[:OPEN_ROWS]),
        folded=tuple(slices[OPEN_ROWS:]),
        small=small,
        parts_told=_told(slices, small),
        axis=axis_marks(axis),
        unit=", points" if scale is Scale.POINTS else "",
        methods=tuple(dict.fromkeys(j.method for j in outcome.judged if j.method)),
        clusters=tuple(dict.fromkeys(j.unit for j in outcome.judged if j.unit != "samples")),
    )


def _headline(outcome: Outcome, rows: list[Row]) -> Row | None:
    judged = decisive(outcome)
    return next((row for row in rows if row.judged is judged), None)


def _rows(outcome: Outcome, axis: Axis) -> list[Row]:
    several = len({j.suite for j in outcome.judged}) > 1
    ordered = [*wholes(outcome), *parts(outcome)]
    return [
        _row(judged, outcome, axis, f"{anchor(outcome.requirement)}-p{place}", several)
        for place, judged in enumerate(ordered)
    ]


def _row(judged: Judged, outcome: Outcome, axis: Axis, ident: str, several: bool) -> Row:
    value = show(judged.estimate, axis.scale, against=outcome.threshold)
    bound = show(deciding_bound(judged, outcome.direction), axis.scale, against=outcome.threshold)
    asked = f" Asked for: {_threshold(outcome, axis.scale)}." if outcome.threshold is not None else ""
    told = f"Estimate {value}, {bound_word(outcome.direction)} {bound}, {sample(judged)}.{asked}"
    if judged.estimate is None:
        told = f"Not measured, {sample(judged)}.{asked}"
    label = "All samples" if judged.label == "all" else judged.label
    return Row(
        judged=judged,
        label=f"{label} ({judged.suite})" if several else label,
        sign=SIGNS[judged.status],
        whole=is_whole(judged),
        value=value,
        bound=bound,
        sample=sample(judged),
        note=_note(judged),
        draw=partial(plot, judged, axis, outcome.threshold, outcome.direction, ident=ident, text=told),
        told=told,
    )


def _note(judged: Judged) -> str:
    told_by_plot = judged.estimate is not None and judged.status in (Status.NOT_MET, Status.INCONCLUSIVE)
    pieces = [sentence(judged.reason)] if judged.status in PROBLEMS and not told_by_plot else []
    if judged.errored:
        pieces.append(f"{count(judged.errored, 'sample')} without a score, counted against the criterion.")
    if judged.needed_units:
        noun = "sample" if judged.unit == "samples" else "cluster"
        pieces.append(f"{count(judged.needed_units, f'further {noun}')} would settle it at this rate.")
    return " ".join(pieces)


def _threshold(outcome: Outcome, scale: Scale) -> str:
    if outcome.threshold is None or outcome.direction is None:
        return outcome.criterion
    return f"{outcome.direction} {show_threshold(outcome.threshold, scale)}"


def _told(slices: list[Row], small: tuple[Row, ...]) -> str:
    found: dict[str, int] = {}
    for row in slices:
        found[row.sign.word.lower()] = found.get(row.sign.word.lower(), 0) + 1
    if small:
        found["too small to judge"] = len(small)
    if not found:
        return ""
    total = count(len(slices) + len(small), "slice or pair of groups", "slices or pairs of groups")
    return f"{total}: {', '.join(f'{number:,} {word}' for word, number in found.items())}"


@dataclass(frozen=True)
class Panel:
    """Measured requirements on one axis."""

    title: str
    axis: Markup
    rows: tuple[tuple[RequirementView, Markup], ...]


def panels(views: list[RequirementView]) -> list[Panel]:
    """Draw what decides each measured requirement, one panel for each direction and scale."""
    groups: dict[tuple[str | None, Scale], list[RequirementView]] = {}
    for item in views:
        if item.headline and item.outcome.threshold is not None:
            groups.setdefault((item.outcome.direction, scale_of(item.outcome)), []).append(item)
    return [_panel(key, groups[key]) for key in sorted(groups, key=lambda k: (str(k[0] != "at most"), k[1]))]


_TITLES = {
    ("at most", Scale.PERCENT): "Rates that must stay low",
    ("at most", Scale.POINTS): "Gaps that must stay small, in percentage points",
    ("at most", Scale.NUMBER): "Values that must stay low",
    ("at least", Scale.PERCENT): "Rates that must be high",
    ("at least", Scale.POINTS): "Differences that must be large, in percentage points",
    ("at least", Scale.NUMBER): "Ratios and values that must be high",
}


def _panel(key: tuple[str | None, Scale], items: list[RequirementView]) -> Panel:
    direction, scale = key
    heads = [item.headline.judged for item in items if item.headline]
    axis = axis_for(heads, [i.outcome.threshold for i in items if i.outcome.threshold is not None], scale, direction)
    drawn = tuple((item, _overview_plot(item, axis)) for item in items)
    return Panel(_TITLES.get((str(direction), scale), "Values"), axis_marks(axis), drawn)


def _overview_plot(item: RequirementView, axis: Axis) -> Markup:
    if item.headline is None:
        return Markup("")
    outcome, row = item.outcome, item.headline
    text = f"{outcome.title}: {row.told}"
    judged = row.judged
    return plot(judged, axis, outcome.threshold, outcome.direction, ident=f"{item.anchor}-glance", text=text)


def falls_short(item: RequirementView) -> bool:
    """Tell whether the requirement falls short without a waiver."""
    return is_problem(item.outcome)
