"""Releases as rows: what was pushed, what the gate said, how long that holds, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadworthy.server.access.subject import Subject


class ReleaseState(models.TextChoices):
    """What became of a release."""

    RECEIVED = "received"
    IN_REVIEW = "in review"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"
    REJECTED = "rejected"
    REOPENED = "reopened"
    SHIPPED = "shipped"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Release(models.Model):
    """One version of a system that is meant to ship, with the verdict on it."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="releases")
    version = models.ForeignKey("systems.SystemVersion", on_delete=models.PROTECT, related_name="releases")
    name = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, db_index=True)
    parts = models.JSONField(default=dict, db_comment="Digest of each part under test")
    tier = models.CharField(max_length=12)
    standard = models.ForeignKey("standards.StandardVersion", on_delete=models.PROTECT, related_name="releases")
    bundle = models.ForeignKey("evidence.Blob", on_delete=models.PROTECT, related_name="+", db_comment="As pushed")
    bundle_digest = models.CharField(max_length=64, db_index=True, db_comment="SHA-256 of the signed statement")
    resealed = models.ForeignKey(
        "evidence.Blob",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_comment="Bundle with what was signed here",
    )
    verdict = models.CharField(max_length=24)
    verdict_blob = models.ForeignKey("evidence.Blob", on_delete=models.PROTECT, related_name="+")
    shown_digest = models.CharField(max_length=64, db_comment="SHA-256 of what a signature covers")
    gated_at = models.DateTimeField(db_comment="When the gate judged what was pushed")
    judged_at = models.DateTimeField(db_comment="When the verdict in force was given")
    valid_until = models.DateTimeField(null=True, blank=True, db_index=True)
    stale = models.CharField(max_length=300, blank=True, default="", db_comment="Why the verdict no longer counts")
    met = models.PositiveIntegerField(default=0)
    not_met = models.PositiveIntegerField(default=0)
    inconclusive = models.PositiveIntegerField(default=0)
    not_shown = models.PositiveIntegerField(default=0)
    stale_count = models.PositiveIntegerField(default=0)
    waived = models.PositiveIntegerField(default=0)
    holding = models.PositiveIntegerField(default=0, db_comment="Outcomes that hold the release")
    measured = models.JSONField(default=dict, db_comment="Dimension -> [measured, required]")
    changes = models.JSONField(default=list, db_comment="What differs from the last shipped release")
    assessment_owed = models.BooleanField(default=False)
    regressed = models.BooleanField(default=False, db_comment="Materially worse than the last shipped release")
    state = models.CharField(max_length=20, choices=ReleaseState.choices, default=ReleaseState.RECEIVED)
    current = models.BooleanField(default=True, db_comment="The newest push of its system")
    pushed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    pushed_at = models.DateTimeField(auto_now_add=True, db_index=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    environments = models.JSONField(default=list, db_comment="Where it was shipped")
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-pushed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["system", "bundle_digest"], name="release_bundle_once"),
            models.UniqueConstraint(fields=["system"], condition=Q(current=True), name="release_one_current"),
        ]
        indexes = [
            models.Index(fields=["system", "-pushed_at", "-id"], name="release_system"),
            models.Index(fields=["state", "-pushed_at", "-id"], name="release_state"),
            models.Index(fields=["verdict", "-pushed_at", "-id"], name="release_verdict"),
            models.Index(fields=["-pushed_at", "-id"], name="release_pushed"),
            models.Index(
                fields=["system"],
                condition=models.Q(current=True),
                include=["id", "name", "holding", "stale", "valid_until"],
                name="release_newest",
            ),
            models.Index(
                fields=["system"],
                condition=models.Q(shipped_at__isnull=False),
                include=["id"],
                name="release_shipped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.name}"

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("release", str(self.pk), str(self), self.system.slug, f"/releases/{self.pk}/")


class ReleaseEvidence(models.Model):
    """Which record an outcome of a release rests on; walkable both ways."""

    access_path = "release__system__"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="rests_on")
    record = models.ForeignKey("evidence.EvidenceRecord", on_delete=models.PROTECT, related_name="used_by")
    requirement = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "record", "requirement"], name="release_evidence_once")
        ]


class JudgedUnder(models.Model):
    """What becomes of a bundle under another standard; kept so that a preview goes on where it stopped."""

    bundle = models.CharField(max_length=64, db_comment="SHA-256 of the bundle that was judged")
    standard = models.CharField(max_length=64, db_comment="Digest of the standard that it was judged by")
    harness = models.CharField(max_length=64, db_comment="Version of Roadworthy that judged")
    effect = models.JSONField(default=dict, db_comment="Verdicts, tiers, and which requirements differ")
    judged_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["standard", "bundle", "harness"], name="judged_under_once")]


class TrustedKey(models.Model):
    """A public key whose measurements count: of a build pipeline or a team."""

    key_id = models.CharField(max_length=64, unique=True, db_comment="Ed25519 public key, hex")
    name = models.CharField(max_length=200)
    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, null=True, blank=True, related_name="keys")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        """Return how events name it; select system with it."""
        slug = self.system.slug if self.system else ""
        return Subject("key", self.key_id, self.name, slug, "/keys/")
