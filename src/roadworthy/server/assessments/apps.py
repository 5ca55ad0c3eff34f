"""The app `assessments`."""

from __future__ import annotations

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.assessments"
    label = "assessments"
