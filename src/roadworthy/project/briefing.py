"""From a product brief to a plan: the draft of assess, with the requirements that would apply to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from roadworthy.assess.brief_text import read_brief
from roadworthy.assess.draft import Draft, read_draft
from roadworthy.assess.drafter import Drafter, with_suggestions
from roadworthy.assess.plan import Plan, make_plan
from roadworthy.assess.tier import tier_system
from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Requirement


def plan_from_brief(
    brief: str | bytes, loaded: LoadedStandard, as_of: datetime, drafter: Drafter | None = None
) -> Plan:
    """Draft tier, risks, evaluation plan, mitigations, gates and signals from a brief of about a page, in English.

    A `drafter` adds suggestions of a model beside the draft; when it fails, a notice says so and the plan stands.
    Raises InputError, which says why, when the brief cannot be read.
    """
    reading = read_draft(brief)
    if drafter:
        reading = replace(reading, draft=_asked(drafter, reading.draft, read_brief(brief).text))
    required = _required(reading.draft.strict, loaded, as_of)
    certain = [requirement.id for requirement in _required(reading.draft.known, loaded, as_of)]
    return make_plan(reading, loaded, required, certain)


def _asked(drafter: Drafter, draft: Draft, brief: str) -> Draft:
    try:
        return with_suggestions(draft, brief, drafter.draft(brief))
    except RoadworthyError as error:
        notice = f"The drafter added nothing: {error.problem}."
        return draft.model_copy(update={"notices": (*draft.notices, notice)})


def _required(system: System, loaded: LoadedStandard, as_of: datetime) -> list[Requirement]:
    tier = tier_system(system, loaded).tier
    return [item.requirement for item in applicable_requirements(system, loaded, tier, as_of) if item.applies]
