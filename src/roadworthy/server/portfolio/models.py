"""The history of KPIs as rows."""

from __future__ import annotations

from django.db import models


class KpiPoint(models.Model):
    """What a KPI was in one period, computed from recorded events."""

    kpi = models.CharField(max_length=64)
    segment = models.CharField(max_length=64, blank=True, default="", db_comment="Tier or product line; empty: all")
    period = models.DateField(db_comment="First day of the month or quarter")
    value = models.FloatField(null=True, blank=True, db_comment="Null: unknown")
    numerator = models.FloatField(null=True, blank=True)
    denominator = models.FloatField(null=True, blank=True)
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["kpi", "segment", "period"]
        constraints = [models.UniqueConstraint(fields=["kpi", "segment", "period"], name="kpi_point_once")]
