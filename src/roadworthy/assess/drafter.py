"""An optional second reader of a brief: a language model that suggests, and never decides.

What it suggests is checked (known field, valid value, words that stand in the brief), marked with its name, and kept
beside the draft. It changes no fact, no tier and no risk: a brief may hold orders to the model, and a model may invent.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from roadworthy.assess.assessment import Origin
from roadworthy.assess.brief_text import unwrapped
from roadworthy.assess.draft import Draft
from roadworthy.assess.lexicon import Confidence, Finding
from roadworthy.assess.settle import LISTS
from roadworthy.core.model import FileModel
from roadworthy.declare.system import Autonomy, DataUse, Domain, Influence, Kind, Practice

MOST = 50
"""Suggestions that are read of one answer."""
_Words = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
_Yes = Annotated[bool, Field(strict=True)]
VALUES: dict[str, Any] = {
    "kind": Kind,
    "domain": Domain,
    "autonomy": Autonomy,
    "users.who": _Words,
    "users.vulnerable": _Words,
    "users.internal_only": _Yes,
    "users.monthly": Annotated[int, Field(strict=True, ge=0)],
    "exposure.public": _Yes,
    "exposure.discloses_ai": _Yes,
    "exposure.marks_synthetic": _Yes,
    "exposure.generates": Literal["text", "image", "audio", "video", "code"],
    "decision.about_people": _Yes,
    "decision.influence": Influence,
    "decision.consequential": _Yes,
    "decision.human_review": _Yes,
    "decision.explanation": _Yes,
    "data.personal": _Yes,
    "data.special_category": _Yes,
    "data.untrusted": _Yes,
    "data.use": DataUse,
    "practices": Practice,
    "regions": Annotated[str, StringConstraints(pattern=r"^(?:[A-Z]{2}(?:-[A-Z0-9]{1,3})?|GLOBAL)$")],
    "tools": Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,60}:(?:read|write|external)$")],
    "models": _Words,
}
"""What a suggestion may say of each field."""


class Suggestion(FileModel):
    """What a drafter takes the brief to say of one field."""

    field: str
    value: bool | int | str
    quote: str
    """Words of the brief."""
    because: str = ""


class Suggested(FileModel):
    """The answer of a drafter."""

    model: str
    """Name of the model that answered."""
    suggestions: tuple[Suggestion, ...]


class Drafter(Protocol):
    """Something that reads a brief and suggests. Raises RoadworthyError when it has no usable answer."""

    def draft(self, brief: str) -> Suggested:
        """Read a brief."""


def with_suggestions(draft: Draft, brief: str, suggested: Suggested) -> Draft:
    """Keep beside the draft what stands up, and say of the rest why not."""
    kept: list[Finding] = []
    refused: list[str] = []
    for item in suggested.suggestions[:MOST]:
        problem = _problem(item, draft, brief)
        if problem is None:
            kept.append(_marked(item, suggested.model, brief))
        else:
            refused.append(f"{suggested.model} suggested {item.field[:60]} = {str(item.value)[:100]}: {problem}")
    return draft.model_copy(update={"suggestions": tuple(kept), "refused": tuple(refused)})


def _problem(item: Suggestion, draft: Draft, brief: str) -> str | None:
    if item.field not in VALUES:
        return "there is no such field."
    try:
        TypeAdapter(VALUES[item.field]).validate_python(item.value)
    except ValidationError:
        return "the field does not take this value."
    if len(item.quote.split()) == 0 or _flat(item.quote) not in _flat(brief):
        return "the words that it quotes do not stand in the brief."
    ruled = {f.value for f in draft.findings if f.field == item.field and f.confidence is not Confidence.ASSUMED}
    if item.value in ruled:
        return "the rules have it already."
    if ruled and item.field not in LISTS:
        return f"the rules read {', '.join(map(str, ruled))} from the brief, and count."
    return None


def _marked(item: Suggestion, model: str, brief: str) -> Finding:
    at = unwrapped(brief.replace("\r\n", "\n")).find(item.quote)
    return Finding(
        field=item.field,
        value=item.value,
        confidence=Confidence.INFERRED,
        quote=item.quote,
        start=at if at >= 0 else None,
        because=item.because[:500] or "The model gives no reason.",
        origin=Origin.MODEL,
        model=model,
    )


def _flat(text: str) -> str:
    return " ".join(text.split())
