"""`roadworthy export`: write a run for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line


def export(
    run: str,
    target: Path,
    *,
    where: Where = HERE,
    to: Literal["inspect", "every-eval-ever"],
    transcripts: bool = False,
) -> int:
    """Write a run as an Inspect log or as Every Eval Ever files. Both are lossy: what was dropped is said.

    Parameters
    ----------
    run
        A run: a suite, suite@release, the start of a record's digest, or bundle.zip[:suite].
    target
        For inspect a file that ends in .eval or .json, for every-eval-ever a directory.
    to
        The format.
    transcripts
        Also write what was asked and answered, where it is kept.
    """
    from roadworthy.project.exports import ExportFormat, export_run

    exported = export_run(where.open(), run, ExportFormat(to), target, transcripts=transcripts)
    for path in exported.written:
        print_line(f"written  {path}")
    for words in exported.dropped:
        print_line(f"dropped  {words}")
    return 0
