"""The app `findings`."""

from __future__ import annotations

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.findings"
    label = "findings"
