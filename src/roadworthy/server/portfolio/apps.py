"""The app `portfolio`."""

from __future__ import annotations

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.portfolio"
    label = "portfolio"
