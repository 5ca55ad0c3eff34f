"""Briefs as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from roadworthy.assess.brief_text import LIMIT
from roadworthy.assess.lexicon import Finding
from roadworthy.assess.plan import Plan
from roadworthy.server.assessments.brief_reading import plan_of, refused_of, suggestions_of
from roadworthy.server.assessments.models import Brief
from roadworthy.server.assessments.schemas import Range, ScoreOut, rating_value, score_value


class BriefFields(Schema):
    """A product brief, and the tiers that were drafted from it."""

    id: int
    title: str
    tier: str = Field(description="With every open fact on its stricter side.")
    known_tier: str = Field(description="With every open fact on its milder side: at least this.")
    owner: int
    system: str | None = Field(description="The system that was declared from it.")
    intake: int | None
    created_at: datetime
    accepted_at: datetime | None = Field(description="When its owner went on with the draft.")
    revision: int


class BriefOut(BriefFields):
    """A product brief in lists."""

    @staticmethod
    def resolve_owner(row: Brief) -> int:
        """Return the person who wrote it."""
        return row.owner_id

    @staticmethod
    def resolve_system(row: Brief) -> str | None:
        """Return the id of the system."""
        return row.system.slug if row.system else None

    @staticmethod
    def resolve_intake(row: Brief) -> int | None:
        """Return the intake that was begun with it."""
        return row.intake_id


class FactOut(Schema):
    """Something that was read, or assumed."""

    field: str
    value: bool | int | str
    confidence: Literal["stated", "inferred", "assumed"]
    quote: str | None = Field(description="Words of the brief.")
    start: int | None = Field(description="Offset of the quote in the text.")
    because: str
    model: str | None = Field(description="Name of the model that suggested it, where one did.")


class QuestionOut(Schema):
    """Something that the brief leaves open."""

    field: str
    ask: str
    assumed: str
    because: str
    raises_to: str | None = Field(description="The tier that this answer alone can raise it to.")


class SuggestionOut(FactOut):
    """What a model suggested."""

    number: int
    answer: Literal["", "taken", "left"]


class RiskOut(Schema):
    """One of the top risks."""

    scenario: str
    title: str
    harm: str
    rating: dict[str, Range]
    inherent: ScoreOut
    because: str
    certain: bool


class PlannedOut(Schema):
    """A requirement that will have to be shown."""

    requirement: str
    title: str
    obligation: str
    shown_by: str
    metric: str | None
    at_most: float | None
    at_least: float | None
    confidence: float | None
    do: str | None
    certain: bool


class MitigationOut(Schema):
    """A mitigation, and the top risks that it lowers."""

    mitigation: str
    title: str
    scenarios: list[str]
    declared: bool


class SignalOut(Schema):
    """A signal to watch."""

    signal: str
    watches: list[str]
    requirement: str | None


class BriefDetail(BriefFields):
    """A brief with what was drafted from it."""

    text: str
    standard: str
    facts: list[FactOut]
    questions: list[QuestionOut]
    unread: list[str] = Field(description="Clauses that no rule understood.")
    notices: list[str]
    suggestions: list[SuggestionOut]
    refused: list[str] = Field(description="What a model suggested and does not stand up.")
    risks: list[RiskOut]
    measurements: list[PlannedOut]
    gates: list[PlannedOut]
    mitigations: list[MitigationOut]
    signals: list[SignalOut]


class BriefIn(Schema):
    """A brief of about a page, in English."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LIMIT, pattern=r"^[^\x00]*$")]
    title: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description="Without one, the first line of the brief."
    )


class SuggestionAnswerIn(Schema):
    """Whether a suggestion is taken over as a fact."""

    take: bool


class IntakeOut(Schema):
    """The intake that was begun."""

    intake: int
    to_confirm: list[QuestionOut]


class DeclarationOut(Schema):
    """The draft as `roadworthy.yaml`."""

    file: str


def detail_value(row: Brief) -> dict[str, Any]:
    """Return a brief with its draft as the API shows it."""
    plan = plan_of(row)
    base = BriefOut.from_orm(row).dict()
    return {
        **base,
        "text": row.text,
        "standard": plan.standard,
        "facts": [_fact(one) for one in plan.draft.findings],
        "questions": questions_value(plan),
        "unread": list(plan.draft.unread),
        "notices": list(plan.draft.notices),
        "suggestions": [
            {**_fact(one.finding), "number": one.number, "answer": one.answer} for one in suggestions_of(row)
        ],
        "refused": refused_of(row),
        "risks": [_risk(one) for one in plan.risks],
        "measurements": [_measurement(one) for one in plan.measurements],
        "gates": [_gate(one) for one in plan.gates],
        "mitigations": [one.model_dump(include=set(MitigationOut.model_fields)) for one in plan.mitigations],
        "signals": [one.model_dump() for one in plan.signals],
    }


def questions_value(plan: Plan) -> list[dict[str, Any]]:
    """Return the open questions, with the tier that each alone can raise it to."""
    raising = {answer.field: str(answer.tier) for answer in plan.answers}
    return [{**one.model_dump(), "raises_to": raising.get(one.field)} for one in plan.draft.questions]


def _fact(one: Finding) -> dict[str, Any]:
    return {**one.model_dump(exclude={"origin"}), "confidence": str(one.confidence)}


def _risk(one: Any) -> dict[str, Any]:
    said = one.proposal
    return {
        "scenario": said.scenario,
        "title": said.title,
        "harm": said.harm,
        "rating": rating_value(said.rating),
        "inherent": score_value(said.inherent),
        "because": said.because,
        "certain": one.certain,
    }


def _measurement(one: Any) -> dict[str, Any]:
    return {
        "requirement": one.requirement,
        "title": one.title,
        "obligation": str(one.obligation),
        "shown_by": "measurement",
        "metric": one.metric,
        "at_most": one.criterion.at_most,
        "at_least": one.criterion.at_least,
        "confidence": one.criterion.confidence,
        "do": one.test,
        "certain": one.certain,
    }


def _gate(one: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("metric", "at_most", "at_least", "confidence"))
    same = {name: getattr(one, name) for name in ("requirement", "title", "do", "certain")}
    return {**nothing, **same, "obligation": str(one.obligation), "shown_by": str(one.shown_by)}
