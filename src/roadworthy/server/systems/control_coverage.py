"""Which controls the evidence of a system's newest release shows: by the requirements of each that apply to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from roadworthy.core.clock import now
from roadworthy.core.errors import InputError
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.decide.outcome import Status
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.reading import ControlRow, control_rows
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Control, Tier

OutcomesOf = Callable[[Sequence[int]], Mapping[int, Mapping[str, str]]]
"""Takes keys of systems; returns for each the outcome of its newest release by requirement; one query."""
SHOWN_BY: list[OutcomesOf] = []
"""An upper app that keeps outcomes adds its own, in `ready()`."""


class Coverage(StrEnum):
    """Whether a control is shown for a system."""

    SHOWN = "shown"
    WAIVED = "waived"
    STALE = "stale"
    NOT_SHOWN = "not shown"
    OUTSIDE = "not in scope"

    @property
    def status(self) -> Status:
        """Return the outcome whose sign and colour stand for it."""
        return {
            Coverage.SHOWN: Status.MET,
            Coverage.OUTSIDE: Status.NOT_APPLICABLE,
        }.get(self) or Status(self)


@dataclass(frozen=True)
class InScope:
    """A system and a control, with the requirements of the control that apply to the system."""

    system: System
    control: Control
    applies: tuple[tuple[str, str], ...]
    """Requirement and its outcome in the newest release; `not shown` where nothing was pushed."""
    problem: str = ""
    """Why nothing can be said."""

    @property
    def coverage(self) -> Coverage:
        """Return whether all that applies is met; what falls short in any way is not shown."""
        if self.problem:
            return Coverage.NOT_SHOWN
        return coverage_of(outcome for _, outcome in self.applies)


def coverage_of(outcomes: Iterable[str]) -> Coverage:
    """Return what outcomes come to, the worst first; a requirement that turned out not to apply says nothing."""
    found = {Status(outcome) for outcome in outcomes} - {Status.NOT_APPLICABLE}
    if not found:
        return Coverage.OUTSIDE
    if found - {Status.MET, Status.WAIVED, Status.STALE}:
        return Coverage.NOT_SHOWN
    if Status.STALE in found:
        return Coverage.STALE
    return Coverage.WAIVED if Status.WAIVED in found else Coverage.SHOWN


def systems_of(rows: Sequence[System], control: ControlRow) -> list[InScope]:
    """Return for each system what is shown of one control; a system costs one evaluation of the standard."""
    loaded, outcomes = in_force(), _outcomes(rows)
    return [found for row in rows for found in _scopes(row, [control], loaded, outcomes.get(row.pk, {}))]


def controls_of(row: System) -> list[InScope]:
    """Return what is shown of each control of the standard in force that concerns a system."""
    loaded = in_force()
    found = _scopes(row, control_rows(loaded.standard), loaded, _outcomes([row]).get(row.pk, {}))
    return [one for one in found if one.applies or one.problem]


def _outcomes(rows: Sequence[System]) -> dict[int, dict[str, str]]:
    outcomes: dict[int, dict[str, str]] = {}
    for outcomes_of in SHOWN_BY:
        for key, found in outcomes_of([row.pk for row in rows]).items():
            outcomes.setdefault(key, {}).update(found)
    return outcomes


def _scopes(
    row: System, controls: Sequence[ControlRow], loaded: LoadedStandard, outcomes: Mapping[str, str]
) -> list[InScope]:
    try:
        names = _applying(row, loaded)
    except InputError as error:
        return [InScope(row, one.control, (), error.problem) for one in controls]
    return [
        InScope(
            row,
            one.control,
            tuple((item.id, outcomes.get(item.id, "not shown")) for item in one.requirements if item.id in names),
        )
        for one in controls
    ]


def _applying(row: System, loaded: LoadedStandard) -> set[str]:
    if row.version is None:
        return set()
    judged = applicable_requirements(declared(row.version), loaded, Tier(row.tier), now())
    return {one.requirement.id for one in judged if one.applies}
