"""Critique of the documents of a release: what is missing, thin or silent on what the standard says a reader must find.

Rules compare words; they cannot tell whether a document is right. A remark about words says what nobody could find by
them, and leaves it to a person to point to the passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from roadworthy.assess.remark import Gravity, Remark, ranked
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.standard.model import Requirement

SOON = timedelta(days=30)
"""A document that ends within this is remarked on."""
THIN = 100
"""Words below which a document is thin."""
_WORD = re.compile(r"[a-z]{4,}")
_COMMON = frozenset(
    """about also been does each from have here into must only over such than that their them then there these they
    this those what when where which whom whose will with within without would""".split()  # noqa: SIM905
)
_STEM = 5
"""Letters by which two words are taken for one: `review`, `reviews`, `reviewed`."""


@dataclass(frozen=True)
class Paper:
    """A document as a record of evidence names it."""

    digest: str
    """SHA-256 of its content."""
    name: str
    kept: bool
    """Its content is here, not only its digest."""
    text: str | None = None
    """Its text; None where it has none that can be read."""
    until: datetime | None = None
    """When what was signed for it ends."""


@dataclass(frozen=True)
class Asked:
    """A requirement that a document shows, with its outcome and its documents."""

    requirement: Requirement
    outcome: Outcome
    papers: Sequence[Paper]

    def remark(self, says: str, settles: str) -> Remark:
        """Return a remark about it."""
        return Remark(says=says, settles=settles, requirement=self.requirement.id)

    @property
    def must_say(self) -> Sequence[str]:
        """What a reader must find in it."""
        return self.requirement.document.must_say if self.requirement.document else ()

    @property
    def titled(self) -> str:
        """Its title, within a sentence."""
        return f"'{self.requirement.title}'"


@dataclass(frozen=True)
class Shelf:
    """What is criticised: the documents of a release, at a moment."""

    asked: Sequence[Asked]
    moment: datetime

    def papers(self) -> Iterator[tuple[Asked, Paper]]:
        """Yield the documents of outcomes that count."""
        for one in self.asked:
            if one.outcome.status not in {Status.NOT_SHOWN, Status.STALE}:
                yield from ((one, paper) for paper in one.papers)


@dataclass(frozen=True)
class DocumentRule:
    """A rule of the critique."""

    id: str
    title: str
    gravity: Gravity
    find: Callable[[Shelf], Iterable[Remark]]


def critique_documents(asked: Sequence[Asked], moment: datetime) -> tuple[Remark, ...]:
    """Say what the documents of a release lack at a moment, the gravest first."""
    shelf = Shelf(asked, moment)
    return ranked(
        remark.model_copy(update={"rule": rule.id, "gravity": rule.gravity})
        for rule in DOCUMENT_RULES
        for remark in rule.find(shelf)
    )


def unsaid(text: str, must_say: Iterable[str]) -> list[str]:
    """Return what must be said of which fewer than half the words occur in a text, by their first letters."""
    there = {word[:_STEM] for word in _WORD.findall(text.lower())}
    return [item for item in must_say if _share(item, there) < 0.5]


def _share(item: str, there: set[str]) -> float:
    stems = {word[:_STEM] for word in _WORD.findall(item.lower()) if word not in _COMMON}
    return len(stems & there) / len(stems) if stems else 1.0


def _missing(shelf: Shelf) -> Iterator[Remark]:
    for one in shelf.asked:
        if one.outcome.status is Status.NOT_SHOWN:
            must = f" It says: {'; '.join(one.must_say)}." if one.must_say else ""
            yield one.remark(f"No document shows {one.titled}.", f"{one.outcome.next_step}{must}")


def _ended(shelf: Shelf) -> Iterator[Remark]:
    for one in shelf.asked:
        if one.outcome.status is Status.STALE:
            yield one.remark(
                f"The document for {one.titled} no longer counts: {one.outcome.reason}", one.outcome.next_step
            )


def _not_kept(shelf: Shelf) -> Iterator[Remark]:
    for one, paper in shelf.papers():
        if not paper.kept:
            says = f"'{paper.name}' for {one.titled} is known by its digest alone; nobody can read it here."
            yield one.remark(says, f"Upload the document whose SHA-256 begins with {paper.digest[:12]}.")


def _unsaid(shelf: Shelf) -> Iterator[Remark]:
    for one, paper in shelf.papers():
        for item in unsaid(paper.text, one.must_say) if paper.text is not None else ():
            says = f"'{paper.name}' for {one.titled} has few of the words of what it must say: {item}."
            yield one.remark(says, "Point out the passage to whoever reads it, or write it.")


def _thin(shelf: Shelf) -> Iterator[Remark]:
    for one, paper in shelf.papers():
        words = len(paper.text.split()) if paper.text is not None else THIN
        if words < THIN:
            says = f"'{paper.name}' for {one.titled} is {words} words long."
            yield one.remark(says, "Complete it, or show the requirement in another way.")


def _shared(shelf: Shelf) -> Iterator[Remark]:
    used: dict[str, list[tuple[Asked, Paper]]] = {}
    for one, paper in shelf.papers():
        used.setdefault(paper.digest, []).append((one, paper))
    for pairs in used.values():
        others = list(dict.fromkeys(one.requirement.id for one, _ in pairs))
        if len(others) > 1:
            says = f"One file, '{pairs[0][1].name}', is given for {', '.join(others)}."
            yield pairs[0][0].remark(says, "Check that it says what each of them asks for, or write one for each.")


def _ends(shelf: Shelf) -> Iterator[Remark]:
    for one, paper in shelf.papers():
        if paper.until is not None and shelf.moment < paper.until <= shelf.moment + SOON:
            says = f"What was signed for {one.titled} ends on {paper.until.date()}."
            yield one.remark(says, "Read the document again, and sign for it anew.")


DOCUMENT_RULES = (
    DocumentRule(
        "document-missing", "a document that the standard asks for and nobody gave", Gravity.MISSING, _missing
    ),
    DocumentRule("document-ended", "a document that no longer counts", Gravity.MISSING, _ended),
    DocumentRule("document-not-kept", "a document that is known by its digest alone", Gravity.WEAK, _not_kept),
    DocumentRule("document-silent", "words of what it must say that do not occur in it", Gravity.WEAK, _unsaid),
    DocumentRule("document-thin", f"a document of fewer than {THIN} words", Gravity.WEAK, _thin),
    DocumentRule("document-shared", "one file given for several requirements", Gravity.WEAK, _shared),
    DocumentRule("document-ends-soon", f"a signature that ends within {SOON.days} days", Gravity.SOON, _ends),
)
"""Every rule; documentation and tests are checked against it."""
