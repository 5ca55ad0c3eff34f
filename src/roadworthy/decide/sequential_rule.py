"""When a run is decided: the criteria of a suite, judged while it goes on as the gate will judge them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roadworthy.core.errors import InputError
from roadworthy.decide.applicability import Applicability
from roadworthy.decide.criterion import AT_MOST, direction, in_words, percent, threshold, worst
from roadworthy.decide.measurement import metric_named
from roadworthy.decide.outcome import Judged, Status
from roadworthy.decide.rate import EVERY, judge_tallies
from roadworthy.decide.sequential import Design
from roadworthy.evaluate.metrics.metric import Aggregate, Metric
from roadworthy.evaluate.running_tally import Look, Tallies
from roadworthy.standard.model import Criterion, ShownBy, Tier


@dataclass(frozen=True)
class Question:
    """One criterion that is to be settled."""

    metric: Metric
    criterion: Criterion
    looks: tuple[Look, ...]

    @property
    def words(self) -> str:
        """Write the criterion."""
        return in_words(self.criterion, self.metric.name)

    def settled(self, tallies: Tallies, design: Design) -> str | None:
        """Say what the criterion comes to, or None while it is open."""
        judged = [
            item
            for look in self.looks
            for item in judge_tallies(tallies[look], look[1], design, self.metric, self.criterion)
        ]
        status = worst([item.status for item in judged])
        if status not in {Status.MET, Status.NOT_MET}:
            return None
        return self._answer(next(item for item in judged if item.status is status), status)

    def _answer(self, item: Judged, status: Status) -> str:
        criterion, met = self.criterion, status is Status.MET
        at_most = direction(criterion) == AT_MOST
        outside = "above" if at_most else "below"
        where = "" if item.label == "all" else f" for {item.label}"
        bound = percent(item.upper if met == at_most else item.lower)
        return (
            f"{self.metric.name}{where} is {direction(criterion) if met else outside} {percent(threshold(criterion))} "
            f"({criterion.confidence * 100:g} % bound {bound}, anytime-valid)"
        )


def questions(
    suite: str, metrics: list[str], slices: list[str], applicable: list[Applicability], tier: Tier
) -> list[Question]:
    """List the criteria that a suite with these metrics and slices must settle.

    Raises InputError when there is none, or one that cannot be settled early: gaps and ratios between groups, and a
    comparison with the shipped release.
    """
    found = []
    for name in metrics:
        _refuse_groups(suite, metric_named(name, suite))
    for item in applicable:
        requirement, measure = item.requirement, item.requirement.measure
        if not item.applies or requirement.shown_by is not ShownBy.MEASUREMENT or measure is None:
            continue
        if measure.metric not in metrics or (measure.suites and suite not in measure.suites):
            continue
        criterion, metric = requirement.criterion[tier], metric_named(measure.metric, requirement.id)
        if criterion.no_worse_by is not None:
            raise _refusal(suite, f"{metric.name} is compared with the shipped release")
        found.append(Question(metric, criterion, tuple((metric, by) for by in _columns(criterion, slices))))
    if not found:
        raise _refusal(suite, "no requirement of the standard judges one of its metrics")
    return found


def settle(asked: Sequence[Question], tallies: Tallies, design: Design) -> str | None:
    """Say what all criteria come to, or None while one is open."""
    answers = []
    for question in asked:
        answer = question.settled(tallies, design)
        if answer is None:
            return None
        answers.append(answer)
    return "; ".join(dict.fromkeys(answers))


def _refuse_groups(suite: str, metric: Metric) -> None:
    if metric.aggregate is not Aggregate.MEAN:
        raise _refusal(suite, f"{metric.name} compares groups, for which there are no bounds that hold at every look")


def _refusal(suite: str, why: str) -> InputError:
    return InputError(
        f"{suite!r} cannot be run until decided: {why}",
        remedy="Evaluate it without --until-decided; name the suites that are to stop early.",
    )


def _columns(criterion: Criterion, slices: list[str]) -> list[tuple[str, ...]]:
    every = [(name,) for name in slices]
    named = [by for entry in criterion.slices for by in (every if entry == [EVERY] else [tuple(entry)])]
    return [(), *named]
