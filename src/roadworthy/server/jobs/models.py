"""Schedules, leases, notices and idempotency keys as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Lease(models.Model):
    """Who does something alone, until when; taken and kept by compare and swap."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=100)
    until = models.DateTimeField()


class Schedule(models.Model):
    """A job that comes back, and when it ran last."""

    name = models.CharField(max_length=64, primary_key=True)
    next_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=300, blank=True, default="")


class Notice(models.Model):
    """A message in somebody's inbox."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=64)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=150, db_comment="The same notice is given once")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="notice_once")]
        indexes = [models.Index(fields=["user", "read_at", "-at"], name="notice_inbox")]
