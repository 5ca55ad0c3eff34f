"""Saved views and the history of KPIs as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Filters and order of a list, kept under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="views")
    page = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="view_once")]


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
