"""From what a brief says to a draft declaration, with open questions where it says nothing.

Two systems are drafted: in `strict` every fact that the brief leaves open takes the stricter side, in `known` the
milder one. The truth lies between. Kind, domain, tools and practices are those that the brief names: nobody is accused
of a practice without a word of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.assess.brief_system import build_system
from roadworthy.assess.brief_text import BriefText, read_brief
from roadworthy.assess.lexicon import Confidence, Finding, find
from roadworthy.assess.open_fact import OPEN_FACTS, Facts, OpenFact
from roadworthy.assess.settle import Settled, settle
from roadworthy.core.model import FileModel
from roadworthy.declare.system import System

_ADDRESSED = re.compile(
    r"ignore (?:all |any )?(?:the |your )?(?:previous|prior|above|earlier) (?:instructions?|rules?|prompts?)"
    r"|system prompt|you are (?:now )?(?:an? |the )?(?:AI|assistant|language model|reviewer)"
    r"|(?:classify|rate|mark|tier|treat) (?:this|it) (?:\w+ ){0,3}(?:low|minimal|no)[- ]?(?:risk|tier)?",
    re.IGNORECASE,
)
UNREAD_WORDS = 4
"""Fewest words of a clause that is listed as not understood."""


class Question(FileModel):
    """Something that the brief leaves open."""

    field: str
    ask: str
    assumed: str
    """What is taken until it is answered, as text."""
    because: str


class Draft(FileModel):
    """A draft declaration of what a brief describes."""

    title: str | None
    strict: System
    """Open facts on the stricter side; what tier and risks are drafted from."""
    known: System
    """Open facts on the milder side: what is at least so."""
    findings: tuple[Finding, ...]
    """What was found in the brief, then what was assumed."""
    questions: tuple[Question, ...]
    unread: tuple[str, ...]
    """Clauses of which no rule understood anything."""
    notices: tuple[str, ...] = ()
    suggestions: tuple[Finding, ...] = ()
    """Of a model, where one was asked; they change nothing until a person takes them over."""
    refused: tuple[str, ...] = ()
    """What the model suggested and does not stand up, with the reason."""


@dataclass(frozen=True)
class Reading:
    """A draft with the facts that it was built from."""

    draft: Draft
    strict: Facts
    known: Facts
    """What the brief settles, without the open facts."""

    def if_only(self, field: str) -> System:
        """Return the milder system with this one fact on its stricter side: what one answer can do."""
        facts, _ = filled({**self.known, field: self.strict[field]}, stricter=False)
        return build_system(facts, self.draft.title, self.draft.known.purpose)


def draft_system(brief: str | bytes) -> Draft:
    """Draft a declaration from a brief of about a page, in English.

    Raises InputError, which says why, when the brief cannot be read.
    """
    return read_draft(brief).draft


def read_draft(brief: str | bytes, taken: Sequence[Finding] = ()) -> Reading:
    """Draft a declaration, and keep the facts; see draft_system. `taken` is what a person took over from a model."""
    text = read_brief(brief)
    found = find(text)
    settled = settle(found, taken)
    strict, open_strict = filled(settled.strict, stricter=True)
    known, _ = filled(settled.known, stricter=False)
    title, purpose = _title(text), _purpose(text)
    draft = Draft(
        title=title,
        strict=build_system(strict, title, purpose),
        known=build_system(known, title, purpose),
        findings=(*settled.findings, *(_assumption(fact, strict) for fact in open_strict)),
        questions=(*_contradictions(settled), *(_question(fact, strict) for fact in open_strict)),
        unread=_unread(text, found),
        notices=_notices(text),
    )
    return Reading(draft, strict, settled.known)


def filled(facts: Facts, *, stricter: bool) -> tuple[Facts, tuple[OpenFact, ...]]:
    """Fill in what is open, on one side; return the facts, and which of them were open."""
    full: Facts = dict(facts)
    opened: list[OpenFact] = []
    for fact in OPEN_FACTS:
        if fact.field not in full:
            asked = fact.arises(full)
            full[fact.field] = (fact.strict if stricter and asked else fact.mild)(full)
            opened += [fact] if asked else []
    return full, tuple(opened)


def _assumption(fact: OpenFact, facts: Facts) -> Finding:
    return Finding(
        field=fact.field,
        value=_shown(facts[fact.field]),
        confidence=Confidence.ASSUMED,
        because="The brief does not say; until it does, the stricter side counts.",
    )


def _question(fact: OpenFact, facts: Facts) -> Question:
    value = _shown(facts[fact.field])
    return Question(field=fact.field, ask=fact.ask, assumed=value, because="The brief does not say.")


def _contradictions(settled: Settled) -> list[Question]:
    asks = {fact.field: fact.ask for fact in OPEN_FACTS}
    return [
        Question(
            field=field,
            ask=asks.get(field, f"Which is right of {field}?"),
            assumed=_shown(settled.strict[field]),
            because="The brief says more than one thing: " + "; ".join(f"“{quote}”" for quote in quotes) + ".",
        )
        for field, quotes in settled.contradictions.items()
    ]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _title(text: BriefText) -> str | None:
    first = next(line for line in text.text.splitlines() if line.strip()).strip().lstrip("#").strip()
    return first if first and len(first.split()) <= 10 and len(first) <= 120 and not first.endswith(".") else None


def _purpose(text: BriefText) -> str:
    lines = [" ".join(line.split()) for line in text.text.splitlines() if len(line.split()) > 4]
    return (lines[0] if lines else " ".join(text.text.split()))[:1_000]


def _unread(text: BriefText, found: tuple[Finding, ...]) -> tuple[str, ...]:
    starts = [item.start for item in found if item.start is not None]
    return tuple(
        " ".join(clause.text.split())[:300]
        for clause in text.clauses
        if len(clause.text.split()) >= UNREAD_WORDS
        and not any(clause.start <= at < clause.start + len(clause.text) for at in starts)
    )


def _notices(text: BriefText) -> tuple[str, ...]:
    return tuple(
        f"The brief speaks to whoever reads it: “{match.group()}”. It is read as text and changes nothing."
        for match in _ADDRESSED.finditer(text.text)
    )
