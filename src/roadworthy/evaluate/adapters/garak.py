"""Reports of garak (`*.report.jsonl`): each generation of each attempt, with what each detector made of it.

Source: garak.attempt.Attempt.as_dict, garak.command and garak.evaluators.base. An attempt is written twice: when it was
answered (status 1) and when the detectors have looked at it (status 2); only the second is counted. A score at or above
the threshold is a hit: the attack succeeded. garak writes local times without a zone; they are read as of the
easternmost zone, the earliest that they can mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roadworthy.evaluate.adapters.garak_report import START, TOOL, GarakReport
from roadworthy.evaluate.adapters.peer import Adapter, Glimpse, Lack, PeerLog, PeerScore, column_name, take_census
from roadworthy.evaluate.readers.row import Row


def detect(glimpse: Glimpse) -> bool:
    """Tell by the first entry."""
    return b'"entry_type"' in glimpse.start[:200] and START.encode() in glimpse.start[:200]


def read_log(path: Path) -> PeerLog:
    """Read every entry once. Raises InputError where garak's own counts of hits differ from ours."""
    report = GarakReport(path)
    census = take_census(report.rows())
    setup = report.setup
    unfinished = report.finished is None
    judges = {name: setup.judge(name) for name in report.detectors}
    lacks = {
        Lack.SAMPLES: not census.rows,
        Lack.MODEL: setup.model is None,
        Lack.JUDGE: any(setup.is_model_judge(name) and judge is None for name, judge in judges.items()),
        Lack.PLAN: unfinished,
        Lack.TIME: report.started is None,
        Lack.VERSION: setup.version is None,
        Lack.CLUSTERS: not census.repeated,
    }
    return PeerLog(
        harness=TOOL,
        version=setup.version,
        task=", ".join(sorted(report.probes)) or "probes",
        models=(setup.model,) if setup.model else (),
        scores=tuple(_score(name, report, judges) for name in census.scores),
        columns=census.columns,
        rows=census.rows,
        # What a report that was cut off lacks is not known; one generation at least.
        planned=max(report.planned, census.rows + unfinished),
        started=report.started,
        finished=report.finished or report.started,
        cluster="case" if census.repeated else None,
        epochs=setup.generations,
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
        notes=_notes(report),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield one row for each generation that the detectors have looked at."""
    yield from GarakReport(path).rows()


def _score(name: str, report: GarakReport, judges: dict[str, str | None]) -> PeerScore:
    """Describe a score; the figures are garak's own."""
    mine = [detector for detector in report.detectors if column_name(detector) == name]
    judged = ", ".join(sorted({judge for detector in mine or judges if (judge := judges[detector])}))
    counts = report.said.get(mine[0]) if mine else None
    return PeerScore(
        name, judged or None, dict(zip(("passed", "hits", "nones"), counts, strict=True)) if counts else {}
    )


def _notes(report: GarakReport) -> tuple[str, ...]:
    notes = []
    if report.finished is None:
        notes.append("The report was cut off: garak wrote no completion; how many attempts were planned is not known.")
    if report.empty:
        notes.append(f"{report.empty:,} of the generations have no answer: errors here, whatever a detector says.")
    if len(report.probes) > 1:
        notes.append("There are several probes; take one of them with 'where: {metadata.probe: ...}'.")
    return tuple(notes)


ADAPTER = Adapter(
    format="garak",
    title="garak report (*.report.jsonl)",
    detect=detect,
    log=read_log,
    rows=read_rows,
)
