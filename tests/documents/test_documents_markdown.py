"""Summary, checklist and requirements page as Markdown, rendered as a code host would."""

from __future__ import annotations

import re

import msgspec
from documents_samples import HOSTILE, LONG, all_statuses, crowded, hostile, outcome, provenance, unmeasured, verdict
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.documents.checklist import render_checklist
from roadworthy.documents.markdown import code, escape, prose
from roadworthy.documents.plain import one_line
from roadworthy.documents.requirements_page import render_requirements_markdown
from roadworthy.documents.summary import render_summary

HOST = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def html(markdown: str) -> str:
    return HOST.render(markdown)


def visible(markdown: str) -> str:
    """Return the text a reader sees, entities resolved and joiners dropped."""
    texts = [
        child.content
        for token in HOST.parse(markdown)
        for child in (token.children or [])
        if child.type in {"text", "code_inline"}
    ]
    return "".join(texts).replace("\u2060", "")


def test_the_summary_renders_with_a_table_of_problems() -> None:
    page = html(render_summary(verdict(), report="report.html"))
    assert page.startswith("<h2>Hold: Workspace agent</h2>")
    assert page.count("<tr>") == 1 + 8
    assert "<td>✗ Not met</td>" in page
    assert "<td>47.7 % (upper bound 58.9 %)</td>" in page
    assert "<td>n = 629 in 27 clusters</td>" in page
    assert "<code>roadworthy evaluate injection</code>" in page
    assert "1 more step in <code>report.html</code>." in page


def test_the_summary_is_short_and_says_what_it_leaves_out() -> None:
    text = render_summary(crowded(), report="report.html")
    assert len(text) < 8000
    assert "53 more requirements in `report.html`." in text
    assert "61 more steps in `report.html`." in text


def test_a_clean_verdict_has_no_table() -> None:
    clean = verdict((unmeasured("card", Status.MET),), verdict=VerdictKind.SHIP, reasons=())
    text = render_summary(clean)
    assert text.startswith("## Ship: Workspace agent")
    assert "|" not in text
    assert "What to do next" not in text


def test_nothing_from_outside_becomes_markup() -> None:
    for text in (render_summary(hostile()), render_checklist(hostile()), render_requirements_markdown(hostile())):
        page = html(text)
        assert "<script" not in page
        assert "<a " not in page
        assert "<img" not in page
        assert "@admin" not in page
        assert "#12" not in page
        assert "\u202e" not in text
    rows = [line for line in render_summary(hostile()).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


@given(st.text(max_size=60))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    line = one_line(text)
    shown = visible(f"Before {escape(text)} after")
    assert shown.split() == f"Before {line} after".replace("\u2060", "").split()


@given(st.text(max_size=40))
def test_escaped_text_opens_no_block_and_no_markup(text: str) -> None:
    kinds = {child.type for token in HOST.parse(escape(text)) for child in (token.children or [])}
    blocks = {token.type for token in HOST.parse(escape(text))}
    assert kinds <= {"text"}
    assert blocks <= {"paragraph_open", "inline", "paragraph_close"}


@given(st.text(max_size=40))
def test_text_in_a_cell_leaves_the_table_whole(text: str) -> None:
    page = html(f"| a | b |\n| --- | --- |\n| {escape(text)} | {code(text)} |\n")
    assert page.count("<td>") == 2


def test_commands_in_prose_stay_code() -> None:
    assert html(prose("Run `roadworthy evaluate x|y` <b>now</b>")) == (
        "<p>Run <code>roadworthy evaluate x¦y</code> &lt;b&gt;now&lt;/b&gt;</p>\n"
    )


def test_code_hosts_link_nothing() -> None:
    for text in ("@octo", "see #42", "https://evil.example", "www.evil.example", "GH-12", "!7", "a@b.example"):
        assert "\u2060" in escape(text)


def test_the_checklist_ticks_what_is_settled_and_names_what_is_missing() -> None:
    text = render_checklist(verdict())
    assert "3 of 11 requirements settled." in text
    assert text.count("- [x] ") == 3
    assert "- [x] **Model card**: met. `model-card`" in text
    assert "- [x] **Selection rates differ by less than a fifth**: waived. `selection-ratio`" in text
    assert "- [ ] **Runbook** (should): not shown. `runbook`" in text
    assert "  - Missing: No signed document is there" in text
    assert "  - Next: Write the document and sign it with `roadworthy attest runbook`" in text
    assert "undamental rights" not in text
    assert "## Decision" in text
    assert "<h2>Documents (1 of 3)</h2>" in html(text)


def test_the_checklist_keeps_one_box_for_each_requirement() -> None:
    text = render_checklist(crowded())
    boxes = re.findall(r"^- \[[x ]\] \*\*", text, re.MULTILINE)
    assert len(boxes) == sum(o.status is not Status.NOT_APPLICABLE for o in crowded().outcomes)


def test_the_requirements_page_groups_by_domain() -> None:
    page = html(render_requirements_markdown(verdict()))
    assert re.findall(r"<h2>(.*?)</h2>", page) == [
        "Fairness",
        "Governance",
        "Grounding",
        "Incident readiness",
        "Safety",
        "Security",
    ]
    assert "Must, shown by measurement: Attack success rate at most 10 %, 95 % confidence" in page
    assert page.count("<tbody>") == 6


def test_long_names_are_cut_in_the_summary_only() -> None:
    assert LONG not in render_summary(hostile())
    assert LONG in render_requirements_markdown(hostile())


def test_conditions_are_listed() -> None:
    waived = tuple(o for o in all_statuses() if o.status is Status.WAIVED)
    text = render_summary(verdict(waived, verdict=VerdictKind.SHIP_WITH_CONDITIONS))
    assert "### Conditions" in text
    assert "Waived until 2027-01-31 by M. Lindqvist" in text
    listed = msgspec.structs.replace(verdict(waived), conditions=(HOSTILE,) * 40)
    assert "25 more conditions in the full report." in render_summary(listed)


def test_a_worse_slice_stands_in_the_summary() -> None:
    harmful = tuple(o for o in all_statuses() if o.requirement == "harmful-requests")
    assert "35.8 % (upper bound 41.8 %)" in render_summary(verdict(harmful))


def test_provenance_is_no_part_of_the_short_documents() -> None:
    assert provenance().bundle_digest not in render_summary(verdict()) + render_checklist(verdict())
    assert outcome().evidence[0][:12] not in render_summary(verdict())
