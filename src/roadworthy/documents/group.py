"""Outcomes in the groups and the order in which a reader should meet them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.documents.sign import ORDER, is_problem, urgency

DOMAINS = {
    "AGT": "Agents",
    "DAT": "Data",
    "EXP": "Explainability",
    "FAI": "Fairness",
    "GOV": "Governance",
    "HUM": "Human oversight",
    "INC": "Incident readiness",
    "MON": "Monitoring",
    "PRI": "Privacy",
    "ROB": "Robustness",
    "SAF": "Safety",
    "SEC": "Security",
    "TRA": "Transparency",
    "VEN": "Vendors",
}
"""Titles of the control domains of the default standard, by the prefix of the control's id."""


@dataclass(frozen=True)
class Group:
    """Outcomes that belong together, most urgent first."""

    title: str
    outcomes: tuple[Outcome, ...]


def domain(outcome: Outcome) -> str:
    """Name the group of an outcome: its dimension, else the domain of its control."""
    if outcome.dimension:
        return outcome.dimension.replace("-", " ").capitalize()
    prefix = outcome.control.split("-", 1)[0]
    return DOMAINS.get(prefix, prefix or "Other")


def by_domain(outcomes: Iterable[Outcome]) -> list[Group]:
    """Group by dimension or domain; groups in alphabetical order, the most urgent outcome of each first."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(domain(outcome), []).append(outcome)
    return [_group(title, found[title]) for title in sorted(found)]


_KINDS = {
    "measurement": "Measurements",
    "coverage": "Coverage of the evaluation",
    "document": "Documents",
    "sign-off": "Sign-offs",
    "vendor-review": "Vendor reviews",
    "monitor": "Monitors",
    "declaration": "Declarations",
}


def by_kind(outcomes: Iterable[Outcome]) -> list[Group]:
    """Group by the kind of evidence that would show them, measurements first."""
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.shown_by, []).append(outcome)
    kinds = [*(kind for kind in _KINDS if kind in found), *sorted(set(found) - set(_KINDS))]
    return [_group(_KINDS.get(kind, kind.capitalize()), found[kind]) for kind in kinds]


def _group(title: str, outcomes: list[Outcome]) -> Group:
    return Group(title, tuple(sorted(outcomes, key=urgency)))


def problems(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """List what falls short without a waiver, most urgent first."""
    return sorted((o for o in outcomes if is_problem(o)), key=urgency)


def is_whole(judged: Judged) -> bool:
    """Tell whether the estimate is of all samples, or is the largest gap of a group column: `race: error rate`."""
    label = judged.label
    return label == "all" or (": " in label and " against " not in label and "=" not in label)


def wholes(outcome: Outcome) -> list[Judged]:
    """List the estimates of the whole, one for each suite or group column, the most urgent first."""
    return _worst_first(outcome, (j for j in outcome.judged if is_whole(j)))


def parts(outcome: Outcome) -> list[Judged]:
    """List slices and pairs of groups, problems first, then the worst estimate."""
    return _worst_first(outcome, (j for j in outcome.judged if not is_whole(j)))


def _worst_first(outcome: Outcome, judged: Iterable[Judged]) -> list[Judged]:
    sign = 1 if outcome.direction == "at least" else -1
    return sorted(judged, key=lambda j: (ORDER[j.status], sign * (j.estimate or 0.0), j.label))


def decisive(outcome: Outcome) -> Judged | None:
    """Return the estimate that decides the outcome: the whole, unless a slice or a pair is worse."""
    candidates = [*wholes(outcome), *parts(outcome)]
    return min(candidates, key=lambda j: ORDER[j.status], default=None)


def too_small(judged: Judged) -> bool:
    """Tell whether a slice has too few independent units to be judged."""
    if judged.status in (Status.MET, Status.NOT_MET):
        return False
    told = "too few" in judged.reason or "too small" in judged.reason
    return told or judged.status is Status.NOT_APPLICABLE or judged.n == 0 or judged.estimate is None
