"""The app `decisions`."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.decisions"
    label = "decisions"
