"""Doors of the API itself: its document is public, as the program is."""

from __future__ import annotations

from roadworthy.server.access.doors import PUBLIC, SIGNED_IN, opens

opens({"GET api:openapi-json": PUBLIC, "GET api:api-root": SIGNED_IN})
