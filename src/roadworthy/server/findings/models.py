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


RANK = {severity: rank for rank, severity in enumerate(Severity.values)}
"""Place of a severity: 0 is worst."""
UNSOLVED = (FindingState.OPEN, FindingState.IN_PROGRESS)
"""States in which somebody has to do something."""


class Finding(models.Model):
    """Something wrong; closed only by a passing re-run or an accepted risk."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="findings")
    release = models.ForeignKey(
        "releases.Release", on_delete=models.SET_NULL, null=True, blank=True, related_name="findings"
    )
    requirement = models.CharField(max_length=64, blank=True, default="", db_comment="Whose outcome proves a closure")
    dimension = models.CharField(max_length=32, blank=True, default="", db_comment="safety, privacy, ...; may be empty")
    tier = models.CharField(max_length=12, default="", db_comment="Of the system, when it was opened last")
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
    opened_at = models.DateTimeField(db_comment="First time")
    due = models.DateTimeField(db_comment="First moment at which it is late")
    told_due_soon = models.BooleanField(default=False, db_comment="People were reminded")
    told_overdue = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True, blank=True)
    escalated_further_at = models.DateTimeField(
        null=True, blank=True, db_comment="Those who lead the units above were told"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_release = models.ForeignKey(
        "releases.Release",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="findings_closed",
        db_comment="Its verdict shows the requirement met again",
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_by_evidence = models.ForeignKey(
        "evidence.EvidenceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="findings_closed"
    )
    closed_reason = models.TextField(blank=True, default="")
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_for = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment="In whose stead, where the role was delegated",
    )
    accepted_role = models.CharField(max_length=64, blank=True, default="")
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
            models.Index(
                fields=["system", "due"],
                condition=Q(state__in=["open", "in progress"]),
                include=["requirement"],
                name="finding_unsolved",
            ),
            models.Index(
                fields=["due", "id"], condition=Q(state__in=["open", "in progress"]), name="finding_unsolved_due"
            ),
            models.Index(fields=["owner", "state", "due", "id"], name="finding_owner"),
            models.Index(fields=["severity_rank", "due", "id"], name="finding_worst"),
            models.Index(fields=["due", "id"], name="finding_due"),
            models.Index(fields=["state", "due", "id"], name="finding_state_due"),
            models.Index(fields=["state", "accepted_until"], name="finding_accepted"),
            models.Index(fields=["opened_at", "id"], name="finding_opened"),
            models.Index(fields=["closed_at", "id"], name="finding_closed"),
            models.Index(fields=["system", "closed_at"], condition=Q(state="closed"), name="finding_closed_of"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("finding", str(self.pk), self.title, self.system.slug, f"/findings/{self.pk}/")


class Ending(models.TextChoices):
    """How a round of a finding ended."""

    PASSED = "passing re-run"
    WAIVED = "waived"
    SHOWN = "shown by evidence"
    ACCEPTED = "accepted risk"


_COUNTED_BY = ["system", "product_line", "tier", "source"]
"""What KPIs count rounds by; the indexes of a month's rounds hold it, so that the rows are not read."""


class FindingRound(models.Model):
    """One round of a finding, from opening to its end: a finding that comes back begins another. KPIs count rounds.

    What a round says of the past does not change afterwards, so that a month can be computed again: severity is the one
    it was opened with, and a due date that has passed stays.
    """

    access_path = "system__"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField(db_comment="1 at first; one more each time it comes back")
    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="+")
    product_line = models.ForeignKey(
        "accounts.ProductLine", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    tier = models.CharField(max_length=12)
    source = models.CharField(max_length=12, choices=FindingSource.choices)
    dimension = models.CharField(max_length=32, blank=True, default="")
    severity = models.CharField(max_length=8, choices=Severity.choices, db_comment="When it was opened")
    opened_at = models.DateTimeField()
    due = models.DateTimeField(db_comment="One cycle: what the standard promises")
    due_twice = models.DateTimeField(db_comment="Two cycles")
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True, default="")

    class Meta:
        ordering = ["number"]
        verbose_name = "round of a finding"
        constraints = [models.UniqueConstraint(fields=["finding", "number"], name="finding_round_once")]
        indexes = [
            models.Index(
                fields=["opened_at", "id"],
                include=[*_COUNTED_BY, "dimension", "severity"],
                name="round_opened",
            ),
            models.Index(fields=["due", "id"], include=[*_COUNTED_BY, "ended_at", "ending"], name="round_due"),
            models.Index(
                fields=["due_twice", "id"], include=[*_COUNTED_BY, "ended_at", "ending"], name="round_due_twice"
            ),
        ]


class Comment(models.Model):
    """Something that a person said about a finding; never changed and never removed, at most marked as retracted."""

    access_path = "finding__system__"

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    at = models.DateTimeField(auto_now_add=True)
    retracted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["finding", "id"], name="comment_finding")]

    def __str__(self) -> str:
        return f"Comment {self.pk}"
