"""From a stored brief to what its page shows: the plan, the text with what was read marked, the declaration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.assess.brief_text import read_brief
from roadworthy.assess.lexicon import Finding
from roadworthy.assess.open_fact import NOT_STATED
from roadworthy.assess.plan import Plan
from roadworthy.declare.load import system_value
from roadworthy.server.assessments.models import Brief
from roadworthy.server.systems.declaration_file import write_declaration
from roadworthy.server.systems.intake_form import with_answers

TAKEN, LEFT = "taken", "left"


@dataclass(frozen=True)
class Piece:
    """A stretch of the brief; with what was read in it, where anything was."""

    text: str
    read: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return what was read in it, in words."""
        return "; ".join(self.read)


@dataclass(frozen=True)
class Suggested:
    """What a model suggested, and what its person said of it."""

    number: int
    finding: Finding
    answer: str
    """taken, left, or empty while nobody has said anything."""


def plan_of(row: Brief) -> Plan:
    """Return the plan that was drafted from a brief."""
    return Plan.model_validate_json(row.draft)


def pieces_of(text: str, findings: Iterable[Finding]) -> list[Piece]:
    """Cut a brief into stretches, those that led to something marked; stretches that overlap are joined."""
    spans: list[tuple[int, int, list[str]]] = []
    quoted = [one for one in findings if one.quote and one.start is not None and 0 <= one.start < len(text)]
    for one in sorted(quoted, key=lambda one: one.start or 0):
        start, said = one.start or 0, f"{one.field}: {shown(one.value)} ({one.confidence})"
        end = min(start + len(one.quote or ""), len(text))
        if spans and start < spans[-1][1]:
            first, last, read = spans.pop()
            spans.append((first, max(last, end), [*read, said]))
        else:
            spans.append((start, end, [said]))
    pieces, at = [], 0
    for start, end, read in spans:
        pieces += [Piece(text[at:start])] if start > at else []
        pieces.append(Piece(text[start:end], tuple(dict.fromkeys(read))))
        at = end
    return [*pieces, Piece(text[at:])] if at < len(text) else pieces


def shown(value: Any) -> str:
    """Write a declared value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value != "" else "none"


def plain_text(brief: str | bytes) -> str:
    """Return a brief as it is kept; raises InputError, which says why, when it cannot be read."""
    return read_brief(brief).text


def suggestions_of(row: Brief) -> list[Suggested]:
    """Return what a model suggested, with what its person said of each."""
    kept = json.loads(row.suggested)["kept"] if row.suggested else []
    return [
        Suggested(number, Finding.model_validate(one), row.answers.get(str(number), ""))
        for number, one in enumerate(kept)
    ]


def taken_of(row: Brief) -> list[Finding]:
    """Return the suggestions that a person took over."""
    return [one.finding for one in suggestions_of(row) if one.answer == TAKEN]


def refused_of(row: Brief) -> list[str]:
    """Return what a model suggested and did not stand up, with the reasons."""
    return list(json.loads(row.suggested)["refused"]) if row.suggested else []


def model_of(row: Brief) -> str:
    """Return the name of the model that suggested; empty where none did."""
    return str(json.loads(row.suggested)["model"]) if row.suggested else ""


def file_of(plan: Plan) -> str:
    """Write the draft as `roadworthy.yaml`: open facts on the stricter side, and a remark for each that was assumed."""
    remarks = [
        "Drafted from a product brief. Every fact that the brief leaves open stands on its stricter side.",
        *(f"Confirm {one.field}: {one.assumed} is assumed. {one.ask}" for one in plan.draft.questions),
        f"Replace what says '{NOT_STATED}'.",
    ]
    head = "".join(f"# {' '.join(remark.split())}\n" for remark in remarks)
    return head + write_declaration(plan.draft.strict)


def answers_of(plan: Plan) -> dict[str, Any]:
    """Return the draft as answers of an intake: the stricter side of what is open; nothing where nothing is known."""
    value = system_value(plan.draft.strict)
    known = {key: item for key, item in value.items() if key not in {"roadworthy", "release"}}
    return with_answers({}, _stated(known))


def _stated(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stated(item) for key, item in value.items() if item != NOT_STATED}
    if isinstance(value, list):
        return [_stated(item) for item in value if item != NOT_STATED]
    return value


def by_confidence(findings: Sequence[Finding]) -> list[Finding]:
    """Order findings by how well they are founded: stated, inferred, assumed."""
    order = {"stated": 0, "inferred": 1, "assumed": 2}
    return sorted(findings, key=lambda one: (order[one.confidence], one.field))
