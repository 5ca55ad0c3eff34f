"""The app `webhooks`."""

from __future__ import annotations

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.webhooks"
    label = "webhooks"
