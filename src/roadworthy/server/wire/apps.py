"""The app `wire`."""

from __future__ import annotations

from django.apps import AppConfig


class WireConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.wire"
    label = "wire"
