"""`roadworthy compare`: what differs between two runs, and what is only noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.options import HERE, Where, check_confidence
from roadworthy.cli.screen import console, print_line, show

EXIT_WORSE = 1


def compare(
    run_a: str,
    run_b: str,
    *,
    where: Where = HERE,
    confidence: float = 0.95,
    json: Annotated[Path | None, Parameter(show_default=False)] = None,
) -> int:
    """Compare two runs sample by sample: each metric, the whole and every slice, what is real and what is noise.

    Exits 1 when the second run is really worse in something (5 % error for all rows together), else 0.

    Parameters
    ----------
    run_a
        A run: a suite, suite@release, the start of a record's digest, bundle.zip[:suite], a run directory, or a table.
    run_b
        The run to compare with it.
    confidence
        Of each interval.
    json
        Also write the comparison as JSON to this file.
    """
    from roadworthy.documents.comparison import WIDE, comparison_view
    from roadworthy.documents.exports.comparison_json import comparison_json
    from roadworthy.evaluate.comparison import compare_runs
    from roadworthy.project.runs import named_runs

    check_confidence(confidence)
    with named_runs(where.open(), (run_a, run_b)) as (first, second):
        comparison = compare_runs(first, second, confidence=confidence)
    show(comparison_view(comparison, wide=console().width >= WIDE))
    if json:
        from roadworthy.core.files import write_atomically

        write_atomically(json, comparison_json(comparison))
        print_line(f"Written: {json}")
    return EXIT_WORSE if comparison.worse else 0
