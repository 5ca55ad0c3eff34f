"""The app `evidence`."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.evidence"
    label = "evidence"
