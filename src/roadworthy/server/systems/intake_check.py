"""What still stands between the answers of an intake and a valid declaration, in words that say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from roadworthy.assess.tier import Tiering, tier_system
from roadworthy.core.errors import InputError
from roadworthy.declare.system import System as Declaration
from roadworthy.server.systems.intake_form import field_name, row_name
from roadworthy.server.systems.intake_questions import Answers, Rows, Step, steps_for
from roadworthy.standard.load import LoadedStandard

PLACEHOLDERS: dict[str, Any] = {
    "system": "preview",
    "kind": "assistant",
    "purpose": "Not answered yet.",
    "owner": {"team": "-", "contact": "-"},
    "users": {"who": ["people"]},
    "regions": ["GLOBAL"],
    "models": [{"id": "main", "provider": "-", "name": "-"}],
}
"""Stand in for what is not answered, so that a tier can be shown meanwhile."""


@dataclass(frozen=True)
class Problem:
    """Something to do before the intake can be submitted."""

    step: str
    field: str
    """Name of the field on the page; empty when it is about the step as a whole."""
    label: str
    todo: str


@dataclass(frozen=True)
class Progress:
    """How far a step is."""

    step: Step
    problems: tuple[Problem, ...]
    begun: bool

    @property
    def done(self) -> bool:
        """Tell whether nothing is left to do here."""
        return self.begun and not self.problems


def declaration_of(answers: Answers) -> Declaration:
    """Return the declaration that the answers make; raises ValidationError while something is missing."""
    filled = {"owner": {}, "users": {}, **answers}
    return Declaration.model_validate(filled)


def problems_of(answers: Answers) -> list[Problem]:
    """List everything that is missing or not valid, in the order of the form."""
    try:
        declaration_of(answers)
    except ValidationError as error:
        steps = steps_for(answers)
        found = [_problem(dict(one), steps) for one in error.errors()]
        order = [step.slug for step in steps]
        return sorted(found, key=lambda one: order.index(one.step) if one.step in order else len(order))
    return []


def progress_of(answers: Answers) -> list[Progress]:
    """Return each step with what is left to do there."""
    problems = problems_of(answers)
    return [
        Progress(
            step,
            tuple(problem for problem in problems if problem.step == step.slug),
            any(path.partition(".")[0] in answers for path in step.paths),
        )
        for step in steps_for(answers)
    ]


def tier_so_far(answers: Answers, loaded: LoadedStandard) -> Tiering | None:
    """Return the tier of what is answered so far; None while an answer is not valid."""
    try:
        return tier_system(declaration_of({**PLACEHOLDERS, **_valid(answers)}), loaded)
    except (ValidationError, InputError):
        return None


def _valid(answers: Answers) -> dict[str, Any]:
    """Return the answers without those keys that are not valid yet."""
    try:
        declaration_of({**PLACEHOLDERS, **answers})
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
        return {key: value for key, value in answers.items() if key not in wrong}
    return dict(answers)


def _problem(error: dict[str, Any], steps: list[Step]) -> Problem:
    loc = tuple(error["loc"])
    path = ".".join(part for part in map(str, loc))
    for step in steps:
        for question in step.questions:
            if path == question.path or path.startswith(f"{question.path}."):
                return Problem(step.slug, field_name(question.path), question.label, _todo(error, question.label))
        for rows in step.rows:
            if loc and loc[0] == rows.path:
                return _row_problem(error, step, rows)
    todo = str(error["msg"]).removeprefix("Value error, ")
    return Problem(steps[0].slug, "", path or "The declaration", f"{todo[:1].upper()}{todo[1:]}.")


def _row_problem(error: dict[str, Any], step: Step, rows: Rows) -> Problem:
    loc = error["loc"]
    if len(loc) < 2:
        return Problem(step.slug, "", rows.title, f"Add at least one {rows.one}.")
    number = int(loc[1])
    question = next((one for one in rows.questions if len(loc) > 2 and one.path == loc[2]), None)
    label = f"{rows.one.capitalize()} {number + 1}"
    if question is None:
        message = str(error["msg"]).removeprefix("Value error, ")
        return Problem(step.slug, "", label, f"{message[:1].upper()}{message[1:]}.")
    name = row_name(rows.path, number, question.path)
    return Problem(step.slug, name, f"{label}: {question.label.lower()}", _todo(error, question.label))


def _todo(error: Mapping[str, Any], label: str) -> str:
    kind = error["type"]
    if kind in {"missing", "string_too_short", "too_short"}:
        return f"Fill in: {label[:1].lower()}{label[1:].rstrip('?')}."
    if kind == "string_pattern_mismatch":
        return "Use lower-case letters, digits, dots, underscores and hyphens, for example order-helper."
    if kind in {"enum", "literal_error"}:
        return "Choose one of the list."
    if kind == "string_too_long":
        return "Shorten it."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{message[:1].upper()}{message[1:]}."
