"""The app `releases`."""

from __future__ import annotations

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.releases"
    label = "releases"
