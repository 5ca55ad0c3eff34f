"""The critique of a release's documents: each rule finds what it is for, and is silent once that is settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from roadworthy.assess.remark import Gravity
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.documents.critique import DOCUMENT_RULES, SOON, THIN, Asked, Paper, critique_documents, unsaid
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Requirement

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
PLAN: Requirement = next(one for one in load_standard().standard.requirements if one.id == "oversight-plan")
SAYS = """Who oversees what: two clerks, with training and authority. They see each case, step in when it is unclear,
and override or stop it with one button. Over-reliance is prevented by blind cases, and checked each month."""
LONG = SAYS + " More words follow here." * THIN
OUTCOME = Outcome(
    requirement=PLAN.id,
    title=PLAN.title,
    control="HUM-01",
    dimension=None,
    shown_by="document",
    obligation="must",
    status=Status.MET,
    criterion="",
    threshold=None,
    direction=None,
    confidence=None,
    reason="It expired on 1 March.",
    next_step="Write it.",
    evidence=("a" * 64,),
)


def asked(status: Status = Status.MET, requirement: Requirement = PLAN, **paper: Any) -> Asked:
    given = {"digest": "d" * 64, "name": "plan.md", "kept": True, "text": LONG, **paper}
    outcome = msgspec.structs.replace(OUTCOME, status=status, requirement=requirement.id)
    return Asked(requirement, outcome, [Paper(**given)] if status is not Status.NOT_SHOWN else [])


def rules(*given: Asked) -> list[str]:
    return [one.rule for one in critique_documents(given, NOW)]


def test_a_whole_document_is_not_remarked_on() -> None:
    assert rules(asked()) == []
    assert rules(asked(text=None)) == [], "what no rule can read is not called silent"


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("document-missing", asked(Status.NOT_SHOWN)),
        ("document-ended", asked(Status.STALE)),
        ("document-not-kept", asked(kept=False, text=None)),
        ("document-thin", asked(text=SAYS)),
        ("document-ends-soon", asked(until=NOW + SOON)),
    ],
)
def test_a_document_lacks_something(rule: str, given: Asked) -> None:
    (one,) = critique_documents([given], NOW)
    assert (one.rule, one.requirement) == (rule, "oversight-plan")
    assert PLAN.title in one.says


def test_what_is_missing_says_what_it_must_say() -> None:
    (one,) = critique_documents([asked(Status.NOT_SHOWN)], NOW)
    assert one.settles.startswith("Write it. It says: who oversees what")


def test_what_it_must_say_is_looked_for_by_its_words() -> None:
    silent = asked(text="Nothing about that here, only other things. " * THIN)
    assert rules(silent) == ["document-silent"] * len(silent.must_say)
    assert unsaid(LONG, silent.must_say) == []
    assert unsaid(LONG.replace("Over-reliance is prevented by blind cases, and checked", "Cases"), silent.must_say) == [
        "how over-reliance is prevented and checked"
    ]
    assert unsaid("", ["who is it"]) == [], "only common words: nothing to look for"


def test_one_file_for_several_requirements() -> None:
    other = next(one for one in load_standard().standard.requirements if one.document and one.id != PLAN.id)
    bare = other.model_copy(update={"document": other.document.model_copy(update={"must_say": []})})  # type: ignore[union-attr]
    assert rules(asked(), asked(requirement=bare)) == ["document-shared"]
    assert rules(asked(), asked(requirement=bare, digest="e" * 64)) == []


def test_a_signature_that_has_ended_or_lasts_is_not_remarked_on_as_ending() -> None:
    assert rules(asked(until=NOW - timedelta(days=1))) == []
    assert rules(asked(until=NOW + SOON + timedelta(seconds=1))) == []


def test_the_gravest_come_first() -> None:
    found = critique_documents([asked(until=NOW + SOON), asked(text=SAYS), asked(Status.NOT_SHOWN)], NOW)
    assert [one.gravity for one in found] == [Gravity.MISSING, Gravity.WEAK, Gravity.SOON]


def test_every_rule_is_tried_here() -> None:
    tried = {"missing", "ended", "not-kept", "silent", "thin", "shared", "ends-soon"}
    assert {rule.id for rule in DOCUMENT_RULES} == {f"document-{name}" for name in tried}
