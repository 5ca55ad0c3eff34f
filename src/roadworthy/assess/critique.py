"""Critique of a risk assessment: rules that say what is missing or weak in it, each with what would settle it.

The rules read the assessment and the declaration of today, and nothing else: the same two give the same remarks. They
find gaps, not untruths; that nothing is remarked does not make an assessment right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from roadworthy.assess.assessment import AssessedScenario, Assessment, Standing
from roadworthy.assess.mitigation import State, Treatment
from roadworthy.assess.parts import part_scenarios
from roadworthy.assess.propose import Proposal, propose_scenarios
from roadworthy.assess.remark import Gravity, Remark, ranked
from roadworthy.assess.risk import Band, sensitivity
from roadworthy.assess.scale import Factor
from roadworthy.assess.threat_model import model_threats
from roadworthy.declare.system import System

SOON = timedelta(days=30)
"""Evidence that ends within this is remarked on."""
GRAVE = (Band.HIGH, Band.CRITICAL)
AT_WORK = (State.PLANNED, State.IN_PLACE)


@dataclass(frozen=True)
class Case:
    """What is criticised: an assessment, and the system as it is declared today."""

    assessment: Assessment
    system: System
    day: date

    @cached_property
    def proposals(self) -> dict[str, Proposal]:
        """What the library proposes for the declaration of today, by id."""
        return {item.scenario: item for item in propose_scenarios(self.system)}

    @cached_property
    def counting(self) -> tuple[AssessedScenario, ...]:
        """The scenarios that count."""
        return tuple(item for item in self.assessment.scenarios if item.counts)

    @cached_property
    def looked_at(self) -> tuple[AssessedScenario, ...]:
        """Those that a person has accepted."""
        return tuple(item for item in self.counting if item.accepted)

    def band(self, item: AssessedScenario) -> Band:
        """Return the band of a scenario on the day."""
        return item.residual(self.day).band


@dataclass(frozen=True)
class Rule:
    """A rule of the critique."""

    id: str
    title: str
    """What it looks for, as the documentation lists it."""
    gravity: Gravity
    find: Callable[[Case], Iterable[Remark]]


def critique(assessment: Assessment, system: System, day: date) -> tuple[Remark, ...]:
    """Say what is missing or weak in an assessment of a system on a day, the gravest first."""
    case = Case(assessment, system, day)
    return ranked(
        remark.model_copy(update={"rule": rule.id, "gravity": rule.gravity})
        for rule in RULES
        for remark in rule.find(case)
    )


def _about(case: Case, item: AssessedScenario, says: str, settles: str) -> Remark:
    return Remark(says=says, settles=settles, scenario=item.id, band=case.band(item))


def _overtaken(case: Case) -> Iterator[Remark]:
    known = {item.id for item in case.assessment.scenarios}
    for id_, item in case.proposals.items():
        if id_ not in known:
            says = f"The declaration of today leads to '{item.title}', which is not in the assessment. {item.because}"
            settles = "Propose anew from the newest version, then accept or dismiss it."
            yield Remark(says=says, settles=settles, scenario=id_, band=item.inherent.band)


def _untouched(case: Case) -> Iterator[Remark]:
    for item in case.counting:
        if item.standing is Standing.PROPOSED:
            says = f"Nobody has said whether '{item.title}' concerns this system as it is rated."
            yield _about(case, item, says, "Accept it, change its rating, or dismiss it with a reason.")


def _parts(case: Case) -> Iterator[Remark]:
    counting = {item.id for item in case.counting}
    told = [f"{item.title} {item.harm}".lower() for item in case.counting]
    for part in part_scenarios(case.system):
        if counting.isdisjoint(part.scenarios) and not any(part.id.lower() in text for text in told):
            says = f"No scenario that counts speaks of {part.words}."
            settles = "Add a scenario that says who is hurt when it goes wrong, or take back a dismissal."
            yield Remark(says=says, settles=settles)


def _threats(case: Case) -> Iterator[Remark]:
    known = {item.id for item in case.assessment.scenarios}
    counting = {item.id for item in case.counting}
    for threat in model_threats(case.system).threats:
        of_it = [id_ for id_ in threat.scenarios if id_ in known]
        if of_it and counting.isdisjoint(of_it):
            says = f"The threat '{threat.title}' applies, and every scenario that it leads to was dismissed."
            settles = "Say in the reason of a dismissal what keeps this threat out, or take it back."
            yield Remark(says=says, settles=settles)


def _nothing_against(case: Case) -> Iterator[Remark]:
    for item in case.looked_at:
        decided = [one for one in item.treatments if one.state in AT_WORK]
        if case.band(item) is not Band.LOW and not decided:
            says = f"Nothing is planned or in place against '{item.title}'."
            yield _about(case, item, says, "Plan a mitigation, with an owner and a day.")


def _no_owner(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: it.state in AT_WORK and not it.owner):
        yield one.remark("Nobody owns %s.", "Name who carries it out and keeps it working.")


def _no_day(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: it.state is State.PLANNED and it.due is None):
        yield one.remark("%s is planned for no day.", "Set the day on which it will be in place.")


def _overdue(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: it.state is State.PLANNED and it.due is not None and it.due < case.day):
        yield one.remark("The day on which %s was to be in place has passed.", "Name its evidence, or set another day.")


def _no_evidence(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: it.state is State.IN_PLACE and not it.evidence):
        yield one.remark("%s is said to be in place, and nothing shows it: it lowers no risk.", one.evidence)


def _evidence_ended(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: bool(it.evidence) and it.state is State.IN_PLACE and not it.counts(case.day)):
        yield one.remark("The evidence of %s has ended: it lowers no risk any more.", one.evidence)


def _evidence_ends(case: Case) -> Iterator[Remark]:
    for one in _treated(case, lambda it: it.counts(case.day) and not it.counts(case.day + SOON)):
        yield one.remark(f"The evidence of %s ends within {SOON.days} days; the risk rises then.", one.evidence)


def _not_lowered(case: Case) -> Iterator[Remark]:
    for item in case.looked_at:
        unlowered = item.residual(case.day).high >= item.inherent.high
        if unlowered and case.band(item) in GRAVE and not item.changes[-1].why:
            says = f"'{item.title}' is accepted at {item.inherent}, nothing lowers it, and no reason is given."
            yield _about(case, item, says, "Say why it may be borne, or put a mitigation in place with its evidence.")


def _dismissed(case: Case) -> Iterator[Remark]:
    for item in case.assessment.scenarios:
        proposed = case.proposals.get(item.id)
        if item.standing is Standing.DISMISSED and proposed and proposed.inherent.band in GRAVE:
            says = f"'{item.title}' was dismissed, and the declaration of today leads to it at {proposed.inherent}."
            settles = "Have a second person read the reason, or measure that it does not happen."
            yield Remark(says=says, settles=settles, scenario=item.id, band=proposed.inherent.band)


def _wide(case: Case) -> Iterator[Remark]:
    for item in case.looked_at:
        rating = item.residual_rating(case.day)
        first = sensitivity(rating)[0]
        if first.decides:
            range_ = rating.of(first.factor)
            says = (
                f"'{item.title}': {first.factor} {range_} is too wide to say whether the risk is {first.band} or more."
            )
            measures = item.metrics[:2] if first.factor is Factor.LIKELIHOOD else ()
            by = f" by measuring {' or '.join(measures)}" if measures else ""
            yield _about(case, item, says, f"Narrow the range of {first.factor}{by}, and give the reason.")


@dataclass(frozen=True)
class Treated:
    """A mitigation, and the scenarios that count in which something holds of it."""

    treatment: Treatment
    scenarios: tuple[AssessedScenario, ...]
    band: Band
    """The gravest of them."""

    @property
    def evidence(self) -> str:
        """What would show it."""
        control = f" of control {self.treatment.control}" if self.treatment.control else ""
        return f"Name a record of evidence{control} about this system that holds for longer, or set it back to planned."

    def remark(self, says: str, settles: str) -> Remark:
        """Return a remark; `%s` stands for the mitigation and how many risks it is meant for."""
        of = f" ({len(self.scenarios)} scenarios)" if len(self.scenarios) > 1 else ""
        only = self.scenarios[0].id if len(self.scenarios) == 1 else ""
        named = says % f"'{self.treatment.title}'{of}"
        return Remark(says=named, settles=settles, scenario=only, mitigation=self.treatment.mitigation, band=self.band)


def _treated(case: Case, holds: Callable[[Treatment], bool]) -> Iterator[Treated]:
    """Yield each mitigation once of which something holds in a scenario that counts."""
    found: dict[str, list[tuple[Treatment, AssessedScenario]]] = {}
    for item in case.counting:
        for one in item.treatments:
            if holds(one):
                found.setdefault(one.mitigation, []).append((one, item))
    for pairs in found.values():
        scenarios = tuple(item for _, item in pairs)
        yield Treated(pairs[0][0], scenarios, max(map(case.band, scenarios), key=lambda band: band.rank))


RULES = (
    Rule("overtaken", "the declaration leads to a scenario that the assessment lacks", Gravity.MISSING, _overtaken),
    Rule("untouched", "a proposal that nobody has looked at", Gravity.MISSING, _untouched),
    Rule("part-without-scenario", "a tool or data of which no scenario speaks", Gravity.MISSING, _parts),
    Rule("threat-without-scenario", "a threat of which every scenario was dismissed", Gravity.MISSING, _threats),
    Rule(
        "nothing-against-it",
        "an accepted scenario above low with no mitigation decided",
        Gravity.MISSING,
        _nothing_against,
    ),
    Rule("no-evidence", "a mitigation in place that no evidence shows", Gravity.MISSING, _no_evidence),
    Rule("evidence-ended", "a mitigation in place whose evidence has ended", Gravity.MISSING, _evidence_ended),
    Rule("overdue", "a planned mitigation whose day has passed", Gravity.MISSING, _overdue),
    Rule("no-owner", "a mitigation that nobody owns", Gravity.WEAK, _no_owner),
    Rule("no-day", "a planned mitigation without a day", Gravity.WEAK, _no_day),
    Rule("not-lowered", "a high or critical risk accepted as it is, without a reason", Gravity.WEAK, _not_lowered),
    Rule(
        "dismissed-grave", "a high or critical scenario that was dismissed, and still applies", Gravity.WEAK, _dismissed
    ),
    Rule("wide-range", "a range so wide that it decides the band", Gravity.WEAK, _wide),
    Rule(
        "evidence-ends-soon",
        f"evidence of a mitigation that ends within {SOON.days} days",
        Gravity.SOON,
        _evidence_ends,
    ),
)
"""Every rule of the critique; documentation and tests are checked against it."""
