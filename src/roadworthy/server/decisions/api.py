"""Everything of this app over the API."""

from __future__ import annotations

from roadworthy.server.decisions.api_authority import router as authority
from roadworthy.server.decisions.api_clearance import router as clearance
from roadworthy.server.decisions.api_decisions import router as decisions
from roadworthy.server.decisions.api_exceptions import router as exceptions

ROUTERS = [decisions, exceptions, authority, clearance]
