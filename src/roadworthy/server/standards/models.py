"""Versions of the standard: drafts, and published ones that never change."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadworthy.server.access.subject import Subject


class StandardState(models.TextChoices):
    """Where a version stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class StandardVersion(models.Model):
    """One version of the organisation's standard, all layers applied."""

    standard = models.CharField(max_length=64, db_comment="Id of the standard")
    version = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    digest = models.CharField(max_length=64, db_index=True, db_comment="SHA-256 of the canonical content")
    content = models.TextField(db_comment="Canonical JSON of the whole standard")
    layer = models.JSONField(default=dict, blank=True, db_comment="File name -> YAML of the organisation's own layer")
    state = models.CharField(max_length=12, choices=StandardState.choices, default=StandardState.DRAFT)
    in_force = models.BooleanField(default=False)
    accepted = models.BooleanField(default=False, db_comment="Bundles judged by this version are received")
    in_force_from = models.DateTimeField(
        null=True, blank=True, db_comment="From when it judges; as proposed, null stands for the moment of publication"
    )
    accepted_until = models.DateTimeField(
        null=True, blank=True, db_comment="First moment at which bundles judged by it are refused; null: no end is set"
    )
    in_force_since = models.DateTimeField(null=True, blank=True, db_comment="When it began to judge")
    in_force_until = models.DateTimeField(null=True, blank=True, db_comment="When it ceased to judge")
    grace_days = models.PositiveIntegerField(
        default=0, db_comment="Days for which the version before is still accepted once this one is in force"
    )
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="drafts")
    note = models.TextField(blank=True, default="", db_comment="Why it was changed")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    authors = models.JSONField(default=list, blank=True, db_comment="Keys of who edited it; they do not approve")
    created_at = models.DateTimeField(auto_now_add=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-published_at", "-id"]
        verbose_name = "standard"
        constraints = [
            models.UniqueConstraint(fields=["in_force"], condition=Q(in_force=True), name="standard_one_in_force"),
            models.UniqueConstraint(
                fields=["standard", "version"], condition=Q(state="published"), name="standard_published_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard} {self.version}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("standard", str(self.pk), str(self), url=f"/standards/{self.pk}/")


class StandardApproval(models.Model):
    """What somebody with the authority said about a proposed version; it covers the digest of the content."""

    version = models.ForeignKey(StandardVersion, on_delete=models.CASCADE, related_name="approvals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=64)
    choice = models.CharField(max_length=32)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reason = models.TextField()
    digest = models.CharField(max_length=64, db_comment="SHA-256 of what was shown")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class ImpactState(models.TextChoices):
    """How far a preview has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImpactPreview(models.Model):
    """What a draft would change for the systems and releases there are; computed for one content of it."""

    version = models.ForeignKey(StandardVersion, on_delete=models.CASCADE, related_name="previews")
    digest = models.CharField(max_length=64, db_comment="SHA-256 of the content that was previewed")
    state = models.CharField(max_length=12, choices=ImpactState.choices, default=ImpactState.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, db_comment="Source -> what changes, with counts")
    problem = models.CharField(max_length=500, blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
