"""What the terminal shows of outcomes and verdicts: sign and word always, colour where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.box import SIMPLE_HEAD, SQUARE
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from roadworthy.assess.tier import TierFinding
from roadworthy.decide.outcome import Judged, Outcome, Status, Verdict
from roadworthy.documents.account import account, next_steps
from roadworthy.documents.group import decisive, parts, problems, wholes
from roadworthy.documents.number import (
    Scale,
    asked,
    bound_word,
    count,
    deciding_bound,
    estimate_with_bound,
    sample,
    scale_of,
    show,
)
from roadworthy.documents.plain import one_line, plain, sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, count_by_status, deciding_status, urgency


class Marked:
    """A status as sign and word; the sign is ASCII where the terminal knows nothing else."""

    def __init__(self, status: Status, after: str = "") -> None:
        self.status = status
        self.after = after

    def _text(self, options: ConsoleOptions) -> Text:
        sign = SIGNS[self.status]
        mark = sign.ascii if options.ascii_only else sign.mark
        return Text(f"{mark} {sign.word}", style=sign.style, no_wrap=True).append(self.after, style="not bold dim")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the text that fits the terminal."""
        yield self._text(options)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Measure the text as one line."""
        width = self._text(options).cell_len
        return Measurement(width, width)


def verdict_panel(verdict: Verdict) -> Panel:
    """Show the verdict, its reason in words and the counts by outcome."""
    style = SIGNS[deciding_status(verdict)].style
    heading = Text(VERDICT_WORDS[verdict.verdict], style=f"bold {style.removeprefix('bold ')}")
    name = f"{one_line(verdict.title or verdict.system)}, release {one_line(verdict.release)}"
    heading.append(f"  {name}", "default")
    facts = f"Tier {verdict.tier}, standard {verdict.standard}, judged at {verdict.as_of}"
    small = Text(one_line(facts), style="dim")
    body = Group(heading, Text(), Text(account(verdict)), Text(), counts(verdict.outcomes), small)
    return Panel(body, box=SQUARE, border_style=style, padding=(1, 2))


def counts(outcomes: Sequence[Outcome]) -> Text:
    """Show how many requirements have each outcome."""
    text = Text(f"{count(len(outcomes), 'requirement')}: ")
    for place, (status, number) in enumerate(count_by_status(list(outcomes)).items()):
        text.append(", " if place else "").append(f"{number:,} {SIGNS[status].word.lower()}", SIGNS[status].style)
    return text


def outcome_table(outcomes: Iterable[Outcome]) -> Table:
    """Show outcomes one row each, problems first."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Requirement", ratio=3, overflow="fold")
    table.add_column("Value", ratio=2, overflow="fold")
    table.add_column("Asked for", ratio=3, overflow="fold")
    table.add_column("Sample", ratio=1, overflow="fold")
    for outcome in sorted(outcomes, key=urgency):
        judged = decisive(outcome)
        table.add_row(
            Marked(outcome.status, " (should)" if outcome.obligation == "should" else ""),
            Text(one_line(outcome.title, 120)).append(f"\n{one_line(outcome.requirement)}", "dim"),
            Text(estimate_with_bound(judged, outcome) if judged else ""),
            Text(one_line(asked(outcome))),
            Text(sample(judged) if judged else ""),
        )
    return table


def steps(outcomes: Sequence[Outcome], limit: int = 5) -> RenderableType:
    """Show what to do next, most urgent first; nothing when nothing is left to do."""
    found = next_steps(tuple(outcomes))
    if not found:
        return Text()
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right")
    grid.add_column(overflow="fold")
    for place, (step, served) in enumerate(found[:limit], 1):
        names = Text(", ".join(o.requirement for o in served[:3]), "dim")
        if len(served) > 3:
            names.append(f" and {len(served) - 3} more")
        grid.add_row(f"{place}.", Text(step).append("  ").append(names))
    more = len(found) - limit
    tail = [Text(f"{count(more, 'more step')} in the report.", "dim")] if more > 0 else []
    return Group(Text("What to do next", "bold"), grid, *tail)


def explain(outcome: Outcome) -> Group:
    """Show why a requirement has its outcome: criterion, estimates, evidence and what would settle it."""
    heading = Text(one_line(outcome.title), "bold")
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("Outcome", Marked(outcome.status))
    for name, value in _facts(outcome):
        facts.add_row(name, Text(plain(value)))
    tables = [estimates(outcome)] if outcome.judged else []
    return Group(heading, Text(), facts, *tables)


def _facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    yield "Why", sentence(outcome.reason)
    if outcome.next_step:
        yield "Next", sentence(outcome.next_step)
    yield "Requirement", f"{outcome.requirement} ({outcome.obligation}), control {outcome.control}"
    yield "Shown by", outcome.shown_by
    yield "Criterion", asked(outcome)
    yield "Evidence", ", ".join(digest[:12] for digest in outcome.evidence) or "none"
    if outcome.waiver:
        yield "Waiver", outcome.waiver[:12]
    for method in dict.fromkeys(j.method for j in outcome.judged if j.method):
        yield "Method", method
    if outcome.maps:
        yield "Maps to", "; ".join(outcome.maps)


def estimates(outcome: Outcome) -> Table:
    """Show every estimate of an outcome: the whole, then slices and pairs, problems first."""
    scale = scale_of(outcome)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Of", ratio=2, overflow="fold")
    table.add_column("Estimate", justify="right", no_wrap=True)
    table.add_column(bound_word(outcome.direction).capitalize(), justify="right", no_wrap=True)
    table.add_column("Sample", ratio=2, overflow="fold")
    table.add_column("Reason", ratio=4, overflow="fold")
    for judged in [*wholes(outcome), *parts(outcome)]:
        table.add_row(*_estimate_row(judged, outcome, scale))
    return table


def _estimate_row(judged: Judged, outcome: Outcome, scale: Scale) -> list[RenderableType]:
    bound = deciding_bound(judged, outcome.direction)
    needed = f" {count(judged.needed_units, 'further unit')} would settle it." if judged.needed_units else ""
    lost = f", {judged.errored:,} without a score" if judged.errored else ""
    return [
        Marked(judged.status),
        Text(one_line(judged.label)),
        Text(show(judged.estimate, scale, against=outcome.threshold)),
        Text(show(bound, scale, against=outcome.threshold)),
        Text(f"{sample(judged)}{lost}"),
        Text(f"{sentence(judged.reason)}{needed}"),
    ]


def tier_panel(tier: str, because: Iterable[TierFinding], regulatory: Iterable[TierFinding] = ()) -> Group:
    """Show the tier and the regulatory classes, each with the declared facts that led to it."""
    shown: list[RenderableType] = [Text("Tier: ").append(one_line(tier), "bold")]
    shown += [_finding(finding) for finding in because]
    classes = list(regulatory)
    if classes:
        shown += [Text(), Text("Regulatory class", "bold"), *(_finding(finding) for finding in classes)]
    return Group(*shown)


def _finding(finding: TierFinding) -> Padding:
    result = f"{finding.regime}: {finding.result}" if finding.regime else finding.result
    lines = [Text(one_line(result), "bold").append(f"  {sentence(finding.because)}", "not bold")]
    lines += [Text(f"{one_line(name)} = {one_line(value, 200)}", "dim") for name, value in finding.facts.items()]
    tail = [one_line(finding.rule)]
    tail += [one_line(finding.reference)] if finding.reference else []
    tail += [f"applies from {one_line(finding.applies_from)}"] if finding.applies_from else []
    lines.append(Text(f"rule {', '.join(tail)}", "dim"))
    return Padding(Group(*lines), (0, 0, 0, 2))


def verdicts(rows: Iterable[tuple[Verdict, str]]) -> Table:
    """Show several verdicts, each with its reason and where its report is."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("Verdict", "System", "Reason", "Report"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Verdict")
    for verdict, report in rows:
        style = SIGNS[deciding_status(verdict)].style
        told = [*verdict.reasons, *(o.reason for o in problems(verdict.outcomes)), "Every requirement is met"]
        table.add_row(
            Text(VERDICT_WORDS[verdict.verdict], style),
            Text(one_line(verdict.title or verdict.system)),
            Text(sentence(told[0])),
            Text(report),
        )
    return table
