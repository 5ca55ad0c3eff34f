"""A plan from a drafted system: tier, laws, top risks, what to measure and to which threshold, gates, signals.

Everything comes from the standard and the libraries by rule, so that two people who draft from one brief get one plan.
What also holds on the milder side of the open facts is marked `certain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roadworthy.assess.draft import Draft, Reading
from roadworthy.assess.mitigation import declared_mitigations, load_mitigations
from roadworthy.assess.propose import Proposal, propose_scenarios
from roadworthy.assess.scenario import Category
from roadworthy.assess.tier import TierFinding, tier_system
from roadworthy.core.model import FileModel
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Criterion, Obligation, Requirement, ShownBy, Tier
from roadworthy.standard.predicate import system_facts

TOP = 10
MONITOR = "monitor-"
"""How the id of a requirement for one signal begins, as in monitor-drift."""
SIGNALS: dict[Category, str] = {
    Category.SAFETY: "safety",
    Category.FAIRNESS: "fairness",
    Category.PRIVACY: "policy",
    Category.SECURITY: "abuse",
    Category.ROBUSTNESS: "drift",
    Category.EXPLAINABILITY: "quality",
    Category.GROUNDING: "quality",
    Category.OVERSIGHT: "policy",
    Category.TRANSPARENCY: "policy",
    Category.LEGAL: "policy",
    Category.SOCIETY: "safety",
}
"""The signal of a monitor that would show harm of a category."""


class Reason(FileModel):
    """A rule of the standard that fires on the draft."""

    rule: str
    result: str
    """The tier, or the class under a law."""
    regime: str | None
    because: str
    facts: dict[str, str]
    reference: str | None
    applies_from: str | None
    certain: bool
    """It fires on the milder side of the open facts too."""


class TopRisk(FileModel):
    """One of the gravest scenarios."""

    proposal: Proposal
    certain: bool


class Measurement(FileModel):
    """Something to measure before release."""

    requirement: str
    title: str
    dimension: str | None
    metric: str
    criterion: Criterion
    obligation: Obligation
    test: str | None
    """What to run, in words."""
    because: str
    certain: bool


class Gate(FileModel):
    """Something else that must be shown before release."""

    requirement: str
    title: str
    shown_by: ShownBy
    obligation: Obligation
    do: str | None
    because: str
    certain: bool


class PlannedMitigation(FileModel):
    """A mitigation, and the top risks that it lowers."""

    mitigation: str
    title: str
    control: str | None
    scenarios: tuple[str, ...]
    declared: bool
    """The brief says that it is there; evidence is still owed."""


class Signal(FileModel):
    """Something to watch in operation."""

    signal: str
    watches: tuple[str, ...]
    """Top risks that it would show."""
    requirement: str | None
    """The requirement of the standard that asks for it."""


class Answer(FileModel):
    """An open question whose answer alone can raise the tier."""

    field: str
    tier: Tier


class Plan(FileModel):
    """What follows from a brief, as a draft for people to correct."""

    draft: Draft
    standard: str
    tier: Tier
    """With every open fact on its stricter side."""
    known_tier: Tier
    """With every open fact on its milder side; the tier is at least this."""
    because: tuple[Reason, ...]
    regulatory: tuple[Reason, ...]
    answers: tuple[Answer, ...]
    risks: tuple[TopRisk, ...]
    measurements: tuple[Measurement, ...]
    mitigations: tuple[PlannedMitigation, ...]
    gates: tuple[Gate, ...]
    signals: tuple[Signal, ...]


def make_plan(
    reading: Reading, loaded: LoadedStandard, requirements: Sequence[Requirement], certain: Iterable[str] = ()
) -> Plan:
    """Plan from a draft.

    `requirements` are those of the standard that apply to `reading.draft.strict` in its tier, and `certain` the ids of
    those that apply to the milder system in its tier; see roadworthy.project.briefing.
    """
    draft = reading.draft
    strict, known = tier_system(draft.strict, loaded), tier_system(draft.known, loaded)
    sure = frozenset(certain)
    risks = top_risks(draft)
    return Plan(
        draft=draft,
        standard=loaded.name,
        tier=strict.tier,
        known_tier=known.tier,
        because=_reasons(strict.because, known.because),
        regulatory=_reasons(strict.regulatory, known.regulatory),
        answers=_answers(reading, loaded, known.tier),
        risks=risks,
        measurements=tuple(_measurement(r, strict.tier, sure) for r in requirements if r.measure),
        mitigations=_mitigations(draft, risks),
        gates=tuple(_gate(r, strict.tier, sure) for r in requirements if _is_gate(r)),
        signals=_signals(risks, requirements),
    )


def top_risks(draft: Draft, top: int = TOP) -> tuple[TopRisk, ...]:
    """Return the gravest scenarios, those that are certain first."""
    certain = {proposal.scenario for proposal in propose_scenarios(draft.known)}
    risks = [TopRisk(proposal=item, certain=item.scenario in certain) for item in propose_scenarios(draft.strict)]
    return tuple(sorted(risks, key=lambda risk: not risk.certain)[:top])


def _reasons(strict: Sequence[TierFinding], known: Sequence[TierFinding]) -> tuple[Reason, ...]:
    certain = {finding.rule for finding in known}
    return tuple(
        Reason(
            rule=finding.rule,
            result=finding.result,
            regime=finding.regime,
            because=finding.because,
            facts=finding.facts,
            reference=finding.reference,
            applies_from=finding.applies_from,
            certain=finding.rule in certain,
        )
        for finding in strict
    )


def _answers(reading: Reading, loaded: LoadedStandard, known: Tier) -> tuple[Answer, ...]:
    raised = (
        Answer(field=field, tier=tier_system(reading.if_only(field), loaded).tier)
        for field in dict.fromkeys(question.field for question in reading.draft.questions)
    )
    return tuple(answer for answer in raised if answer.tier.severity > known.severity)


def _measurement(requirement: Requirement, tier: Tier, certain: frozenset[str]) -> Measurement:
    if requirement.measure is None:
        raise ValueError(f"{requirement.id} measures nothing")
    return Measurement(
        requirement=requirement.id,
        title=requirement.title,
        dimension=requirement.dimension,
        metric=requirement.measure.metric,
        criterion=requirement.criterion[tier],
        obligation=requirement.obligation_at(tier),
        test=requirement.remedy,
        because=requirement.because,
        certain=requirement.id in certain,
    )


def _is_gate(requirement: Requirement) -> bool:
    return requirement.measure is None and requirement.shown_by is not ShownBy.MONITOR


def _gate(requirement: Requirement, tier: Tier, certain: frozenset[str]) -> Gate:
    return Gate(
        requirement=requirement.id,
        title=requirement.title,
        shown_by=requirement.shown_by,
        obligation=requirement.obligation_at(tier),
        do=requirement.remedy,
        because=requirement.because,
        certain=requirement.id in certain,
    )


def _mitigations(draft: Draft, risks: Sequence[TopRisk]) -> tuple[PlannedMitigation, ...]:
    lowers: dict[str, list[str]] = {}
    for risk in risks:
        for id_ in risk.proposal.mitigations:
            lowers.setdefault(id_, []).append(risk.proposal.scenario)
    said = declared_mitigations(lowers, system_facts(draft.strict))
    planned = [
        PlannedMitigation(
            mitigation=id_,
            title=load_mitigations()[id_].title,
            control=load_mitigations()[id_].control,
            scenarios=tuple(scenarios),
            declared=said[id_],
        )
        for id_, scenarios in lowers.items()
    ]
    return tuple(sorted(planned, key=lambda item: -len(item.scenarios)))


def _signals(risks: Sequence[TopRisk], requirements: Sequence[Requirement]) -> tuple[Signal, ...]:
    monitors = [r.id for r in requirements if r.shown_by is ShownBy.MONITOR and r.id.startswith(MONITOR)]
    asked = {id_.removeprefix(MONITOR): id_ for id_ in monitors}
    watches: dict[str, list[str]] = {}
    for risk in risks:
        watches.setdefault(SIGNALS[risk.proposal.category], []).append(risk.proposal.scenario)
    names = dict.fromkeys([*watches, *asked])
    return tuple(
        Signal(signal=name, watches=tuple(watches.get(name, ())), requirement=asked.get(name)) for name in names
    )
