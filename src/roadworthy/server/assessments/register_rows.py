"""The register as its page shows it: rows with ranges, narrowed by a cell of the heat map, and what decides a band."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from roadworthy.assess.assessment import AssessedScenario, Standing
from roadworthy.assess.assessment import Assessment as Content
from roadworthy.assess.register import Entry, heat_map, register
from roadworthy.assess.risk import cell
from roadworthy.server.assessments.models import Assessment

SEVERITIES = ("1 nuisance", "2 soon made good", "3 takes effort to repair", "4 serious", "5 cannot be undone")
LIKELIHOODS = ("1 nearly never", "2 rarely", "3 now and then", "4 often", "5 as a rule")
INHERENT, RESIDUAL = "inherent", "residual"
_CELL = re.compile(r"([1-5])-([1-5])")


@dataclass(frozen=True)
class Row:
    """A row of the register."""

    entry: Entry
    scenario: AssessedScenario
    url: str

    @property
    def note(self) -> str:
        """Return which open question keeps the band up; empty where none does."""
        first = self.entry.sensitivity[0]
        if not first.decides:
            return ""
        named = {"factor": _(first.factor.value).capitalize(), "band": _(str(first.band))}
        return _("%(factor)s decides the band: narrow it, and the risk can fall to %(band)s.") % named


@dataclass(frozen=True)
class CellAddress:
    """The address that narrows the register to a cell."""

    base: str
    view: str
    do_not_call_in_templates: ClassVar[bool] = True

    def __call__(self, severity: int, likelihood: int) -> str:
        """Return it."""
        return f"{self.base}?view={self.view}&cell={severity}-{likelihood}#register"


@dataclass(frozen=True)
class RegisterPage:
    """The register with its heat map."""

    rows: list[Row]
    total: int
    """Of risks that count, before a cell narrows them."""
    counts: Mapping[tuple[int, int], int]
    """(severity, likelihood) -> number."""
    url: CellAddress
    chosen: tuple[int, int] | None
    view: str
    aside: list[AssessedScenario]
    """Dismissed ones, and those of a model that nobody has accepted."""
    untouched: int


def register_page(row: Assessment, content: Content, day: date, asked: Mapping[str, str]) -> RegisterPage:
    """Return the register of an assessment, as `view` and `cell` of the address narrow it."""
    view = INHERENT if asked.get("view") == INHERENT else RESIDUAL
    chosen = _chosen(asked.get("cell", ""))
    scenarios = {item.id: item for item in content.scenarios}
    entries = register(content, day)
    kept = [entry for entry in entries if chosen is None or _cell(entry, scenarios, view) == chosen]
    counts = heat_map(content, None if view == INHERENT else day)
    return RegisterPage(
        rows=[Row(entry, scenarios[entry.scenario], scenario_url(row, entry.scenario)) for entry in kept],
        total=len(entries),
        counts={
            (severity, likelihood): number
            for likelihood, cells in enumerate(counts, 1)
            for severity, number in enumerate(cells, 1)
        },
        url=CellAddress(reverse("assessments:show", args=[row.pk]), view),
        chosen=chosen,
        view=view,
        aside=[item for item in content.scenarios if not item.counts],
        untouched=sum(item.counts and item.standing is Standing.PROPOSED for item in content.scenarios),
    )


def scenario_url(row: Assessment, scenario: str) -> str:
    """Return the address of a scenario's page."""
    return reverse("assessments:scenario", args=[row.pk, scenario])


def _chosen(text: str) -> tuple[int, int] | None:
    found = _CELL.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def _cell(entry: Entry, scenarios: Mapping[str, Any], view: str) -> tuple[int, int]:
    at = entry.cell if view == RESIDUAL else cell(scenarios[entry.scenario].rating)
    return at.severity, at.likelihood
