"""What KPIs are computed from, and their history.

Facts are rows that an event leaves: what was so at that moment. They are added once and, but for a moment that comes
later (shipping, retirement), never changed. So any month can be computed again and gives the same.
"""

from __future__ import annotations

from django.db import models


class OfSystem(models.Model):
    """A fact about a system, with the tier and the product line that it had then."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="+")
    product_line = models.ForeignKey(
        "accounts.ProductLine", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(max_length=12)

    class Meta:
        abstract = True


class ReleaseFact(OfSystem):
    """A release: when it was received, whether it was worse than the one before, and what was so when it shipped."""

    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="+")
    received_at = models.DateTimeField()
    compared = models.BooleanField(default=False, db_comment="There was a shipped release to compare with")
    regressed = models.BooleanField(default=False, db_comment="A safety or security requirement is materially worse")
    shipped_at = models.DateTimeField(null=True, blank=True, db_comment="First time; null: not shipped")
    owed = models.BooleanField(default=False, db_comment="A launch or major change: it owed an assessment")
    assessed = models.BooleanField(default=False, db_comment="An accepted assessment of its version was there")
    verdict = models.CharField(max_length=24, blank=True, default="")
    waived = models.PositiveIntegerField(default=0)
    required = models.PositiveIntegerField(default=0, db_comment="Measurements that the standard required")
    measured = models.PositiveIntegerField(default=0, db_comment="Of those, how many were there")
    explained_required = models.PositiveIntegerField(default=0, db_comment="Requirements about explanations")
    explained_met = models.PositiveIntegerField(default=0)
    injection_required = models.BooleanField(default=False, db_comment="Resilience to injection was required")
    resilience = models.FloatField(null=True, blank=True, db_comment="1 - attack success rate; null: not measured")

    class Meta:
        verbose_name = "release"
        indexes = [
            models.Index(fields=["received_at", "id"], name="release_fact_received"),
            models.Index(fields=["shipped_at", "id"], name="release_fact_shipped"),
        ]


class DecisionFact(OfSystem):
    """The first decision on a release: when the case began, was put before people, was aligned and was decided."""

    release = models.OneToOneField("releases.Release", on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey("decisions.DecisionRequest", on_delete=models.CASCADE, related_name="+")
    started_at = models.DateTimeField(db_comment="The system was registered, or its first change since it shipped")
    requested_at = models.DateTimeField()
    aligned_at = models.DateTimeField(null=True, blank=True, db_comment="Last word of legal, privacy, security")
    decided_at = models.DateTimeField()
    approved = models.BooleanField()

    class Meta:
        verbose_name = "decision"
        indexes = [models.Index(fields=["decided_at", "id"], name="decision_fact_decided")]


class VersionFact(OfSystem):
    """A version of a declaration: how much of its data has source, lineage and licence."""

    version = models.OneToOneField("systems.SystemVersion", on_delete=models.CASCADE, related_name="+")
    saved_at = models.DateTimeField()
    data = models.PositiveIntegerField(default=0, db_comment="Declared sources of data")
    traced = models.PositiveIntegerField(default=0, db_comment="With source, lineage and licence")
    retired_at = models.DateTimeField(null=True, blank=True, db_comment="The system was retired")

    class Meta:
        verbose_name = "version"
        indexes = [models.Index(fields=["system", "saved_at", "id"], name="version_fact_saved")]


class RiskFact(OfSystem):
    """An accepted assessment: the residual risk of the system, weighted by tier and reach."""

    assessment = models.OneToOneField("assessments.Assessment", on_delete=models.CASCADE, related_name="+")
    accepted_at = models.DateTimeField()
    low = models.FloatField()
    high = models.FloatField()

    class Meta:
        verbose_name = "assessment"
        indexes = [models.Index(fields=["system", "accepted_at", "id"], name="risk_fact_accepted")]


class KpiPoint(models.Model):
    """What a KPI was in one month of the past; computed, and can be computed again."""

    kpi = models.CharField(max_length=64)
    segment = models.CharField(max_length=64, blank=True, default="", db_comment="tier:high, line:shop; empty: all")
    period = models.DateField(db_comment="First day of the month")
    value = models.FloatField(null=True, blank=True, db_comment="Null: unknown")
    numerator = models.FloatField(default=0)
    denominator = models.FloatField(default=0)
    n = models.PositiveIntegerField(default=0, db_comment="Rows of the population")
    unknown = models.PositiveIntegerField(default=0, db_comment="Of those, how many say nothing")
    stale = models.PositiveIntegerField(default=0, db_comment="Of those, how many are too old to count")
    computed_at = models.DateTimeField()
    grouped = models.BooleanField(default=False, db_comment="Of all: the groups of this month are kept, too")

    class Meta:
        ordering = ["kpi", "segment", "period"]
        constraints = [models.UniqueConstraint(fields=["kpi", "segment", "period"], name="kpi_point_once")]
        indexes = [models.Index(fields=["period", "segment"], name="kpi_point_period")]


class KpiGroup(models.Model):
    """What was counted for a KPI in a month, of one tier and line; those of several places add up."""

    kpi = models.CharField(max_length=64)
    period = models.DateField(db_comment="First day of the month")
    tier = models.CharField(max_length=12, blank=True, default="")
    product_line = models.ForeignKey(
        "accounts.ProductLine",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_comment="That of the system then",
    )
    place = models.ForeignKey(
        "accounts.ProductLine",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_comment="That of the system when this was computed: it says who may see it",
    )
    numerator = models.FloatField(default=0)
    denominator = models.FloatField(default=0)
    n = models.PositiveIntegerField(default=0, db_comment="Rows of the population")
    unknown = models.PositiveIntegerField(default=0, db_comment="Of those, how many say nothing")
    stale = models.PositiveIntegerField(default=0, db_comment="Of those, how many are too old to count")
    spans = models.JSONField(default=dict, db_comment="Business days -> rows, for a median")

    class Meta:
        indexes = [models.Index(fields=["kpi", "period", "place"], name="kpi_group_place")]


class SystemPlace(models.Model):
    """The product line that a system had when the groups of past months were computed."""

    system = models.OneToOneField("systems.System", on_delete=models.CASCADE, primary_key=True, related_name="+")
    product_line = models.ForeignKey("accounts.ProductLine", on_delete=models.SET_NULL, null=True, related_name="+")


class PortfolioCount(models.Model):
    """Counts of the whole portfolio by product line; one row, computed each minute."""

    lines = models.JSONField(db_comment="What was counted of the systems of each product line, and of those of none")
    systems = models.PositiveIntegerField(db_comment="In all")
    computed_at = models.DateTimeField()
