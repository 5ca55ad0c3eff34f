"""Decisions as rows: who may sign, what was asked, what was signed, and what is waived until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadworthy.server.access.subject import Subject


class AuthorityRule(models.Model):
    """Who decides: so many people in a role, for an action, at some tiers and environments. Data, not code."""

    action = models.CharField(max_length=32, db_comment="release, exception, finding, standard")
    tier = models.CharField(max_length=12, blank=True, default="", db_comment="Empty: every tier")
    environment = models.CharField(max_length=64, blank=True, default="", db_comment="Empty: every environment")
    role = models.CharField(max_length=64)
    quorum = models.PositiveSmallIntegerField(default=1)
    unit = models.ForeignKey("accounts.Unit", on_delete=models.CASCADE, null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["action", "tier", "role"]
        verbose_name = "authority rule"

    def __str__(self) -> str:
        return f"{self.quorum} x {self.role} for {self.action}"


class RequestState(models.TextChoices):
    """Where a request for a decision stands."""

    OPEN = "open"
    APPROVED = "approved"
    CONDITIONALLY_APPROVED = "approved with conditions"
    CHANGES_REQUESTED = "changes requested"
    REJECTED = "rejected"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class DecisionRequest(models.Model):
    """Somebody asks for a decision on a release; what they were shown is fixed by its digest."""

    access_path = "release__system__"

    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="requests")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests_made")
    requested_at = models.DateTimeField(auto_now_add=True)
    environments = models.JSONField(default=list)
    shown_digest = models.CharField(max_length=64)
    tier = models.CharField(max_length=12)
    recommendation = models.TextField(blank=True, default="")
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=28, choices=RequestState.choices, default=RequestState.OPEN)
    conditions = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(null=True, blank=True)
    reopened_reason = models.CharField(max_length=500, blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = "request for a decision"
        constraints = [
            models.UniqueConstraint(
                fields=["release"], condition=Q(state__in=["open", "changes requested"]), name="request_open_once"
            )
        ]
        indexes = [models.Index(fields=["state", "due", "id"], name="request_due")]

    def __str__(self) -> str:
        return f"Decision on {self.release}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        slug = self.release.system.slug
        return Subject("request", str(self.pk), str(self), slug, f"/decisions/{self.pk}/")


class Signature(models.Model):
    """What somebody said about a request, signed with their key over the digest of what they were shown."""

    access_path = "request__release__system__"

    request = models.ForeignKey(DecisionRequest, on_delete=models.CASCADE, related_name="signatures")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=64)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    choice = models.CharField(max_length=28)
    reason = models.TextField()
    conditions = models.JSONField(default=list)
    shown_digest = models.CharField(max_length=64)
    envelope = models.TextField(db_comment="Signed DSSE envelope")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["request", "user", "shown_digest"], name="signature_once")]


class ExceptionState(models.TextChoices):
    """Where an exception stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ExceptionRequest(models.Model):
    """A waiver of one requirement: why, what stands in for it, until when, and who allowed it."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="exceptions")
    release = models.ForeignKey(
        "releases.Release", on_delete=models.SET_NULL, null=True, blank=True, related_name="exceptions"
    )
    requirement = models.CharField(max_length=64)
    category = models.CharField(max_length=64)
    reason = models.TextField()
    compensating_control = models.TextField()
    scope = models.CharField(max_length=16, default="release", db_comment="release or system")
    tier = models.CharField(max_length=12)
    until = models.DateTimeField(db_index=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=12, choices=ExceptionState.choices, default=ExceptionState.REQUESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_role = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, default="")
    record = models.ForeignKey(
        "evidence.EvidenceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = "exception"
        indexes = [models.Index(fields=["state", "until", "id"], name="exception_until")]

    def __str__(self) -> str:
        return f"Exception from {self.requirement} for {self.system}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("exception", str(self.pk), str(self), self.system.slug, f"/exceptions/{self.pk}/")
