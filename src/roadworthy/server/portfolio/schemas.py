"""The portfolio as the API shows it."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Field, Schema


class WorkItem(Schema):
    """Something to do."""

    kind: str = Field(description="decisions, findings, questions, intakes, ending, notices")
    title: str
    about: str
    url: str = Field(description="Path of its page.")
    due: datetime | None


class WorkOut(Schema):
    """What somebody has to do."""

    items: list[WorkItem]


class TargetOut(Schema):
    """The band of good values; an open end is null."""

    low: float | None
    high: float | None


class ValueOut(Schema):
    """A KPI in one month, of all or of a segment."""

    segment: str = Field(description="tier:high, line:shop; empty: all.")
    value: float | None = Field(description="Null: unknown, which is not 0. Shares are from 0 to 1.")
    standing: str = Field(description="on target, off target, unknown, stale, no target")
    target: TargetOut | None
    numerator: float
    denominator: float
    n: int = Field(description="Rows of the population.")
    unknown: int = Field(description="Of those, how many say nothing; they count neither for nor against.")
    stale: int = Field(description="Of those, how many are too old to count.")


class PointOut(Schema):
    """A KPI in one month of its trend."""

    month: str = Field(description="2026-11")
    value: float | None
    n: int
    computed: bool = Field(description="False: no value was computed of that month yet.")
    running: bool = Field(description="The month has not ended.")


class KpiOut(Schema):
    """A KPI with its value in the month that runs."""

    id: str
    title: str
    unit: str
    direction: str
    cadence: str
    now: ValueOut


class KpiDetail(KpiOut):
    """A KPI with its definition, segments and trend."""

    formula: str
    population: str
    exclusions: str
    shape: str
    counted_at: datetime | None = Field(description="As of when; null: counted for this answer.")
    segments: list[ValueOut]
    trend: list[PointOut]


class UnmeasuredOut(Schema):
    """A KPI without a value: its events are not recorded yet."""

    title: str
    target: str
    needs: str


class KpisOut(Schema):
    """Every KPI."""

    month: str
    items: list[KpiOut]
    not_measured: list[UnmeasuredOut]


class LineOut(Schema):
    """Readiness of a product line."""

    line: str | None = Field(description="Id of the product line; null: systems that belong to none.")
    title: str
    systems: int
    governance: dict[str, int]
    cleared: float | None = Field(description="Share from 0 to 1; null where there is no system.")
    held: int
    stale: int
    open_findings: int
    overdue_findings: int
    blockers: dict[str, int] = Field(description="Requirement -> open findings, those that block most.")


class ReadinessOut(Schema):
    """Readiness by product line."""

    counted_at: datetime | None = Field(description="As of when; null: counted for this answer.")
    items: list[LineOut]


class LaunchOut(Schema):
    """A system with a day of launch."""

    system: str
    title: str
    tier: str
    product_line: str | None
    governance: str
    launch: date
    business_days_left: int
    release: int | None
    verdict: str | None
    stale: str | None = Field(description="Why the verdict no longer counts; empty when it does.")
    holding: int | None = Field(description="Outcomes that hold the newest release.")
