"""Risk assessments and briefs as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from roadworthy.server.access.subject import Subject


class AssessmentState(models.TextChoices):
    """Where an assessment stands."""

    DRAFT = "draft"
    IN_REVIEW = "in review"
    ACCEPTED = "accepted"
    SUPERSEDED = "superseded"


class Assessment(models.Model):
    """One risk assessment of one version of a system."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="assessments")
    version = models.ForeignKey("systems.SystemVersion", on_delete=models.PROTECT, related_name="assessments")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=AssessmentState.choices, default=AssessmentState.DRAFT)
    content = models.TextField(db_comment="The assessment as JSON")
    inherent_low = models.FloatField(null=True, blank=True)
    inherent_high = models.FloatField(null=True, blank=True)
    residual_low = models.FloatField(null=True, blank=True)
    residual_high = models.FloatField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="assessment_once")]

    def __str__(self) -> str:
        return f"Assessment {self.number} of {self.system}"

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
    draft = models.TextField(blank=True, default="", db_comment="The draft as JSON")
    system = models.ForeignKey(
        "systems.System", on_delete=models.SET_NULL, null=True, blank=True, related_name="briefs"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.title
