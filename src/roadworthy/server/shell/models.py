"""Saved views as rows."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """Filters and order of a list, kept under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=64, db_comment="Name of the list")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        ordering = ["name"]
        verbose_name = "saved view"
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="view_once")]

    def __str__(self) -> str:
        return self.name
