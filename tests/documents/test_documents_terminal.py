"""What the terminal shows, with and without colour and Unicode."""

from __future__ import annotations

import io

from documents_samples import LONG, all_statuses, crowded, gap, hostile, unmeasured, verdict
from rich.console import Console, RenderableType

from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.documents.requirements_page import requirements_terminal
from roadworthy.documents.sign import SIGNS
from roadworthy.documents.terminal import explain, outcome_table, steps, tier_panel, verdict_panel, verdicts


def shown(renderable: RenderableType, *, width: int = 160, encoding: str = "utf-8", colour: bool = False) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    console = Console(file=stream, width=width, force_terminal=colour, color_system="truecolor" if colour else None)
    console.print(renderable)
    stream.flush()
    return raw.getvalue().decode(encoding)


def flat(text: str) -> str:
    return " ".join(text.replace("│", " ").split())


def test_the_verdict_says_word_reason_and_counts() -> None:
    text = flat(shown(verdict_panel(verdict())))
    assert "Hold Workspace agent, release 2026.11" in text
    assert "should not ship yet" in text
    assert "12 requirements: 3 not met, 2 inconclusive, 1 stale, 2 not shown, 1 waived, 2 met, 1 not applicable" in text
    assert "Tier high, standard roadworthy-default 1.0, judged at 2026-11-23T06:00:00Z" in text


def test_outcomes_show_sign_and_word_problems_first() -> None:
    text = shown(outcome_table(all_statuses()))
    words = [sign.word for sign in SIGNS.values()]
    places = [text.index(f"{sign.mark} {sign.word}") for sign in SIGNS.values()]
    assert places == sorted(places), words
    assert "◌ Not shown (should)" in text


def test_an_ascii_terminal_reads_the_same_words() -> None:
    for renderable in (
        verdict_panel(verdict()),
        outcome_table(all_statuses()),
        explain(gap()),
        steps(all_statuses()),
        tier_panel("high", verdict().tier_because, verdict().regulatory),
        requirements_terminal(verdict()),
    ):
        assert shown(renderable, encoding="ascii")
    assert "x Not met" in shown(outcome_table(all_statuses()), encoding="ascii")


def test_colour_never_stands_alone() -> None:
    text = shown(outcome_table(all_statuses()), colour=True)
    assert "\x1b[" in text
    for sign in SIGNS.values():
        assert f"{sign.mark} {sign.word}" in text


def test_a_narrow_terminal_loses_no_requirement() -> None:
    text = shown(requirements_terminal(verdict()), width=50).replace("\n", "")
    joined = "".join(text.split())
    for outcome in all_statuses():
        if outcome.status is not Status.NOT_APPLICABLE:
            assert outcome.requirement in joined


def test_explain_tells_criterion_estimates_and_what_would_settle_it() -> None:
    text = flat(shown(explain(gap())))
    assert "Criterion False positive rate gap at most 5 points, 95 % confidence" in text
    assert "Evidence cccccccccccc, dddddddddddd" in text
    assert "Method MOVER with exact limits" in text
    assert "1,450 further units would settle it." in text
    assert "none none n = 23" in text
    assert "Waiver" not in text
    waived = next(o for o in all_statuses() if o.status is Status.WAIVED)
    assert "Waiver 555555555555" not in text
    assert f"Waiver {waived.waiver[:12]}" in flat(shown(explain(waived)))


def test_explain_of_a_document_has_no_table() -> None:
    text = flat(shown(explain(unmeasured("runbook"))))
    assert "Estimate" not in text
    assert "Evidence none" in text
    assert "Next Write the document and sign it with `roadworthy attest runbook`." in text


def test_steps_are_few_and_the_rest_counted() -> None:
    text = flat(shown(steps(crowded().outcomes, limit=3)))
    assert "1. Filter tool output" in text
    assert "4." not in text
    assert "65 more steps in the report." in text
    assert flat(shown(steps([unmeasured("card", Status.MET)]))) == ""


def test_the_tier_shows_the_declared_facts() -> None:
    each = verdict()
    text = flat(shown(tier_panel(each.tier, each.tier_because, each.regulatory)))
    assert "Tier: high" in text
    assert "system.tools[send_money].approval = none" in text
    assert "EU AI Act: transparency duties" in text
    assert "applies from 2026-08-02" in text


def test_text_from_outside_sends_no_escape_codes_and_no_markup() -> None:
    each = hostile()
    for renderable in (verdict_panel(each), outcome_table(each.outcomes), requirements_terminal(each)):
        text = shown(renderable)
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "[31mred" in flat(shown(explain(each.outcomes[0])))
    assert LONG[:40] in shown(outcome_table(each.outcomes), width=300)


def test_several_verdicts_stand_in_one_table() -> None:
    clean = verdict((unmeasured("card", Status.MET),), verdict=VerdictKind.SHIP, reasons=(), title="Helper")
    text = flat(shown(verdicts([(verdict(), "out/a/report.html"), (clean, "out/b/report.html")])))
    assert "Hold Workspace agent Injected instructions are followed in 47.7 %" in text
    assert "Ship Helper Every requirement is met. out/b/report.html" in text
