"""The audit trail as rows: entries, each holding the digest of the one before, and the signed tip of the chain."""

from __future__ import annotations

from datetime import UTC

from django.db import models

from roadworthy.evidence.audit_chain import START, AuditEntry, Head
from roadworthy.server.access.subject import Subject


class Outcome(models.TextChoices):
    """Whether it was done."""

    DONE = "done"
    REFUSED = "refused"


class Entry(models.Model):
    """One thing that happened or was refused. Rows are added only; `audit.chain` shows what was altered or cut off."""

    number = models.BigIntegerField(primary_key=True, db_comment="From 1, without gaps")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64, db_comment="user:17, token:4, server:job")
    actor_name = models.CharField(max_length=300)
    door = models.CharField(max_length=16)
    action = models.CharField(max_length=64, db_comment="Name from the table of events")
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.DONE)
    kind = models.CharField(max_length=32, db_comment="What sort of thing it is about")
    subject = models.CharField(max_length=128, db_comment="Id of the thing")
    title = models.CharField(max_length=300)
    system = models.CharField(max_length=64, blank=True, default="", db_comment="Id of the system it belongs to")
    detail = models.TextField(db_comment="Canonical JSON: before, after, reason")
    request = models.CharField(max_length=64)
    previous = models.CharField(max_length=64, db_comment="SHA-256 of the entry before")
    digest = models.CharField(max_length=64, db_comment="SHA-256 of this entry")

    class Meta:
        ordering = ["-number"]
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["kind", "subject", "-number"], name="audit_subject"),
            models.Index(fields=["system", "-number"], name="audit_system"),
            models.Index(fields=["actor", "-number"], name="audit_actor"),
            models.Index(fields=["action", "-number"], name="audit_action"),
            models.Index(fields=["kind", "-number"], name="audit_kind"),
            models.Index(fields=["outcome", "-number"], name="audit_outcome"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    @property
    def chained(self) -> AuditEntry:
        """Return it as the chain binds it."""
        return AuditEntry(
            number=self.number,
            at=self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            actor=self.actor,
            actor_name=self.actor_name,
            door=self.door,
            action=self.action,
            outcome=str(self.outcome),
            kind=self.kind,
            subject=self.subject,
            title=self.title,
            system=self.system,
            detail=self.detail,
            request=self.request,
            previous=self.previous,
            digest=self.digest,
        )

    @property
    def about(self) -> Subject:
        """Return what it is about."""
        return Subject(self.kind, self.subject, self.title, self.system)


class Tip(models.Model):
    """The end of the chain, signed by the server's key; one row, locked while an entry is added."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default=START)
    key = models.CharField(max_length=64, blank=True, default="", db_comment="Public key that signed it")
    signature = models.CharField(max_length=128, blank=True, default="")

    class Meta:
        verbose_name = "tip of the audit trail"

    @property
    def head(self) -> Head:
        """Return it as the chain signs it."""
        return Head(self.number, self.digest, self.key, self.signature)
