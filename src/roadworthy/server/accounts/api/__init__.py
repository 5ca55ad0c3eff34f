"""Accounts over the API."""

from __future__ import annotations

from roadworthy.server.accounts.api.grants import router as grants
from roadworthy.server.accounts.api.groups import router as groups
from roadworthy.server.accounts.api.organisation import router as organisation
from roadworthy.server.accounts.api.people import router as people
from roadworthy.server.accounts.api.roles import router as roles
from roadworthy.server.accounts.api.tokens import router as tokens

ROUTERS = [people, groups, roles, grants, organisation, tokens]
