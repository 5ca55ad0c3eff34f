"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import SIGNED_IN, opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET portfolio:home": SIGNED_IN,
        "GET portfolio:readiness": Permission.PORTFOLIO_READ,
        "GET portfolio:launches": Permission.PORTFOLIO_READ,
        "GET portfolio:waiting": Permission.PORTFOLIO_READ,
        "GET portfolio:risk": Permission.PORTFOLIO_READ,
        "GET portfolio:audit": Permission.PORTFOLIO_READ,
        "GET portfolio:kpis": Permission.PORTFOLIO_READ,
        "GET portfolio:kpi": Permission.PORTFOLIO_READ,
        "GET api:my_work": SIGNED_IN,
        "GET api:kpis": Permission.PORTFOLIO_READ,
        "GET api:kpi": Permission.PORTFOLIO_READ,
        "GET api:portfolio_readiness": Permission.PORTFOLIO_READ,
        "GET api:portfolio_launches": Permission.PORTFOLIO_READ,
    }
)
