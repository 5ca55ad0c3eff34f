"""Findings as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadworthy.server.access.subject import Subject


class Severity(models.TextChoices):
    """How bad it is, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class FindingState(models.TextChoices):
    """Where a finding stands."""

    OPEN = "open"
    IN_PROGRESS = "in progress"
    CLOSED = "closed"
    ACCEPTED = "accepted"


class FindingSource(models.TextChoices):
    """Where a finding comes from."""

    GATE = "gate"
    RED_TEAM = "red team"
    PERSON = "person"
    INCIDENT = "incident"


class Finding(models.Model):
    """Something wrong; closed only by a passing re-run or an accepted risk."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="findings")
    release = models.ForeignKey(
        "releases.Release", on_delete=models.SET_NULL, null=True, blank=True, related_name="findings"
    )
    requirement = models.CharField(max_length=64, blank=True, default="", db_comment="Whose outcome proves a closure")
    source = models.CharField(max_length=12, choices=FindingSource.choices)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True, default="")
    severity = models.CharField(max_length=8, choices=Severity.choices)
    severity_rank = models.PositiveSmallIntegerField(default=3, db_comment="0 is worst; for sorting")
    state = models.CharField(max_length=12, choices=FindingState.choices, default=FindingState.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="findings_owned"
    )
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_release = models.ForeignKey(
        "releases.Release",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_closed",
        db_comment="Its verdict shows the requirement met again",
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_reason = models.TextField(blank=True, default="")
    accepted_until = models.DateTimeField(null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(default=0, db_comment="How often it came back")
    updated_at = models.DateTimeField(auto_now=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["severity_rank", "due", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "requirement"],
                condition=Q(source="gate") & ~Q(state="closed"),
                name="finding_of_gate_once",
            )
        ]
        indexes = [
            models.Index(fields=["state", "severity_rank", "due", "id"], name="finding_board"),
            models.Index(fields=["system", "state", "severity_rank", "id"], name="finding_system"),
            models.Index(fields=["owner", "state", "due", "id"], name="finding_owner"),
            models.Index(fields=["severity_rank", "due", "id"], name="finding_worst"),
            models.Index(fields=["opened_at", "id"], name="finding_opened"),
            models.Index(fields=["closed_at", "id"], name="finding_closed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("finding", str(self.pk), self.title, self.system.slug, f"/findings/{self.pk}/")
