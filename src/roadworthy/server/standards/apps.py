"""The app `standards`."""

from __future__ import annotations

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.standards"
    label = "standards"
