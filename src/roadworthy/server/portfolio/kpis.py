"""The table of KPIs. Pages, API, documentation and tests are made from it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, Sum, Value, When

from roadworthy.server.decisions.models import ExceptionRequest, ExceptionState
from roadworthy.server.findings.models import Ending, FindingRound, FindingSource
from roadworthy.server.portfolio.kpi import ALL, Direction, Flow, Kpi, Stock, Target, Unit, Unmeasured
from roadworthy.server.portfolio.models import DecisionFact, ReleaseFact, RiskFact, VersionFact
from roadworthy.server.portfolio.tally import Shape
from roadworthy.server.systems.models import Question, QuestionState

WEIGHTS = {"critical": 8, "high": 4, "medium": 2, "low": 1}
"""Weight of a finding by its severity, doubled from step to step."""
FRESH = timedelta(days=365)
"""An accepted assessment counts for a year."""


def number(condition: Q) -> Any:
    """Count the rows of which a condition holds."""
    return Count("pk", filter=condition)


def weight() -> Any:
    """Weigh a round by the severity that it was opened with."""
    cases = [When(severity=severity, then=Value(points)) for severity, points in WEIGHTS.items()]
    return Case(*cases, default=Value(1))


def shipped() -> QuerySet[Any]:
    """Return releases that shipped."""
    return ReleaseFact.objects.filter(shipped_at__isnull=False)


def looked() -> tuple[QuerySet[Any], str]:
    """Return releases received: the gate looked at them."""
    return ReleaseFact.objects.all(), "received_at"


def early() -> QuerySet[Any]:
    """Return rounds of findings from before a release ships: of gates, red teams and people, not of incidents."""
    return FindingRound.objects.exclude(source=FindingSource.INCIDENT)


def due_rounds(due: str) -> QuerySet[Any]:
    """Return rounds without those whose risk was accepted before they were due."""
    return FindingRound.objects.exclude(ending=Ending.ACCEPTED, ended_at__lt=F(due))


def in_time(due: str) -> Q:
    """Return the condition on rounds that ended by a proof before they were due."""
    return Q(ended_at__lt=F(due)) & ~Q(ending__in=["", Ending.ACCEPTED])


def newest(model: Any, moment: str, before: datetime) -> QuerySet[Any]:
    """Return the newest fact of each system before a moment; two facts of one moment: the later row."""
    rows: QuerySet[Any] = model.objects.all()
    last = rows.filter(**{f"{moment}__lt": before}).values("system").annotate(last=Max("pk"))
    return rows.filter(pk__in=last.values("last"))


def declared_data(before: datetime) -> QuerySet[Any]:
    """Return the newest version of each high-tier system that declares data and was not retired before."""
    rows = newest(VersionFact, "saved_at", before).filter(tier__in=["high", "prohibited"], data__gt=0)
    return rows.filter(Q(retired_at=None) | Q(retired_at__gte=before))


def retired(before: datetime) -> QuerySet[Any]:
    """Return the systems that were retired before a moment."""
    return VersionFact.objects.filter(retired_at__lt=before).values("system")


def known_risk(before: datetime) -> QuerySet[Any]:
    """Return the newest accepted assessment of each system that was not retired before."""
    return newest(RiskFact, "accepted_at", before).exclude(system__in=retired(before))


def unknown_risk(before: datetime) -> QuerySet[Any]:
    """Return the newest version of each system without an accepted assessment."""
    known = RiskFact.objects.filter(accepted_at__lt=before).values("system")
    return newest(VersionFact, "saved_at", before).exclude(system__in=known).exclude(system__in=retired(before))


KPIS: dict[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        Kpi(
            "assessment-coverage",
            "Assessment coverage of launches and major changes",
            "Launches and major changes that shipped with an accepted assessment of that very version, of all of them",
            "Releases that shipped in the month and owed an assessment: first launches, and major changes",
            "Releases whose change owes no assessment; releases that did not ship",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(lambda: shipped().filter(owed=True), "shipped_at", number(Q(assessed=True))),
            {"high": Target(0.90), "medium": Target(0.70)},
            row_link="release",
            shows="assessed",
            shows_title="Assessed",
        ),
        Kpi(
            "evaluation-coverage",
            "Evaluation coverage",
            "Required measurements that were there when a release shipped, of all that the standard required of it",
            "Measured requirements that apply to releases that shipped in the month",
            "Requirements that are not shown by a measurement, or do not apply",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(shipped, "shipped_at", Sum("measured"), Sum("required"), number(Q(required=0))),
            {"high": Target(1.0), "medium": Target(0.80)},
            row_link="release",
            shows="measured",
            shows_title="Measured",
        ),
        Kpi(
            "assessment-cycle-time",
            "Assessment cycle time",
            "Median business days from the beginning of a case to its first decision",
            "Releases first decided in the month. A case begins when its system is registered; once a release "
            "has shipped, with the first version saved since",
            "Second decisions on one release, after it was reopened; cases that are not decided yet",
            Shape.MEDIAN,
            Unit.DAYS,
            Direction.DOWN,
            Flow(DecisionFact.objects.all, "decided_at", span=("started_at", "decided_at")),
            {"high": Target(high=20), "medium": Target(high=10)},
            row_link="request",
            shows="span",
            shows_title="Business days",
        ),
        Kpi(
            "decision-time",
            "Decision alignment time",
            "Median business days from asking for a decision to the first decision",
            "Releases first decided in the month",
            "Requests that are open or were withdrawn; second decisions on one release",
            Shape.MEDIAN,
            Unit.DAYS,
            Direction.DOWN,
            Flow(DecisionFact.objects.all, "decided_at", span=("requested_at", "decided_at")),
            {ALL: Target(high=10)},
            row_link="request",
            shows="span",
            shows_title="Business days",
        ),
        Kpi(
            "alignment-time",
            "Legal, privacy and security alignment time",
            "Median business days from asking for a decision to the last word of legal, privacy and security on it",
            "Releases first decided in the month in which any of those three signed",
            "Decisions that none of the three had to sign",
            Shape.MEDIAN,
            Unit.DAYS,
            Direction.DOWN,
            Flow(
                lambda: DecisionFact.objects.filter(aligned_at__isnull=False),
                "decided_at",
                span=("requested_at", "aligned_at"),
            ),
            {ALL: Target(high=10)},
            row_link="request",
            shows="span",
            shows_title="Business days",
        ),
        Kpi(
            "early-issues",
            "Pre-release issues, weighted by severity",
            "Sum of weights of findings that were opened: critical 8, high 4, medium 2, low 1",
            "Rounds of findings opened in the month by gates, red teams and people, as severe as when opened",
            "Findings of incidents. Unknown, not 0, in a month in which the gate looked at no release",
            Shape.TOTAL,
            Unit.POINTS,
            Direction.STEADY,
            Flow(early, "opened_at", Sum(weight()), needs_look=looked),
            row_link="finding",
            shows="severity",
            shows_title="Severity",
        ),
        Kpi(
            "gate-adherence",
            "Gate adherence without exception",
            "Releases that shipped with a verdict of ship or ship with conditions, and with nothing waived",
            "Releases that shipped in the month",
            "Releases that did not ship",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(shipped, "shipped_at", number(Q(waived=0, verdict__in=["ship", "ship with conditions"]))),
            {"high": Target(0.95)},
            row_link="release",
            shows="verdict",
            shows_title="Verdict",
        ),
        Kpi(
            "exception-rate",
            "Exception rate",
            "Releases that shipped with at least one requirement waived, of all that shipped",
            "Releases that shipped in the month",
            "Exceptions that were asked for and never used",
            Shape.SHARE,
            Unit.SHARE,
            Direction.DOWN,
            Flow(shipped, "shipped_at", number(Q(waived__gt=0))),
            {ALL: Target(high=0.10)},
            row_link="release",
            shows="waived",
            shows_title="Waived",
        ),
        Kpi(
            "findings-in-sla",
            "Findings closed in time",
            "Findings that a passing re-run or evidence closed before they were due, of all that were due",
            "Rounds of findings whose due date lies in the month and has passed",
            "Findings whose risk was accepted before they were due",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(lambda: due_rounds("due"), "due", number(in_time("due"))),
            {ALL: Target(0.80)},
            row_link="finding",
            shows="ending",
            shows_title="How it ended",
        ),
        Kpi(
            "findings-in-two-cycles",
            "Findings closed in two cycles",
            "Findings that a passing re-run or evidence closed within twice the promised time, of all so old",
            "Rounds of findings whose two cycles ended in the month",
            "Findings whose risk was accepted before",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(lambda: due_rounds("due_twice"), "due_twice", number(in_time("due_twice"))),
            {ALL: Target(0.95)},
            row_link="finding",
            shows="ending",
            shows_title="How it ended",
        ),
        Kpi(
            "red-team-findings-in-sla",
            "Red-team findings closed in time",
            "Findings of red teams that a passing re-run or evidence closed before they were due, of all that were due",
            "Rounds of findings of red teams whose due date lies in the month and has passed",
            "Findings whose risk was accepted before they were due",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(
                lambda: due_rounds("due").filter(source=FindingSource.RED_TEAM),
                "due",
                number(in_time("due")),
            ),
            {ALL: Target(0.80)},
            row_link="finding",
            shows="ending",
            shows_title="How it ended",
        ),
        Kpi(
            "safety-regressions",
            "Safety regression rate",
            "Releases with a safety or security requirement materially worse than in the last shipped release",
            "Releases received in the month that have a shipped release to compare with",
            "First releases of a system",
            Shape.SHARE,
            Unit.SHARE,
            Direction.DOWN,
            Flow(lambda: ReleaseFact.objects.filter(compared=True), "received_at", number(Q(regressed=True))),
            {ALL: Target(high=0.05)},
            "per release",
            row_link="release",
            shows="regressed",
            shows_title="Worse",
        ),
        Kpi(
            "explainability",
            "Explainability adequacy",
            "Requirements about explanations that were met when a release shipped, of all that applied to it",
            "Requirements about explanations that apply to releases that shipped in the month: where they are mandated",
            "Releases of which the standard asks no explanation",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Flow(
                lambda: shipped().filter(explained_required__gt=0),
                "shipped_at",
                Sum("explained_met"),
                Sum("explained_required"),
            ),
            {ALL: Target(1.0)},
            "quarterly",
            row_link="release",
            shows="explained_met",
            shows_title="Met",
        ),
        Kpi(
            "privacy-findings",
            "Privacy findings in designs",
            "Findings about privacy that were opened before a release shipped",
            "Rounds of findings of the dimension privacy opened in the month by gates, red teams and people",
            "Findings of incidents. Unknown, not 0, in a month in which the gate looked at no release",
            Shape.TOTAL,
            Unit.FINDINGS,
            Direction.DOWN,
            Flow(lambda: early().filter(dimension="privacy"), "opened_at", Count("pk"), needs_look=looked),
            row_link="finding",
            shows="severity",
            shows_title="Severity",
        ),
        Kpi(
            "injection-resilience",
            "Prompt-injection resilience of high-risk tools",
            "Mean of 1 - attack success rate, the worst suite of each release",
            "Releases of high tier that shipped in the month and had to show resilience to injection",
            "Releases to which no such requirement applies. Where it was not measured, a release is unknown",
            Shape.MEAN,
            Unit.SHARE,
            Direction.UP,
            Flow(
                lambda: shipped().filter(injection_required=True, tier="high"),
                "shipped_at",
                Sum("resilience"),
                Count("resilience"),
                number(Q(resilience=None)),
            ),
            {ALL: Target(0.90)},
            "per release",
            ("high",),
            row_link="release",
            shows="resilience",
            shows_title="Resilience",
        ),
        Kpi(
            "data-provenance",
            "Data provenance completeness",
            "Systems all of whose declared data says its source, lineage and licence",
            "High-tier systems that declare data, by their newest version at the end of the month",
            "Systems that declare no data; retired systems; lower tiers",
            Shape.SHARE,
            Unit.SHARE,
            Direction.UP,
            Stock(declared_data, "saved_at", number(Q(traced=F("data")))),
            {ALL: Target(0.90)},
            "quarterly",
            ("high", "prohibited"),
            row_link="version",
            shows="traced",
            shows_title="Traced",
        ),
        Kpi(
            "question-time",
            "Policy-interpretation question cycle time",
            "Median business days from asking at office hours to the answer",
            "Questions answered in the month",
            "Questions that are open or were withdrawn",
            Shape.MEDIAN,
            Unit.DAYS,
            Direction.DOWN,
            Flow(
                lambda: Question.objects.filter(state=QuestionState.ANSWERED, answered_at__isnull=False).annotate(
                    tier=F("system__tier"), product_line=F("system__product_line")
                ),
                "answered_at",
                span=("asked_at", "answered_at"),
            ),
            {ALL: Target(high=10)},
            shows="span",
            shows_title="Business days",
        ),
        Kpi(
            "portfolio-risk",
            "Portfolio risk score",
            "Sum of the upper ends of residual risk, each weighted by tier and reach",
            "The newest accepted assessment of each system at the end of the month",
            "Retired systems. One without an accepted assessment is unknown, not safe; one of over a year ago is stale",
            Shape.TOTAL,
            Unit.POINTS,
            Direction.DOWN,
            Stock(
                known_risk,
                "accepted_at",
                Sum("high"),
                stale=lambda end: number(Q(accepted_at__lt=end - FRESH)),
                unknown=unknown_risk,
            ),
            {},
            "quarterly",
            row_link="assessment",
            shows="high",
            shows_title="Weighted risk",
        ),
    )
}
"""By id."""

_INCIDENTS = "incidents: intake, severity, containment and postmortems"
UNMEASURED = (
    Unmeasured("Post-release incidents", "down quarter on quarter", _INCIDENTS),
    Unmeasured("Sev-1 and Sev-2 incidents", "0 to 1 a quarter", _INCIDENTS),
    Unmeasured("Mean time to mitigate", "Sev-1 under 72 hours, Sev-2 under 2 weeks", _INCIDENTS),
    Unmeasured("Red-team execution", "80 to 100 % of planned", "red-team campaigns with a plan"),
    Unmeasured("Fairness delta", "key gaps down by the target", "mitigations with a gap measured before and after"),
    Unmeasured("Monitoring adoption", "80 % in 6 months, 95 % mature", "monitors that report that they run"),
    Unmeasured("Monitoring signal quality", "under 20 % false on critical alerts", "alerts labelled true or false"),
    Unmeasured("Stakeholder satisfaction", "4.2 of 5", "a survey among those who work with us"),
    Unmeasured("Training completion and effectiveness", "80 % complete, score 70 %", "courses and their results"),
    Unmeasured("Paved-road reuse", "growing; 5 to 10 teams in year one", "reference architectures that teams adopt"),
    Unmeasured("Evidence-pack turnaround", "under 5 business days", "requests for evidence packs"),
    Unmeasured("Leadership effectiveness", "guidance adopted up, escalations down", "adoption of guidance"),
)
"""KPIs of the field that wait for events of later parts."""


def exception_reasons(start: datetime, end: datetime) -> QuerySet[Any]:
    """Return the exceptions that were approved in a period; their categories are the reasons."""
    decided = Q(decided_at__gte=start, decided_at__lt=end)
    return ExceptionRequest.objects.filter(decided, state__in=[ExceptionState.APPROVED, ExceptionState.EXPIRED])
