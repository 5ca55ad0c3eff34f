"""The routers of the app."""

from __future__ import annotations

from roadworthy.server.assessments.api import router as assessments
from roadworthy.server.assessments.brief_api import router as briefs
from roadworthy.server.assessments.scenario_api import router as scenarios

ROUTERS = [assessments, scenarios, briefs]
