"""Test runs of DeepEval: `test_run_*.json` of a results folder, or an EvaluationResult written as JSON.

Source: deepeval.test_run.TestRun and deepeval.evaluate.types.EvaluationResult. The first has the names of its fields in
camel case, the second in snake case; each test case has the data of each metric: score, threshold, success, the
model that judged, and the error where the metric failed. Neither says by which version or when it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.deepeval_run import Metric, TestCase, TestRun, read_run
from roadworthy.evaluate.adapters.peer import (
    Adapter,
    Glimpse,
    Lack,
    PeerLog,
    PeerScore,
    column_name,
    peer_row,
    take_census,
)
from roadworthy.evaluate.readers.row import Row

_SUCCESS = "success"
"""The score that says whether every metric of a case passed; `NAME success` says it of one metric."""
_ALWAYS_LACKING = (Lack.ERRORS, Lack.PLAN, Lack.TIME, Lack.VERSION)
"""A case without an answer never reaches DeepEval; plan, time and version are not written."""


def detect(glimpse: Glimpse) -> bool:
    """Tell by the first keys of the file."""
    start = glimpse.start[:4096]
    keys = ((b'"testCases"', b'"name"'), (b'"test_results"', b'"metrics_data"'))
    return start.lstrip().startswith(b"{") and any(all(key in start for key in pair) for pair in keys)


def read_log(path: Path) -> PeerLog:
    """Read the file and go through every case once."""
    run = read_run(path)
    census = take_census(_rows(run, path))
    lacks = {
        Lack.SAMPLES: not census.rows,
        Lack.MODEL: run.model is None,
        Lack.JUDGE: any(m.evaluation_cost and not m.evaluation_model for case in run.cases for m in _metrics(case)),
        Lack.CLUSTERS: not census.repeated,
    }
    return PeerLog(
        harness="deepeval",
        version=None,
        task=run.identifier or run.dataset_alias or run.test_file or "test run",
        models=census.models,
        scores=tuple(_score(name, run) for name in census.scores),
        columns=census.columns,
        rows=census.rows,
        planned=max((run.test_passed or 0) + (run.test_failed or 0), census.rows),
        cluster="case" if census.repeated else None,
        lacking=(*_ALWAYS_LACKING, *(lack for lack, missing in lacks.items() if missing)),
        notes=_notes(run),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the test cases in the order of the file."""
    yield from _rows(read_run(path), path)


def _rows(run: TestRun, path: Path) -> Iterator[Row]:
    named: dict[str, int] = {}
    asked: dict[str, list[str]] = {}
    for number, case in enumerate(run.cases, start=1):
        repeated = named[case.name] = named.get(case.name, 0) + 1
        own = case.name if repeated == 1 else f"{case.name}#{repeated}"
        same = asked.setdefault(sha256_json([case.question, case.expected_output]), [])
        same.append(own)
        try:
            yield number, _row(case, run.model, own, same)
        except ValueError as error:
            remedy = "Rename one of the metrics or keys of the metadata."
            raise InputError(str(error), place=Place(f"{path}#cases[{number - 1}]"), remedy=remedy) from error


def _row(case: TestCase, model: str | None, own: str, same: list[str]) -> dict[str, Any]:
    plain = (case.metadata or {}).items()
    return peer_row(
        id=own,
        case=same[0],
        epoch=len(same),
        input=case.question,
        output=case.answer,
        target=case.expected_output,
        model=model,
        scores=dict(_scores(case)),
        metadata={name: value for name, value in plain if isinstance(value, str | int | float | bool)},
        seconds=case.completion_time,
        tokens_in=case.input_token_count,
        tokens_out=case.output_token_count,
        cost=case.token_cost,
    )


def _scores(case: TestCase) -> Iterable[tuple[str, float | None]]:
    metrics = _metrics(case)
    counts = bool(metrics) and all(metric.judged for metric in metrics) and case.success is not None
    yield _SUCCESS, float(bool(case.success)) if counts else None
    for name, metric in _named(case):
        yield name, metric.score if metric.judged else None
        yield f"{name} {_SUCCESS}", float(bool(metric.success)) if metric.judged else None


def _metrics(case: TestCase) -> list[Metric]:
    return case.metrics_data or []


def _named(case: TestCase) -> Iterator[tuple[str, Metric]]:
    """Yield the metrics with their names; those of one name are numbered."""
    seen: dict[str, int] = {}
    for metric in _metrics(case):
        times = seen[metric.name] = seen.get(metric.name, 0) + 1
        yield metric.name if times == 1 else f"{metric.name} {times}", metric


def _score(name: str, run: TestRun) -> PeerScore:
    plain = name.removesuffix(f" {_SUCCESS}")
    judges = {
        metric.evaluation_model
        for case in run.cases
        for own, metric in _named(case)
        if metric.evaluation_model and (name == _SUCCESS or column_name(own) == plain)
    }
    return PeerScore(name, ", ".join(sorted(judges)) or None, _reported(name, plain, run))


def _reported(name: str, plain: str, run: TestRun) -> dict[str, float]:
    if name == _SUCCESS and run.test_passed is not None:
        return {"passed": run.test_passed, "failed": run.test_failed or 0}
    for own in run.metrics_scores:
        if column_name(own.metric) == plain and name != plain:
            return {"passes": own.passes, "fails": own.fails, "errors": own.errors}
        if column_name(own.metric) == plain and own.scores:
            return {"mean": sum(own.scores) / len(own.scores)}
    return {}


def _notes(run: TestRun) -> tuple[str, ...]:
    failed = sum(not metric.judged for case in run.cases for metric in _metrics(case))
    if not failed:
        return ()
    return (f"{failed:,} of the results of metrics could not be made: failed for DeepEval, unscored here.",)


ADAPTER = Adapter(
    format="deepeval",
    title="DeepEval test run (test_run_*.json) or EvaluationResult",
    detect=detect,
    log=read_log,
    rows=read_rows,
)
