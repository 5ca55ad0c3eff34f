"""From a product brief to a plan: the draft of assess, with the requirements that would apply to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from roadworthy.assess.brief_text import LIMIT, read_brief
from roadworthy.assess.draft import Draft, read_draft
from roadworthy.assess.drafter import Drafter, with_suggestions
from roadworthy.assess.lexicon import Finding
from roadworthy.assess.model_drafter import DrafterSpec, ModelDrafter
from roadworthy.assess.plan import Plan, make_plan
from roadworthy.assess.tier import tier_system
from roadworthy.core.errors import InputError, Place, RoadworthyError
from roadworthy.core.model import read_model
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Requirement


def plan_from_brief(
    brief: str | bytes,
    loaded: LoadedStandard,
    as_of: datetime,
    drafter: Drafter | None = None,
    taken: Sequence[Finding] = (),
) -> Plan:
    """Draft tier, risks, evaluation plan, mitigations, gates and signals from a brief of about a page, in English.

    A `drafter` adds suggestions of a model beside the draft; when it fails, a notice says so and the plan stands.
    `taken` are suggestions that a person took over: they count as facts.
    Raises InputError, which says why, when the brief cannot be read.
    """
    reading = read_draft(brief, taken)
    if drafter:
        reading = replace(reading, draft=_asked(drafter, reading.draft, read_brief(brief).text))
    required = _required(reading.draft.strict, loaded, as_of)
    certain = [requirement.id for requirement in _required(reading.draft.known, loaded, as_of)]
    return make_plan(reading, loaded, required, certain)


def read_brief_file(path: Path) -> bytes:
    """Read at most what a brief may have, and a little more so that a longer one is refused as such."""
    try:
        with path.open("rb") as stream:
            return stream.read(8 * LIMIT)
    except OSError as error:
        problem = f"cannot read the brief: {error.strerror or error}"
        raise InputError(problem, place=Place(path), remedy="Check the path and its permissions.") from error


def open_drafter(path: Path) -> ModelDrafter:
    """Read the declaration of a drafter. Raises InputErrors on a bad file."""
    return ModelDrafter(read_model(DrafterSpec, path))


def _asked(drafter: Drafter, draft: Draft, brief: str) -> Draft:
    try:
        return with_suggestions(draft, brief, drafter.draft(brief))
    except RoadworthyError as error:
        notice = f"The drafter added nothing: {error.problem}."
        return draft.model_copy(update={"notices": (*draft.notices, notice)})


def _required(system: System, loaded: LoadedStandard, as_of: datetime) -> list[Requirement]:
    tier = tier_system(system, loaded).tier
    return [item.requirement for item in applicable_requirements(system, loaded, tier, as_of) if item.applies]
