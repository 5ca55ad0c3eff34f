"""What an assessment says at a glance: the register of top risks, the heat map, and what differs from another one."""

from __future__ import annotations

from datetime import date

from roadworthy.assess.assessment import AssessedScenario, Assessment, Standing
from roadworthy.assess.mitigation import State
from roadworthy.assess.risk import Cell, Score, Swing, cell, sensitivity
from roadworthy.assess.scale import HIGHEST, Rating
from roadworthy.core.model import FileModel


class Entry(FileModel):
    """A row of the register."""

    scenario: str
    title: str
    category: str
    standing: Standing
    inherent: Score
    residual: Score
    cell: Cell
    """Residual place on the heat map."""
    sensitivity: tuple[Swing, ...]
    """Of the residual rating: which open question keeps it up."""
    owners: tuple[str, ...]
    in_place: int
    """Mitigations in place with evidence."""
    open: int
    """Mitigations proposed or planned, or in place without evidence that counts."""
    overdue: int
    """Open ones whose due date has passed."""


class Difference(FileModel):
    """What two assessments say differently of one scenario."""

    scenario: str
    title: str
    what: str
    """added, removed, or the names of what changed."""
    before: str | None
    """Residual score as text."""
    after: str | None


def register(assessment: Assessment, day: date, top: int | None = None) -> tuple[Entry, ...]:
    """List the risks that count by residual risk, the gravest first; all, or the `top` first ones."""
    entries = [_entry(item, day) for item in assessment.scenarios if item.counts]
    entries.sort(key=lambda entry: (*(-part for part in entry.residual.order), -entry.cell.severity, entry.scenario))
    return tuple(entries[:top])


def heat_map(assessment: Assessment, day: date | None = None) -> tuple[tuple[int, ...], ...]:
    """Count the risks that count in 5 x 5 cells: `[likelihood - 1][severity - 1]`, each at its upper ends.

    With `day` the residual ratings of that day, else the inherent ones.
    """
    counts = [[0] * HIGHEST for _ in range(HIGHEST)]
    for item in assessment.scenarios:
        if item.counts:
            at = cell(_rating(item, day))
            counts[at.likelihood - 1][at.severity - 1] += 1
    return tuple(tuple(row) for row in counts)


def compare_assessments(before: Assessment, after: Assessment, day: date) -> tuple[Difference, ...]:
    """List what differs, in the order of ids; what people wrote about a change is in its `changes`."""
    old = {item.id: item for item in before.scenarios}
    new = {item.id: item for item in after.scenarios}
    found = (_difference(old.get(id_), new.get(id_), day) for id_ in sorted(old.keys() | new.keys()))
    return tuple(item for item in found if item)


def _entry(item: AssessedScenario, day: date) -> Entry:
    rating = item.residual_rating(day)
    alive = [treatment for treatment in item.treatments if treatment.state is not State.REJECTED]
    waiting = [treatment for treatment in alive if not treatment.counts(day)]
    return Entry(
        scenario=item.id,
        title=item.title,
        category=item.category,
        standing=item.standing,
        inherent=item.inherent,
        residual=item.residual(day),
        cell=cell(rating),
        sensitivity=sensitivity(rating),
        owners=tuple(dict.fromkeys(treatment.owner for treatment in alive if treatment.owner)),
        in_place=len(alive) - len(waiting),
        open=len(waiting),
        overdue=sum(treatment.due is not None and treatment.due < day for treatment in waiting),
    )


def _rating(item: AssessedScenario, day: date | None) -> Rating:
    return item.rating if day is None else item.residual_rating(day)


def _difference(old: AssessedScenario | None, new: AssessedScenario | None, day: date) -> Difference | None:
    there = new or old
    if there is None or old == new:
        return None
    return Difference(
        scenario=there.id,
        title=there.title,
        what=_what(old, new),
        before=str(old.residual(day)) if old else None,
        after=str(new.residual(day)) if new else None,
    )


def _what(old: AssessedScenario | None, new: AssessedScenario | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    names = [name for name in type(new).model_fields if getattr(old, name) != getattr(new, name)]
    return ", ".join(names)
