"""The lexicon: phrases of a brief, and the declared field that each speaks of."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from roadworthy.assess.assessment import Origin
from roadworthy.assess.brief_text import BriefText, Clause, Voice, denials_before, voice
from roadworthy.assess.catalogue import read_items
from roadworthy.core.model import FileModel

LEXICON = Path(__file__).parent / "lexicon"
Value = bool | int | str
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<number>\d{1,3}(?:[,.  ]\d{3})+|\d+(?:\.\d+)?)\s*(?P<scale>k|thousand|m|mn|million|bn|billion)?\s+"
    r"(?:(?:monthly|active|weekly|daily|registered|\w+)\s+){0,2}"
    r"(?:users|people|customers|employees|staff|applicants|candidates|patients|students|pupils|teens|teenagers|citizens"
    r"|residents|claimants|engineers|developers|shoppers|borrowers|cardholders|members|children|consumers)\b"
    r"(?:\s*(?:a|per|each|every|/)\s*(?P<per>day|week|month|year))?",
    re.IGNORECASE,
)
_ANY_WORD = r"(?:(?!(?:no|not|never|nor|without|nobody) )[\w'’-]+ )"
"""What `(?:\\w+ )` in a phrase stands for: a word that denies nothing."""
_TRAINED = re.compile(r"\b(?:re)?train(?:ed|ing|s)?\b", re.IGNORECASE)
"""People whom it learned from are not people whom it reaches."""
_SCALES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9}
_MONTHLY = {"day": 30.0, "week": 4.35, "month": 1.0, "year": 1 / 12}


class Confidence(StrEnum):
    """How well a finding is founded."""

    STATED = "stated"
    """The brief says it."""
    INFERRED = "inferred"
    """The brief says something that usually means it."""
    ASSUMED = "assumed"
    """The brief does not say; the stricter side is taken."""


class Phrases(FileModel):
    """Phrases that speak of one field."""

    field: str
    value: Value
    confidence: Confidence
    say: tuple[str, ...] = Field(min_length=1)
    """Regular expressions, between word boundaries."""
    negated: Value | None = None
    """The value where the phrase is denied; none: it then says nothing."""
    qualified: Value | None = None
    """The value where it is denied with a condition; none: that of the phrase."""
    unless: tuple[str, ...] = ()
    """Words that, elsewhere in the clause, take the phrase back as a denial would: 'reviewed only if she asks'."""
    weak: tuple[str, ...] = ()
    """Words with which a denial says nothing: who stores no data may still read them."""
    case: bool = False
    """Read with regard to case."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """The phrases as one pattern."""
        return _compiled(self.say, self.case)


class Finding(FileModel):
    """What the brief says of one declared field, with the words that led to it."""

    field: str
    value: Value
    confidence: Confidence
    quote: str | None = None
    """The words of the brief, exactly; none for an assumption."""
    start: int | None = None
    """Offset of the quote in the brief, whose lines end in one newline."""
    because: str
    origin: Origin = Origin.PROPOSED
    model: str | None = None
    """Name of the model, where the origin is one."""


@functools.cache
def load_lexicon() -> tuple[Phrases, ...]:
    """Load every rule of the lexicon."""
    return tuple(read_items(LEXICON, "rules", Phrases))


def find(brief: BriefText) -> tuple[Finding, ...]:
    """List what the phrases of the brief say, in the order of the text."""
    found = [item for clause in brief.clauses if not clause.asks for item in _in_clause(clause)]
    return tuple(sorted(found, key=lambda item: (item.start or 0, item.field)))


def _in_clause(clause: Clause) -> Iterator[Finding]:
    for rule in load_lexicon():
        for match in rule.pattern.finditer(clause.text):
            said = _said(rule, clause, match)
            value = None if said is None else _meant(rule, said, match.group())
            if value is not None:
                denials = denials_before(clause, match.start()) if said is Voice.DENIED else []
                start = denials[-1].start() if denials else match.start()
                yield _finding(rule.field, value, rule.confidence, clause, start, match.end())
    for match in () if _TRAINED.search(clause.text) else _NUMBER.finditer(clause.text):
        yield _finding("users.monthly", monthly(match), Confidence.STATED, clause, *match.span())


def _said(rule: Phrases, clause: Clause, match: re.Match[str]) -> Voice | None:
    said = voice(clause, match.start(), match.end())
    around = f"{clause.text[: match.start()]} … {clause.text[match.end() :]}"
    if said is Voice.SAID and rule.unless and _compiled(rule.unless, False).search(around):
        return Voice.DENIED
    if said is Voice.DENIED and rule.weak and _compiled(rule.weak, False).search(around):
        return None
    return said


def _finding(field: str, value: Value, confidence: Confidence, clause: Clause, start: int, end: int) -> Finding:
    verb = "says" if confidence is Confidence.STATED else "suggests"
    return Finding(
        field=field,
        value=value,
        confidence=confidence,
        quote=clause.text[start:end],
        start=clause.start + start,
        because=f"The brief {verb} so: “{' '.join(clause.text.split())[:200]}”",
    )


def _meant(rule: Phrases, said: Voice, quote: str) -> Value | None:
    if said is Voice.DENIED:
        return rule.negated
    if said is Voice.QUALIFIED and rule.qualified is not None:
        return rule.qualified
    return f"{rule.value}:{quote}" if rule.field == "models" else rule.value


def monthly(match: re.Match[str]) -> int:
    """Read a number of people as people a month; a number without a period is taken as that of a month."""
    digits = match["number"]
    whole = re.sub(r"[,.  ](?=\d{3})", "", digits)
    number = float(whole) * _SCALES.get((match["scale"] or "").lower(), 1)
    return round(number * _MONTHLY[(match["per"] or "month").lower()])


@functools.lru_cache(maxsize=512)
def _compiled(say: tuple[str, ...], case: bool) -> re.Pattern[str]:
    phrases = "|".join(say).replace(r"(?:\w+ )", _ANY_WORD)
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", 0 if case else re.IGNORECASE)
