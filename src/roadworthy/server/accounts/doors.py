"""Doors of the app: signing in and out belong to allauth, whose own checks they have."""

from __future__ import annotations

from roadworthy.server.access.doors import PUBLIC, SIGNED_IN, opens

opens(
    {
        "GET people:set_up": PUBLIC,
        "POST people:set_up": PUBLIC,
        "GET account_login": PUBLIC,
        "POST account_login": PUBLIC,
        "GET account_logout": SIGNED_IN,
        "POST account_logout": SIGNED_IN,
    }
)
