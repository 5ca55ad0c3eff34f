"""From a product brief to a plan: the draft of assess, with the requirements that would apply to it."""

from __future__ import annotations

from datetime import datetime

from roadworthy.assess.draft import read_draft
from roadworthy.assess.plan import Plan, make_plan
from roadworthy.assess.tier import tier_system
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Requirement


def plan_from_brief(brief: str | bytes, loaded: LoadedStandard, as_of: datetime) -> Plan:
    """Draft tier, risks, evaluation plan, mitigations, gates and signals from a brief of about a page, in English.

    Raises InputError, which says why, when the brief cannot be read.
    """
    reading = read_draft(brief)
    required = _required(reading.draft.strict, loaded, as_of)
    certain = [requirement.id for requirement in _required(reading.draft.known, loaded, as_of)]
    return make_plan(reading, loaded, required, certain)


def _required(system: System, loaded: LoadedStandard, as_of: datetime) -> list[Requirement]:
    tier = tier_system(system, loaded).tier
    return [item.requirement for item in applicable_requirements(system, loaded, tier, as_of) if item.applies]
