"""Evidence as rows: files by digest, and sealed records about systems."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from roadworthy.server.access.subject import Subject


class Blob(models.Model):
    """A file, named by the SHA-256 of its content; kept on disk or in a bucket."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100, default="application/octet-stream")
    name = models.CharField(max_length=300, blank=True, default="")
    sensitive = models.BooleanField(default=True, db_comment="Reading it is audited")
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "file"

    def __str__(self) -> str:
        return self.name or self.sha256[:12]

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("file", self.sha256, str(self))


class EvidenceRecord(models.Model):
    """A sealed record: something was measured, attested, documented or uploaded."""

    access_path = "system__"

    digest = models.CharField(max_length=64, unique=True, db_comment="SHA-256 of the signed statement")
    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=16, db_comment="measured, attested, documented, exception, uploaded")
    title = models.CharField(max_length=300)
    requirement = models.CharField(max_length=64, blank=True, default="")
    suite = models.CharField(max_length=64, blank=True, default="")
    release = models.CharField(max_length=200, blank=True, default="")
    fingerprint = models.CharField(max_length=64, db_index=True, db_comment="Of the system that it is about")
    made_at = models.DateTimeField(db_index=True)
    until = models.DateTimeField(null=True, blank=True)
    signer = models.CharField(max_length=300, blank=True, default="")
    key_id = models.CharField(max_length=64, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    independence = models.CharField(max_length=64, blank=True, default="")
    samples = models.BigIntegerField(null=True, blank=True)
    results = models.CharField(max_length=64, blank=True, default="", db_comment="SHA-256 of the result table")
    document = models.CharField(max_length=64, blank=True, default="", db_comment="SHA-256 of the document")
    envelope = models.TextField(db_comment="Signed DSSE envelope")
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = "evidence record"
        indexes = [
            models.Index(fields=["system", "-made_at", "-id"], name="record_system"),
            models.Index(fields=["results"], name="record_results"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Subject:
        """Return how events name it."""
        return Subject("evidence", self.digest, self.title, self.system.slug, f"/evidence/{self.digest}/")


class Document(models.Model):
    """A document that somebody uploaded for a system; statements refer to it by its digest."""

    access_path = "system__"

    system = models.ForeignKey("systems.System", on_delete=models.CASCADE, related_name="documents")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="documents")
    name = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["system", "blob"], name="document_once")]
        indexes = [models.Index(fields=["system", "-id"], name="document_system")]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> Subject:
        """Return how events name it; select system with it."""
        slug = self.system.slug
        return Subject("document", self.blob_id, self.name, slug, f"/systems/{slug}/?tab=documents")
