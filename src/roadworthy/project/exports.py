"""Export a run of a project, for tools that read other formats."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError
from roadworthy.documents.exports import every_eval_ever, inspect
from roadworthy.documents.exports.run_samples import ExportedRun
from roadworthy.evaluate.record_book import SEALED
from roadworthy.evidence.predicate import Measured
from roadworthy.project.project import STORE, Project
from roadworthy.project.runs import named_runs


class ExportFormat(StrEnum):
    """A format that runs are exported to."""

    INSPECT = "inspect"
    EVERY_EVAL_EVER = "every-eval-ever"


@dataclass(frozen=True)
class Exported:
    """What was written, and what the format has no place for."""

    written: tuple[Path, ...]
    dropped: tuple[str, ...]


def export_run(project: Project, name: str, to: ExportFormat, target: Path, *, transcripts: bool = False) -> Exported:
    """Write a run, named as for `compare`, to `target`: a file for Inspect, a directory for Every Eval Ever.

    Raises InputError when there is no such run, no evidence of it, or no transcript where transcripts are wanted.
    """
    with named_runs(project, [name]) as [found]:
        if found.measured is None:
            raise InputError(
                f"there is no evidence of {found.name}, only its table",
                remedy="Name the suite, the record or the bundle instead.",
            )
        directory = _directory(project, found.measured) if transcripts else None
        run = ExportedRun(found.measured, found.table, directory)
        left_out = () if transcripts else ("questions and answers (--transcripts writes them)",)
        if to is ExportFormat.INSPECT:
            inspect.write_inspect_log(run, target)
            return Exported((target,), (*inspect.DROPPED, *left_out))
        written = every_eval_ever.write_every_eval_ever(run, target)
        return Exported(tuple(written), (*every_eval_ever.DROPPED, *left_out))


def _directory(project: Project, measured: Measured) -> Path:
    """Find the run directory of a record; answers that were recorded elsewhere have no transcript there."""
    runs = project.directory / STORE / "runs" / measured.suite.id
    for table in sorted(runs.glob(f"*/{SEALED}")):
        if sha256_file(table) == measured.results and any(table.parent.glob("transcripts-*.parquet")):
            return table.parent
    raise InputError(
        f"no transcripts of this run of {measured.suite.id} are kept here",
        remedy="Export it where it was evaluated, or without --transcripts.",
    )
