"""Idempotency keys as rows: what was asked under a key, and what was answered."""

from __future__ import annotations

from django.db import models


class IdempotencyKey(models.Model):
    """One request that a program may send again without a second effect."""

    actor = models.CharField(max_length=64, db_comment="Whose key it is: user:17, token:4")
    key = models.CharField(max_length=255)
    asked = models.CharField(max_length=64, db_comment="SHA-256 of method, address and body")
    status = models.PositiveSmallIntegerField(default=0)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True, default="", db_comment="The answer, sealed")
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        verbose_name = "idempotency key"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]
