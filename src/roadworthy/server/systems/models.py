"""Systems as rows: the inventory, every version of each declaration, intake, and questions at office hours."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from roadworthy.server.access.subject import Subject


class Lifecycle(models.TextChoices):
    """Where a system is in its own life, apart from what governance says of it."""

    PLANNED = "planned"
    BUILDING = "building"
    LIVE = "live"
    PAUSED = "paused"
    RETIRED = "retired"


class Governance(models.TextChoices):
    """Where a system stands in governance."""

    REGISTERED = "registered"
    IN_ASSESSMENT = "in assessment"
    AWAITING_DECISION = "awaiting decision"
    CLEARED = "cleared"
    HELD = "held"
    REOPENED = "reopened"


class System(models.Model):
    """One AI system; what it is, its team declares in versions."""

    access_path = ""

    slug = models.CharField(max_length=64, unique=True, db_comment="Id; does not change")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=32)
    purpose = models.TextField()
    domain = models.CharField(max_length=64, default="general")
    team = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, blank=True, default="")
    accountable = models.CharField(max_length=300, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="systems_owned"
    )
    product_line = models.ForeignKey(
        "accounts.ProductLine", on_delete=models.PROTECT, null=True, blank=True, related_name="systems"
    )
    tier = models.CharField(max_length=12, db_index=True)
    tier_set = models.BooleanField(default=False, db_comment="A person set it, against the rules")
    lifecycle = models.CharField(max_length=12, choices=Lifecycle.choices, default=Lifecycle.PLANNED)
    governance = models.CharField(max_length=20, choices=Governance.choices, default=Governance.REGISTERED)
    version = models.ForeignKey(
        "systems.SystemVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    launch = models.DateField(null=True, blank=True)
    reach = models.BigIntegerField(default=0, db_comment="People reached a month")
    regions = models.CharField(max_length=300, blank=True, default="")
    risk_low = models.FloatField(null=True, blank=True, db_comment="Residual risk, lower end")
    risk_high = models.FloatField(null=True, blank=True, db_comment="Residual risk, upper end")
    portfolio_risk_low = models.FloatField(
        null=True, blank=True, db_comment="The same, weighted by tier and reach of then"
    )
    portfolio_risk_high = models.FloatField(null=True, blank=True)
    portfolio_risk_at = models.DateTimeField(null=True, blank=True, db_comment="When that assessment was accepted")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["title", "id"]
        indexes = [
            models.Index(fields=["title", "id"], name="system_title"),
            models.Index(fields=["tier", "title", "id"], name="system_tier"),
            models.Index(fields=["governance", "title", "id"], name="system_governance"),
            models.Index(fields=["product_line", "title", "id"], name="system_line"),
            models.Index(fields=["launch", "id"], name="system_launch"),
            models.Index(fields=["portfolio_risk_high", "id"], name="system_portfolio_risk"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def unit_id(self) -> int | None:
        """Return the primary key of its organisation unit; select product_line with it."""
        return self.product_line.unit_id if self.product_line else None

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("system", self.slug, self.title, self.slug, f"/systems/{self.slug}/")


class SystemVersion(models.Model):
    """One version of a declaration; never changed once it is there."""

    access_path = "system__"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    release = models.CharField(max_length=200, default="unreleased", db_comment="Name of the release it declares")
    declaration = models.TextField(db_comment="Canonical JSON of the declaration")
    digest = models.CharField(max_length=64, db_comment="SHA-256 of the declaration")
    parts = models.JSONField(default=dict, db_comment="Digest of each part under test, where known")
    source = models.CharField(max_length=16, db_comment="intake, file, bundle, page, api")
    note = models.CharField(max_length=500, blank=True, default="")
    tier = models.CharField(max_length=12)
    tiering = models.JSONField(default=dict, db_comment="Rules that fired and the facts that led to them")
    changes = models.JSONField(default=list, db_comment="What differs from the version before: kind and what")
    assessment_owed = models.BooleanField(default=True, db_comment="The change owes a fresh assessment")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = "version"
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="version_once")]

    def __str__(self) -> str:
        return f"{self.system} version {self.number}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        slug = self.system.slug
        return Subject("version", str(self.pk), str(self), slug, f"/systems/{slug}/versions/{self.number}/")


class TierOverride(models.Model):
    """Another tier than the rules give, with who set it and why."""

    access_path = "system__"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="tier_overrides")
    tier = models.CharField(max_length=12)
    rules_tier = models.CharField(max_length=12)
    reason = models.TextField()
    role = models.CharField(max_length=64)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(db_comment="First moment at which it no longer holds")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["system"], condition=models.Q(ended_at__isnull=True), name="tier_override_one_open"
            )
        ]


class TierRequestState(models.TextChoices):
    """Where a request for a lower tier stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class TierRequest(models.Model):
    """Somebody asks for a lower tier than the rules give; somebody else decides."""

    access_path = "system__"

    system = models.ForeignKey(System, on_delete=models.CASCADE, related_name="tier_requests")
    tier = models.CharField(max_length=12)
    rules_tier = models.CharField(max_length=12)
    reason = models.TextField()
    until = models.DateTimeField(db_comment="First moment at which it no longer holds")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=12, choices=TierRequestState.choices, default=TierRequestState.ASKED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_role = models.CharField(max_length=64, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True, default="")
    override = models.OneToOneField(
        TierOverride,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="request",
        db_comment="What it became",
    )
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = "request for a lower tier"
        constraints = [
            models.UniqueConstraint(fields=["system"], condition=models.Q(state="asked"), name="tier_request_one_open")
        ]


class Intake(models.Model):
    """A declaration that somebody is still filling in."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="intakes")
    system = models.ForeignKey(System, on_delete=models.CASCADE, null=True, blank=True, related_name="intakes")
    base = models.ForeignKey(
        SystemVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_comment="Began from"
    )
    title = models.CharField(max_length=300, blank=True, default="")
    answers = models.JSONField(default=dict)
    step = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return self.title or "Untitled intake"


class QuestionState(models.TextChoices):
    """Where a question stands."""

    OPEN = "open"
    TRIAGED = "triaged"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Question(models.Model):
    """A question at office hours: how is the standard to be read for our case?"""

    system = models.ForeignKey(System, on_delete=models.SET_NULL, null=True, blank=True, related_name="questions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="questions_asked")
    title = models.CharField(max_length=300)
    body = models.TextField()
    topic = models.CharField(max_length=64, blank=True, default="", db_comment="Control or dimension")
    state = models.CharField(max_length=12, choices=QuestionState.choices, default=QuestionState.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="questions_assigned"
    )
    answer = models.TextField(blank=True, default="")
    interpretation = models.TextField(blank=True, default="", db_comment="What it means for everybody; searchable")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField()
    triaged_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    business_days = models.PositiveIntegerField(null=True, blank=True, db_comment="From asked to answered")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(fields=["state", "due", "id"], name="question_due"),
            models.Index(fields=["due", "id"], name="question_by_due"),
            models.Index(fields=["-asked_at", "-id"], name="question_asked"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        slug = self.system.slug if self.system else ""
        return Subject("question", str(self.pk), self.title, slug, f"/questions/{self.pk}/")
