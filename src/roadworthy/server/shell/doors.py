"""Doors that are open to everybody: whether the server lives, and its assets."""

from __future__ import annotations

from roadworthy.server.access.doors import PUBLIC, opens

opens({"GET shell:healthz": PUBLIC, "GET shell:readyz": PUBLIC})
