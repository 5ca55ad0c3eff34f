"""The app `jobs`."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.jobs"
    label = "jobs"
