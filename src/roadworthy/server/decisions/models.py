"""Decisions as rows: who may sign, what was asked, what was signed, and what is waived until when."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadworthy.server.access.subject import Subject


class AuthorityRule(models.Model):
    """Seats that people in certain roles must take for an action, at some tiers and environments. Data, not code."""

    action = models.CharField(max_length=16, db_comment="release, exception, tier, standard")
    roles = models.JSONField(default=list, db_comment="A seat is taken by somebody in any one of these")
    tiers = models.JSONField(default=list, blank=True, db_comment="Empty: every tier but prohibited")
    environments = models.JSONField(default=list, blank=True, db_comment="Empty: every environment")
    quorum = models.PositiveSmallIntegerField(default=1, db_comment="How many different people must sign")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.CASCADE, null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["action", "id"]
        verbose_name = "authority rule"

    def __str__(self) -> str:
        return f"{self.quorum} of {' or '.join(self.roles)} for {self.action}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("authority", str(self.pk), str(self), url=f"/authority/{self.pk}/")


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
    note = models.TextField(blank=True, default="", db_comment="What the team says to those who decide")
    environments = models.JSONField(default=list)
    shown_digest = models.CharField(max_length=64, db_comment="SHA-256 of what is decided about in this round")
    round = models.PositiveIntegerField(default=1, db_comment="Something else is shown in each")
    tier = models.CharField(max_length=12)
    recommendation = models.TextField(blank=True, default="")
    recommended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recommended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=28, choices=RequestState.choices, default=RequestState.OPEN)
    conditions = models.JSONField(default=list)
    decided_at = models.DateTimeField(null=True, blank=True)
    due = models.DateTimeField(db_comment="First moment at which it is late")
    reopened_reason = models.CharField(max_length=500, blank=True, default="")
    blocked = models.BooleanField(default=False, db_comment="People were told that a seat can be taken by nobody")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = "request for a decision"
        verbose_name_plural = "requests for decisions"
        constraints = [
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(state__in=["open", "changes requested", "reopened"]),
                name="request_open_once",
            )
        ]
        indexes = [
            models.Index(fields=["state", "due", "id"], name="request_due"),
            models.Index(fields=["due", "id"], name="request_by_due"),
            models.Index(fields=["requested_at", "id"], name="request_asked"),
        ]

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
    round = models.PositiveIntegerField(default=1)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures")
    role = models.CharField(max_length=64)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    choice = models.CharField(max_length=28)
    reason = models.TextField()
    conditions = models.JSONField(default=list)
    shown_digest = models.CharField(max_length=64)
    statement_digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of what was signed")
    envelope = models.TextField(db_comment="Signed DSSE envelope")
    void = models.CharField(max_length=300, blank=True, default="", db_comment="Why it no longer counts")
    at = models.DateTimeField(db_comment="When it was signed")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "user", "round", "shown_digest"], condition=Q(void=""), name="signature_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.choice} by {self.user}"


class ExceptionState(models.TextChoices):
    """Where an exception stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ExceptionScope(models.TextChoices):
    """What an exception covers."""

    RELEASE = "release", "This release"
    SYSTEM = "system", "Every release of the system"


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
    scope = models.CharField(max_length=16, choices=ExceptionScope.choices, default=ExceptionScope.RELEASE)
    tier = models.CharField(max_length=12)
    until = models.DateTimeField(db_index=True, db_comment="First moment at which it no longer holds")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=12, choices=ExceptionState.choices, default=ExceptionState.REQUESTED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_role = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True, db_comment="When it expired or was withdrawn")
    ended_reason = models.CharField(max_length=500, blank=True, default="")
    record = models.ForeignKey(
        "evidence.EvidenceRecord", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name = "exception"
        indexes = [
            models.Index(fields=["state", "until", "id"], name="exception_until"),
            models.Index(fields=["until", "id"], name="exception_by_until"),
            models.Index(fields=["requested_at", "id"], name="exception_asked"),
        ]

    def __str__(self) -> str:
        return f"Exception from {self.requirement} for {self.system}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("exception", str(self.pk), str(self), self.system.slug, f"/exceptions/{self.pk}/")


class TierStatement(models.Model):
    """A tier that a person set, as it was signed for one release: the record of it."""

    access_path = "release__system__"

    override = models.ForeignKey("systems.TierOverride", on_delete=models.CASCADE, related_name="statements")
    release = models.ForeignKey("releases.Release", on_delete=models.CASCADE, related_name="tier_statements")
    record = models.OneToOneField("evidence.EvidenceRecord", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["override", "release"], name="tier_statement_once")]


class VendorChange(models.Model):
    """A vendor changed what it supplies; what was shown with it before no longer counts."""

    vendor = models.CharField(max_length=200, db_comment="Vendor or provider, as declarations name it")
    model = models.CharField(max_length=200, blank=True, default="", db_comment="Only systems with this model")
    note = models.TextField()
    releases = models.PositiveIntegerField(default=0, db_comment="Releases that went stale by it")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-reported_at", "-id"]
        verbose_name = "vendor change"

    def __str__(self) -> str:
        return f"{self.vendor} {self.model}".strip()

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("vendor-change", str(self.pk), str(self), url="/vendor-changes/")
