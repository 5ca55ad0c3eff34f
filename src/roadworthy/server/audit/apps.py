"""The app `audit`."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.audit"
    label = "audit"
