"""What must be true before you ship: one page for one system, for the terminal, as Markdown and as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.group import by_domain
from roadworthy.documents.markdown import code, escape, prose, table
from roadworthy.documents.number import asked, count
from roadworthy.documents.page import render
from roadworthy.documents.plain import one_line, sentence
from roadworthy.documents.sign import SIGNS, count_by_status
from roadworthy.documents.view import view

if TYPE_CHECKING:
    from rich.console import RenderableType

TITLE = "What must be true before you ship"


def requirements_terminal(verdict: Verdict) -> RenderableType:
    """Show the page in a terminal: groups by dimension or domain, problems first in each."""
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    from roadworthy.documents.terminal import counts

    shown: list[RenderableType] = [Text(TITLE, "bold"), Text(_heading(verdict)), counts(verdict.outcomes)]
    for group in by_domain(_applicable(verdict.outcomes)):
        shown += [Text(), Text(group.title, "bold")]
        shown += [Padding(_entry(outcome), (0, 0, 0, 2)) for outcome in group.outcomes]
    left_out = len(verdict.outcomes) - len(_applicable(verdict.outcomes))
    if left_out:
        shown += [Text(), Text(f"{count(left_out, 'requirement')} not applicable to this system.", "dim")]
    return Group(*shown)


def _entry(outcome: Outcome) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from roadworthy.documents.terminal import Marked

    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=16, no_wrap=True)
    grid.add_column(overflow="fold")
    text = Text(one_line(outcome.title)).append(f"  {one_line(outcome.requirement)}", "dim")
    text.append(f"\n{_asked(outcome)}", "dim")
    if outcome.status is not Status.MET and outcome.next_step:
        text.append(f"\n{sentence(outcome.next_step)}")
    grid.add_row(Marked(outcome.status), text)
    return grid


def render_requirements_markdown(verdict: Verdict) -> str:
    """Write the page as Markdown, one table for each group."""
    lines = [f"# {TITLE}", "", escape(_heading(verdict)), "", f"{_tally(verdict.outcomes)}."]
    for group in by_domain(_applicable(verdict.outcomes)):
        rows = [
            [
                f"{SIGNS[o.status].mark} {SIGNS[o.status].word}",
                f"{escape(o.title)} ({code(o.requirement)})",
                escape(_asked(o)),
                prose(o.next_step) if o.status is not Status.MET else "",
            ]
            for o in group.outcomes
        ]
        lines += ["", f"## {escape(group.title)}", "", *table(["Today", "What", "Asked for", "What to do"], rows)]
    return "\n".join(lines) + "\n"


def render_requirements_html(verdict: Verdict) -> str:
    """Write the page as one HTML file in the look of the report."""
    groups = by_domain(_applicable(verdict.outcomes))
    return render(
        "requirements.html.j2",
        title=TITLE,
        heading=_heading(verdict),
        verdict=verdict,
        counts=[(SIGNS[status], number) for status, number in count_by_status(verdict.outcomes).items()],
        groups=[(group.title, [view(outcome) for outcome in group.outcomes]) for group in groups],
        not_applicable=[view(o) for o in verdict.outcomes if o.status is Status.NOT_APPLICABLE],
    )


def _applicable(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.status is not Status.NOT_APPLICABLE]


def _heading(verdict: Verdict) -> str:
    name = one_line(verdict.title or verdict.system)
    return f"{name}: tier {one_line(verdict.tier)} under {one_line(verdict.standard)}, as of {verdict.as_of}."


def _asked(outcome: Outcome) -> str:
    obligation = "Should" if outcome.obligation == "should" else "Must"
    return one_line(f"{obligation}, shown by {outcome.shown_by}: {asked(outcome)}")


def _tally(outcomes: Iterable[Outcome]) -> str:
    found = count_by_status(list(outcomes))
    return ", ".join(f"{number:,} {SIGNS[status].word.lower()}" for status, number in found.items())
