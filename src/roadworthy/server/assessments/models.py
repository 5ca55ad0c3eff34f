"""Risk assessments and briefs as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from roadworthy.assess.risk import Band
from roadworthy.server.access.subject import Subject


class AssessmentState(models.TextChoices):
    """Where an assessment stands."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"


OPEN = (AssessmentState.DRAFT, AssessmentState.IN_REVIEW)
"""States of an assessment that is being worked on; a system has at most one."""
BANDS = [(str(band), str(band)) for band in Band]


class Assessment(models.Model):
    """One risk assessment of one version of a system."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="assessments")
    version = models.ForeignKey("systems.SystemVersion", on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=AssessmentState.choices, default=AssessmentState.DRAFT)
    content = models.TextField(db_comment="The assessment as JSON")
    inherent_low = models.FloatField(null=True, blank=True, db_comment="Sum of the lower scores, no mitigation counted")
    inherent_high = models.FloatField(null=True, blank=True)
    residual_low = models.FloatField(null=True, blank=True)
    residual_high = models.FloatField(null=True, blank=True)
    worst = models.CharField(max_length=8, choices=BANDS, blank=True, default="", db_comment="Gravest residual band")
    band_low = models.PositiveIntegerField(default=0, db_comment="Residual risks of this band")
    band_moderate = models.PositiveIntegerField(default=0)
    band_high = models.PositiveIntegerField(default=0)
    band_critical = models.PositiveIntegerField(default=0)
    residual_until = models.DateField(
        null=True, blank=True, db_comment="Last day of the evidence that the residual risk rests on"
    )
    refresh_owed = models.BooleanField(default=False, db_comment="A newer version owes a fresh assessment")
    authors = models.JSONField(default=list, db_comment="Keys of the people who changed it")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_reason = models.TextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["system", "number"], name="assessment_once"),
            models.UniqueConstraint(
                fields=["system"], condition=models.Q(state__in=["draft", "in review"]), name="assessment_one_open"
            ),
            models.UniqueConstraint(
                fields=["system"], condition=models.Q(state="accepted"), name="assessment_one_accepted"
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="assessment_updated"),
            models.Index(fields=["residual_high", "id"], name="assessment_residual"),
            models.Index(fields=["state", "residual_until"], name="assessment_evidence_until"),
        ]

    def __str__(self) -> str:
        return f"Assessment {self.number} of {self.system}"

    @property
    def is_open(self) -> bool:
        """Tell whether it is being worked on."""
        return self.state in OPEN

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        slug = self.system.slug
        return Subject("assessment", str(self.pk), str(self), slug, f"/assessments/{self.pk}/")


class Brief(models.Model):
    """A product brief of a page, and the draft that was made from it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="briefs")
    title = models.CharField(max_length=300)
    text = models.TextField()
    draft = models.TextField(blank=True, default="", db_comment="The plan as JSON, with the draft declaration")
    suggested = models.TextField(blank=True, default="", db_comment="What a model suggested, as it answered, as JSON")
    answers = models.JSONField(default=dict, db_comment="Suggestion (its number) -> taken or left")
    tier = models.CharField(max_length=12, blank=True, default="", db_comment="On the stricter side of what is open")
    known_tier = models.CharField(max_length=12, blank=True, default="", db_comment="On the milder side")
    system = models.ForeignKey(
        "systems.System", on_delete=models.SET_NULL, null=True, blank=True, related_name="briefs"
    )
    intake = models.ForeignKey("systems.Intake", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    accepted_at = models.DateTimeField(null=True, blank=True, db_comment="Its owner went on with the draft")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name it; a brief may be about what nobody is to know of yet, so its title stays out."""
        slug = self.system.slug if self.system else ""
        return Subject("brief", str(self.pk), f"Brief {self.pk}", slug, f"/briefs/{self.pk}/")
