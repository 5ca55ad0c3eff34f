"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens({"GET doctor:health": Permission.JOB_READ, "GET api:health_checks": Permission.JOB_READ})
