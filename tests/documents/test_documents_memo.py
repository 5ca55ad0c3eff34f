"""The decision memo: options, residual risk, evidence, recommendation and decision, as a page and as Markdown."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from documents_memos import APPROVED, WAITING, decided
from documents_samples import all_statuses, crowded, hostile, unmeasured, verdict
from markdown_it import MarkdownIt

from roadworthy.decide.outcome import Status, Verdict, VerdictKind
from roadworthy.documents.course import courses
from roadworthy.documents.memo import Memo, render_memo_html
from roadworthy.documents.memo_markdown import render_memo_markdown

SHIP = verdict(
    (unmeasured("model-card", Status.MET),), verdict=VerdictKind.SHIP, reasons=("All is met",), not_tested=()
)
CONDITIONAL = verdict(
    (*(o for o in all_statuses() if o.status in (Status.MET, Status.WAIVED)), unmeasured("b", obligation="should")),
    verdict=VerdictKind.SHIP_WITH_CONDITIONS,
    conditions=("The waiver ends on 2027-01-31",),
)
HOST = MarkdownIt("commonmark").enable("table")


def titles(of: Verdict) -> list[str]:
    return [course.title for course in courses(of)]


def test_the_courses_follow_the_verdict_and_the_suggested_one_comes_first() -> None:
    assert titles(SHIP) == ["Ship", "Do not ship now"]
    assert titles(CONDITIONAL) == ["Ship with conditions", "Settle the conditions first", "Do not ship now"]
    assert titles(verdict()) == ["Hold", "Ask for exceptions"]
    for sample in (SHIP, CONDITIONAL, verdict()):
        assert courses(sample)[0].suggested
        assert sum(course.suggested for course in courses(sample)) == 1


def test_what_is_prohibited_has_one_course() -> None:
    for kind in VerdictKind:
        assert titles(verdict(tier="prohibited", verdict=kind)) == ["Do not ship"]


def test_a_hold_without_anything_to_waive_offers_no_exception() -> None:
    empty = verdict((unmeasured("a", Status.NOT_APPLICABLE),), verdict=VerdictKind.HOLD, reasons=("Nothing is met",))
    assert titles(empty) == ["Hold"]


def test_a_course_says_what_it_leaves_at_risk() -> None:
    waive = courses(verdict())[1]
    assert waive.means.startswith("Ask for 7 exceptions, each with a reason, a compensating control and an end")
    assert waive.leaves.endswith(" and 4 more.")
    assert courses(CONDITIONAL)[0].leaves == "B, Selection rates differ by less than a fifth."


@pytest.mark.parametrize("sample", [SHIP, CONDITIONAL, verdict(), crowded(), hostile()])
def test_both_forms_have_every_part_of_a_memo(sample: Verdict) -> None:
    page, text = render_memo_html(decided(sample)), render_memo_markdown(decided(sample))
    for part in ("Recommendation", "Decision", "Options", "Residual risk", "Evidence"):
        assert f">{part}</h2>" in page
        assert f"\n## {part}\n" in text
    for told in (
        "The verdict suggests:",
        "The verdict holds until 2026-12-23T09:00:00Z",
        "Ada Example",
        "it was decided before",
    ):
        assert told.casefold() in page.casefold()
        assert told.casefold() in text.casefold()


def test_nothing_from_outside_becomes_markup() -> None:
    text = render_memo_markdown(decided(hostile()))
    page = HOST.render(text)
    for bad in ("<script", "<a ", "<img", "@admin", "#12"):
        assert bad not in page
    assert "\u202e" not in text
    assert "<script" not in render_memo_html(decided(hostile()))


def test_without_a_recommendation_only_the_verdict_suggests() -> None:
    text = render_memo_markdown(Memo(verdict()))
    assert "Recommendation of" not in text
    assert "The verdict suggests: Hold. " in text
    assert "No end of the verdict is known" in text
    assert "Nobody has been asked yet." in text
    assert "Nobody has been asked yet." in render_memo_html(Memo(verdict()))


def test_an_open_decision_says_who_is_missing() -> None:
    memo = Memo(verdict(), decision=WAITING)
    assert "**Open**. Shown to those who decide: `aaaaaaaaaaaa`." in render_memo_markdown(memo)
    for shown in (render_memo_markdown(memo), render_memo_html(memo)):
        assert "Missing: 2 seats, director or board" in shown


def test_the_decision_names_who_signed_for_whom_and_under_which_conditions() -> None:
    text = render_memo_markdown(Memo(CONDITIONAL, decision=APPROVED))
    assert "**Approved with conditions** at 2026-11-23T11:00:00Z." in text
    assert "| Ada Example (director) | approve with conditions | 2026-11-23T10:00:00Z |" in text
    assert "- The waiver ends on 2027-01-31.\n- Ada Example wants a monitor." in text


def test_the_conditions_of_a_held_release_are_no_conditions_yet() -> None:
    assert Memo(verdict(conditions=("A card",))).conditions == ()


def test_a_clean_release_says_that_nothing_is_open() -> None:
    assert "Nothing that the standard asks for is open." in render_memo_markdown(Memo(SHIP))
    assert "What to do next" not in render_memo_markdown(Memo(SHIP))


def test_engineers_find_figures_and_digests() -> None:
    text = render_memo_markdown(Memo(verdict()))
    assert "47.7 % (upper bound 58.9 %), n = 629 in 27 clusters" in text
    assert "`aaaaaaaaaaaa`" in text


def test_the_same_memo_gives_the_same_text() -> None:
    again = msgspec.json.decode(msgspec.json.encode(verdict()), type=Verdict)
    until = datetime(2027, 1, 1, tzinfo=UTC)
    for render in (render_memo_html, render_memo_markdown):
        assert render(Memo(again, valid_until=until)) == render(Memo(verdict(), valid_until=until))
