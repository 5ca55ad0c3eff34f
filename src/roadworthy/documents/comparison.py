"""A comparison of two runs on the terminal: what is real first, and noise as what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from roadworthy.documents.number import Scale, count, show
from roadworthy.documents.plain import one_line
from roadworthy.evaluate.comparison import ERROR, Comparison, ComparisonRow, Finding

WIDTH = 17
"""Characters of the picture of an interval."""
WIDE = 116
"""Columns of a terminal that takes the picture, the p-value and the pairs too."""
_SIGNS = {
    Finding.WORSE: ("▼", "v", "bold red"),
    Finding.BETTER: ("▲", "^", "bold green"),
    Finding.MAYBE_WORSE: ("▽", "v", "red"),
    Finding.MAYBE_BETTER: ("△", "^", "green"),
    Finding.NOISE: ("·", ".", "dim"),
    Finding.NOTHING: (" ", " ", "dim"),
}
_WORDS = {
    Finding.WORSE: "Worse",
    Finding.BETTER: "Better",
    Finding.MAYBE_WORSE: "Worse?",
    Finding.MAYBE_BETTER: "Better?",
    Finding.NOISE: "Noise",
    Finding.NOTHING: "No pair",
}
_ORDER = tuple(_SIGNS)
_DETAIL = re.compile(r" \([^)]*\)")


class Interval:
    """An interval drawn around zero; ASCII where the terminal knows nothing else."""

    def __init__(self, low: float, value: float, high: float, reach: float, style: str) -> None:
        self.low, self.value, self.high, self.reach, self.style = low, value, high, reach, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the line: the interval, its estimate, and zero."""
        zero, bar, point = ("|", "-", "o") if options.ascii_only else ("│", "─", "●")
        cells = [" "] * WIDTH
        for at in range(self._cell(self.low), self._cell(self.high) + 1):
            cells[at] = bar
        cells[WIDTH // 2] = zero
        cells[self._cell(self.value)] = point
        yield Text("".join(cells), style=self.style, no_wrap=True)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Measure the line."""
        return Measurement(WIDTH, WIDTH)

    def _cell(self, value: float) -> int:
        share = (value / self.reach + 1.0) / 2.0 if self.reach > 0 else 0.5
        return min(WIDTH - 1, max(0, round(share * (WIDTH - 1))))


def comparison_view(comparison: Comparison, *, wide: bool = True) -> Group:
    """Show what was compared, what is real, and every difference with its interval."""
    shown: list[RenderableType] = [_heading(comparison), Text()]
    shown += [Text(f"Note: {one_line(caveat, 200)}", "yellow") for caveat in comparison.caveats]
    shown += [_table(comparison, wide), Text(_how(comparison), "dim")]
    return Group(*shown)


def _heading(comparison: Comparison) -> Text:
    text = Text("A  ", "bold").append(one_line(comparison.first.name), "not bold")
    text.append("\nB  ", "bold").append(one_line(comparison.second.name), "not bold")
    return text.append(f"\n{_summary(comparison.rows)}", "bold")


def _summary(rows: Sequence[ComparisonRow]) -> str:
    by = {finding: [row for row in rows if row.finding is finding] for finding in Finding}
    worse, better = by[Finding.WORSE], by[Finding.BETTER]
    if not worse and not better:
        return f"Nothing differs for sure: each of {count(len(rows), 'difference')} may be chance."
    said = [
        f"{word} in {', '.join(f'{row.metric.title.lower()} ({row.label})' for row in found[:3])}"
        + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        for word, found in (("worse", worse), ("better", better))
        if found
    ]
    unsure = len(rows) - len(worse) - len(better)
    return f"B is {'; '.join(said)}. {unsure:,} of {count(len(rows), 'difference')} may be chance."


def _table(comparison: Comparison, wide: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("B is", no_wrap=True)
    table.add_column("Metric", min_width=22, overflow="fold")
    for heading in ("A", "B", f"B - A ({comparison.confidence * 100:g} %)"):
        table.add_column(heading, justify="right", no_wrap=True)
    if wide:
        table.add_column("around zero".center(WIDTH), no_wrap=True)
        table.add_column("p", justify="right", no_wrap=True)
        table.add_column("Pairs", justify="right", no_wrap=True)
    ends = [abs(end) for row in comparison.rows for end in (row.difference.lower, row.difference.upper)]
    reach = max(ends, default=0.0)
    for rows in _by_rate(comparison.rows):
        for row in rows:
            table.add_row(*_cells(row, reach)[: len(table.columns)], end_section=row is rows[-1])
    return table


def _by_rate(rows: Sequence[ComparisonRow]) -> list[list[ComparisonRow]]:
    """Put the rows of a rate together, the whole first, and rates with real differences before the others."""
    found: dict[str, list[ComparisonRow]] = {}
    for row in rows:
        found.setdefault(row.rate, []).append(row)
    return sorted(found.values(), key=lambda group: min(_ORDER.index(row.finding) for row in group))


def _cells(row: ComparisonRow, reach: float) -> list[RenderableType]:
    mark, ascii_mark, style = _SIGNS[row.finding]
    found = row.difference
    name = Text(f"  {one_line(row.label)}", "dim") if row.label != "all" else Text(row.metric.title)
    if found.difference is None:
        return [Text(str(row.finding), style), name, *[Text("")] * 5]
    pairs = f"{found.n:,}" + (f" in {found.units:,}" if found.units < found.n else "")
    lost = f"\n{row.errored:,} without a score" if row.errored else ""
    return [
        Marked(mark, ascii_mark, _WORDS[row.finding], style),
        name,
        Text(show(row.first, Scale.PERCENT)),
        Text(show(row.second, Scale.PERCENT)),
        Text(f"{found.difference * 100:+.1f} ({found.lower * 100:+.1f} to {found.upper * 100:+.1f})"),
        Interval(found.lower, found.difference, found.upper, reach, style),
        Text(_p(row.adjusted)),
        Text(pairs + lost),
    ]


class Marked:
    """A finding as sign and word."""

    def __init__(self, mark: str, ascii_mark: str, word: str, style: str) -> None:
        self.mark, self.ascii_mark, self.word, self.style = mark, ascii_mark, word, style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the text that fits the terminal."""
        sign = self.ascii_mark if options.ascii_only else self.mark
        yield Text(f"{sign} {self.word}", style=self.style, no_wrap=True)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Measure the text as one line."""
        return Measurement(len(self.word) + 2, len(self.word) + 2)


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _how(comparison: Comparison) -> str:
    said = [_DETAIL.sub("", part) for row in comparison.rows for part in row.difference.method.split("; ")]
    methods = "; ".join(dict.fromkeys(said))
    return (
        f"{comparison.overlap.both:,} samples are in both, compared pair by pair; differences in points. "
        f"p is corrected over all rows (Holm), so that no difference is called real by chance in more than "
        f"{ERROR * 100:g} % of such comparisons; with a question mark it may be real alone, which "
        f"so many looks or so few units do not show. {methods[:1].upper()}{methods[1:]}."
    )
