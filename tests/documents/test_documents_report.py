"""The release report as text: what it says, in what order, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest
from documents_memos import decided
from documents_samples import ARABIC, LONG, all_statuses, crowded, hostile, outcome, provenance, unmeasured, verdict
from jinja2 import UndefinedError

from roadworthy.decide.outcome import Status, Verdict, VerdictKind
from roadworthy.documents.memo import render_memo_html
from roadworthy.documents.page import render
from roadworthy.documents.report import render_report
from roadworthy.documents.requirements_page import render_requirements_html

VOID = {"meta", "br", "link", "img", "input", "hr"}
FETCHING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping"}


class Page(HTMLParser):
    """Collects elements, ids, headings and text; refuses tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.headings and re.fullmatch(r"h[1-6]", self.open[-1] if self.open[-1] != "bdi" else self.open[-2]):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def values(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


SAMPLES = {
    "plain": verdict(),
    "crowded": crowded(),
    "hostile": hostile(),
    "ship": verdict((unmeasured("model-card", Status.MET),), verdict=VerdictKind.SHIP, reasons=("All is met",)),
    "conditions": verdict(
        (
            *(o for o in all_statuses() if o.status in (Status.MET, Status.WAIVED)),
            unmeasured("b", obligation="should"),
        ),
        verdict=VerdictKind.SHIP_WITH_CONDITIONS,
        conditions=("The waiver ends on 2027-01-31",),
    ),
}


@pytest.fixture(params=sorted(SAMPLES))
def sample(request: pytest.FixtureRequest) -> Verdict:
    return SAMPLES[request.param]


PAGES: dict[str, Callable[[Verdict], str]] = {
    "report": lambda sample: render_report(sample, provenance()),
    "requirements": render_requirements_html,
    "memo": lambda sample: render_memo_html(decided(sample)),
}


@pytest.fixture(params=sorted(PAGES))
def html(request: pytest.FixtureRequest, sample: Verdict) -> str:
    return PAGES[request.param](sample)


def test_it_is_one_file_that_runs_nothing_and_fetches_nothing(html: str) -> None:
    page = Page(html)
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "iframe", "object", "embed", "link", "img", "form", "base", "audio", "video"})
    names = {name for _, attributes in page.elements for name in attributes}
    assert names.isdisjoint(FETCHING)
    assert not [name for name in names if name.startswith("on")]
    assert all(address.startswith("#") for address in page.values("href"))
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_somewhere_and_ids_are_unique(html: str) -> None:
    page = Page(html)
    ids = page.values("id")
    assert [name for name, times in Counter(ids).items() if times > 1] == []
    assert {address[1:] for address in page.values("href")} <= set(ids)
    labelled = {name for value in page.values("aria-labelledby") for name in value.split()}
    assert labelled <= set(ids)


def test_headings_are_in_order_and_the_page_has_landmarks(html: str) -> None:
    page = Page(html)
    levels = [level for level, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    tags = [tag for tag, _ in page.elements]
    assert tags.count("main") == 1
    assert dict(page.elements)["html"] == {"lang": "en"}
    assert ("a", {"class": "skip", "href": "#content"}) in page.elements


def test_column_headings_have_a_scope(html: str) -> None:
    headings = [attributes for tag, attributes in Page(html).elements if tag == "th"]
    assert {attributes.get("scope") for attributes in headings} <= {"col", "row"}


def test_sections_come_in_the_order_that_a_reader_needs() -> None:
    titles = [text for level, text in Page(render_report(verdict(), provenance())).headings if level == 2]
    assert titles == [
        "What to do next",
        "Measurements at a glance",
        "What falls short",
        "Waived",
        "What is met",
        "Not applicable",
        "Tier and regulatory class",
        "What was not tested, and why",
        "Changes since the last shipped release",
        "Provenance",
        "How to verify",
        "What the outcomes mean",
    ]


def test_the_verdict_and_its_reason_come_first() -> None:
    text = Page(render_report(verdict(), provenance())).text
    opening = text[:900]
    assert "Workspace agent (release 2026.11) should not ship yet." in opening
    assert (
        "Of those that must be true, 3 are not met, 2 are inconclusive, 1 rests on stale evidence and 1 has no"
        in opening
    )
    assert "Hold Judged 2026-11-23 06:00:00 UTC Standard roadworthy-default 1.0 Tier High" in opening
    assert "Tier High. A tool acts outside without a way back and without approval." in opening
    assert "EU AI Act Transparency duties" in opening


@pytest.mark.parametrize(
    ("name", "word", "colour"),
    [("ship", "Ship", "met"), ("conditions", "Ship with conditions", "not-shown"), ("plain", "Hold", "not-met")],
)
def test_the_stamp_wears_the_colour_of_what_decides(name: str, word: str, colour: str) -> None:
    html = render_report(SAMPLES[name])
    assert f'<section class="stamp s-{colour}"' in html
    assert f'<span class="word">{word}</span>' in html


def test_every_requirement_is_on_the_page_with_its_outcome() -> None:
    for each in SAMPLES.values():
        page = Page(render_report(each, provenance()))
        assert {f"req-{o.requirement}" for o in each.outcomes} <= set(page.values("id"))
        assert all(o.requirement in page.text for o in each.outcomes)


def test_numbers_stand_with_bound_sample_and_threshold() -> None:
    text = Page(render_report(verdict(), provenance())).text
    assert (
        "Value 47.7 % Upper bound, 95 % confidence 58.9 % Asked for at most 10 % Sample n = 629 in 27 clusters" in text
    )
    assert "21.4 points , upper bound 24.0 points asked for: at most 5 points n = 3,377" in text
    assert "Not measured asked for: at least 95 % n = 0" in text


def test_many_slices_are_told_and_folded_with_the_worst_in_sight() -> None:
    html = render_report(verdict(), provenance())
    assert "60 slices or pairs of groups: 20 not met, 20 inconclusive, 20 met." in Page(html).text
    assert "Show 52 more slices or pairs" in html
    open_part = html.split("Show 52 more slices or pairs")[0]
    assert "hazard=kind 58" in open_part
    assert "hazard=kind 03" not in open_part
    assert "hazard=kind 03" in html


def test_groups_that_are_too_small_are_listed_in_sight() -> None:
    text = Page(render_report(verdict(), provenance())).text
    assert "Too small to judge Asian against Caucasian : 23 samples, too few to judge: at least 100 are needed" in text


def test_what_has_no_document_yet_is_folded_by_kind() -> None:
    html = render_report(crowded(), provenance())
    for kind in ("Measurements", "Documents", "Sign-offs", "Vendor reviews", "Monitors", "Declarations"):
        assert re.search(rf'<details class="group"><summary>{kind} <span class="soft">\d+ not shown', html)


def test_next_steps_are_ordered_and_told_once() -> None:
    same = {"next_step": "Run the suite again", "shown_by": "measurement"}
    outcomes = (unmeasured("z", **same), outcome("a", next_step="Mend the tool"), unmeasured("b", **same))
    html = render_report(verdict(outcomes))
    steps = re.findall(r"<li>([^<]+)<span class=\"serves\">", html)
    assert steps == ["Mend the tool.", "Run the suite again."]


def test_text_from_outside_stays_text() -> None:
    html = render_report(hostile(), provenance())
    page = Page(html)
    assert '<script>alert("x")</script>' in page.text
    assert "\u202e" not in html
    assert "\x1b" not in html
    assert ARABIC in page.text
    assert LONG in page.text


def test_the_provenance_names_records_scorers_and_costs() -> None:
    text = Page(render_report(verdict(), provenance())).text
    for words in (
        "aaaaaaaaaaaa measured injection",
        "clusters by injection_task, seed 7",
        "12 errored, 0 unscored",
        "Cost 7.40 USD",
        "Tokens 1,250,000 in, 84,000 out",
        "refusal 1 Sensitivity 0.93, specificity 0.97 on 1,200 answers",
        "secret_leak 2 not measured",
        "14 entries, root " + "1d" * 32,
        "roadworthy verify workspace-agent-2026.11.roadworthy",
    ):
        assert words in text


def test_a_verdict_without_provenance_says_so() -> None:
    text = Page(render_report(verdict())).text
    assert "No evidence record stands behind this verdict." in text
    assert "Signed by nobody" in text


def test_the_same_verdict_gives_the_same_bytes() -> None:
    again = msgspec.json.decode(msgspec.json.encode(verdict()), type=Verdict)
    assert render_report(again, provenance()) == render_report(verdict(), provenance())


def test_a_value_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("report.html.j2", verdict=verdict())
