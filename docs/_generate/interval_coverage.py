"""docs/interval-coverage.md: how often each interval covers the truth, from the stored figures of bench/coverage.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _generate.markdown import page, table

RESULTS = Path(__file__).resolve().parents[2] / "bench" / "results" / "coverage.json"
LOW, HIGH, LEVEL = 0.93, 0.97, 0.95
CONSERVATIVE = {"Clopper-Pearson", "Wilson, corrected", "Gaffke", "betting"}
FOIL = "Wald"

INTRODUCTION = """Each method makes intervals at 95 % for samples whose truth is known; the figure is the share, in per
cent, that covers it. An approximate method should be between 93 and 97, a conservative one (Clopper-Pearson,
Wilson with continuity correction, Gaffke, betting) at 95 or above. **Bold** is too low, beyond two Monte-Carlo standard
errors; *italic* is above 97 for an approximate method: wider than it need be, which misleads nobody. Every figure of
the grid is shown. Wald is the usual normal approximation that takes every sample as independent: nothing of ours uses
it; it stands here for comparison, where it can be computed. The methods are described in
[statistics.md](statistics.md#intervals-for-reports).

A criterion is judged by Gaffke's bound, which for single 0/1 samples is Clopper-Pearson's, or, where one may stop
early, by betting, whose bounds hold at every look and are looked at once here. The others are for reports,
comparisons and users who ask.

Single samples and single pairs are enumerated exactly, up to outcomes with a chance below one in a million. Clusters
are drawn 2,000 times (standard error 0.5 points), for the bootstrap 1,000 times (0.7 points). Reproduce the figures
with `python bench/coverage.py --write` and this page with `make docs`."""

KINDS = {
    "samples": ("Independent samples", "A proportion of n independent 0/1 samples."),
    "clusters": (
        "Clusters",
        "A proportion of 0/1 samples in clusters of 10, or of log-normal sizes with mean 10 (unequal); beta-binomial, "
        "with the intra-cluster correlation shown. Wilson and Clopper-Pearson use the effective sample.",
    ),
    "pairs": (
        "Single pairs",
        "The difference of paired proportions: the chances that a case has a 1 in the first run only, and in the "
        "second run only.",
    ),
    "paired clusters": (
        "Pairs in clusters",
        "The same in clusters of 10 pairs; the chances of a cluster are Dirichlet distributed.",
    ),
    "groups": (
        "Groups",
        "The difference of the rates of two groups of n, by the multinomial bootstrap on cell counts.",
    ),
}
SKEW = """Most failures have one cause. With few bad samples or few bad clusters the mean is skewed, and the samples
that happen to hold few of them have both a low mean and a small spread: the interval is short just when it lies too
low. Corrections for few clusters mend the doubt about the variance, not the skewness. The bounds that judge do not
fail: they allow for a bad cluster that was not seen."""
WHY: dict[tuple[str, str], str] = {
    ("samples", "Wilson"): "A proportion of few samples takes few values, so coverage jumps as n and the rate change "
    "(Brown, Cai and DasGupta 2001). It is right on average; the corrected form is never below, and wider.",
    ("samples", "t (CR2)"): "Skewness. Use Wilson or Clopper-Pearson for proportions.",
    ("clusters", "Wilson"): "Skewness: the design effect is underestimated, and the effective sample too large.",
    ("clusters", "Clopper-Pearson"): "Exact for single samples; for clusters it rests on an estimated design effect, "
    "which is too small when few clusters hold all that is bad. Not a bound to judge by.",
    ("clusters", "t (CR2)"): "Skewness, at low rates or five clusters.",
    ("clusters", "BCa"): "Skewness; and no resample holds a cluster that is worse than the worst seen. Five clusters "
    "have 126 different resamples.",
    ("pairs", "t (CR2)"): "Skewness: here no case ever gets better and one in fifty gets worse. `compare_paired` uses "
    "Tango's interval for single 0/1 pairs.",
    ("pairs", "BCa"): "Few pairs differ, so the resampled differences take few values. `compare_paired` uses Tango's "
    "interval for single 0/1 pairs.",
    ("paired clusters", "t (CR2)"): "Skewness: no case ever gets better and one in fifty gets worse, within few "
    "clusters. An accusation rests on the sign-flip test, and non-inferiority on Gaffke's bound, not on this.",
    ("paired clusters", "BCa"): "Many clusters do not differ at all, so the resampled differences take few values. "
    "Prefer the t interval, which fails less often here.",
}
"""Why a method covers too rarely; a method that fails without a reason here stops the page from being made."""


@dataclass(frozen=True)
class Figure:
    """One stored figure."""

    kind: str
    label: tuple[str, ...]
    """Cells that name the design."""
    method: str
    coverage: float
    draws: int

    @property
    def slack(self) -> float:
        """Return two Monte-Carlo standard errors; none where the figure is exact."""
        return 2.0 * (self.coverage * (1.0 - self.coverage) / self.draws) ** 0.5 if self.draws else 0.0

    @property
    def too_low(self) -> bool:
        """Tell whether it covers too rarely."""
        return self.coverage + self.slack < (LEVEL if self.method in CONSERVATIVE else LOW) - 1e-6

    @property
    def wide(self) -> bool:
        """Tell whether an approximate method covers more often than it need."""
        return self.method not in CONSERVATIVE and self.coverage - self.slack > HIGH

    def __str__(self) -> str:
        text = f"{100 * self.coverage:.1f}"
        return f"**{text}**" if self.too_low else f"*{text}*" if self.wide else text


def figures() -> list[Figure]:
    """Read the stored figures."""
    rows = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [
        Figure(row["design"]["kind"], _label(row["design"]), row["method"], row["coverage"], row["draws"])
        for row in rows
    ]


def interval_coverage_page() -> str:
    """Write the page."""
    seen = figures()
    overview = table(
        ["design", "method", "designs", "too low", "too wide", "lowest", "where"],
        [_overview(seen, kind, method) for kind in KINDS for method in _methods(seen, kind)],
    )
    sections = [_section(kind, [figure for figure in seen if figure.kind == kind]) for kind in KINDS]
    failing = [(kind, m) for kind in KINDS for m in _methods(seen, kind) if m != FOIL and _low(seen, kind, m)]
    why = [f"- **{method}, {KINDS[kind][0].lower()}.** {WHY[kind, method]}" for kind, method in failing]
    return page(
        "Coverage of intervals", INTRODUCTION, [overview, "## What fails, and why", SKEW, "\n".join(why), *sections]
    )


def _overview(seen: list[Figure], kind: str, method: str) -> tuple[str, ...]:
    found = [figure for figure in seen if (figure.kind, figure.method) == (kind, method)]
    worst = min(found, key=lambda figure: figure.coverage)
    where = ", ".join(f"{head} {cell}" for head, cell in zip(_headings(kind), worst.label, strict=True))
    low, wide = sum(figure.too_low for figure in found), sum(figure.wide for figure in found)
    return KINDS[kind][0], method, str(len(found)), str(low), str(wide), f"{100 * worst.coverage:.1f}", where


def _section(kind: str, found: list[Figure]) -> str:
    methods = _methods(found, kind)
    rows: dict[tuple[str, ...], dict[str, Figure]] = {}
    for figure in found:
        rows.setdefault(figure.label, {})[figure.method] = figure
    title, text = KINDS[kind]
    body = table(
        [*_headings(kind), *methods], [(*label, *(str(row[m]) for m in methods)) for label, row in rows.items()]
    )
    return f"## {title}\n\n{text}\n\n{body}"


def _methods(seen: list[Figure], kind: str) -> list[str]:
    return list(dict.fromkeys(figure.method for figure in seen if figure.kind == kind))


def _low(seen: list[Figure], kind: str, method: str) -> bool:
    return any(figure.too_low for figure in seen if (figure.kind, figure.method) == (kind, method))


def _headings(kind: str) -> list[str]:
    return {
        "samples": ["n", "rate"],
        "clusters": ["clusters", "sizes", "rate", "correlation"],
        "pairs": ["pairs", "first only", "second only"],
        "paired clusters": ["clusters", "first only", "second only", "correlation"],
        "groups": ["n", "first rate", "second rate"],
    }[kind]


def _label(design: dict[str, Any]) -> tuple[str, ...]:
    keys = {
        "samples": ["n", "rate"],
        "clusters": ["clusters", "sizes", "rate", "icc"],
        "pairs": ["n", "rate", "other"],
        "paired clusters": ["clusters", "rate", "other", "icc"],
        "groups": ["n", "rate", "other"],
    }[design["kind"]]
    return tuple(f"{design[key]:,}" if isinstance(design[key], int) else str(design[key]) for key in keys)
