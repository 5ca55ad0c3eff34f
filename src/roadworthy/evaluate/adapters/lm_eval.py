"""The lm-evaluation-harness: results_TIME.json, and the samples_TASK_TIME.jsonl that --log_samples writes beside it.

Format: https://github.com/EleutherAI/lm-evaluation-harness (EvaluationTracker, version 0.4). One line of a samples
file is one document under one filter; the lines of one document are one row here, with the answer under the first
filter. Results without samples are aggregates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roadworthy.core.clock import format_time
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.json_file import read_json_object
from roadworthy.evaluate.adapters.peer import (
    Adapter,
    Glimpse,
    Lack,
    PeerLog,
    PeerScore,
    column_name,
    not_a_log,
    peer_row,
    take_census,
)
from roadworthy.evaluate.readers.jsonl import read_jsonl
from roadworthy.evaluate.readers.row import Row

_TOOL = "the lm-evaluation-harness"
_RESULTS = re.compile(r"results_(?P<time>[\dT.-]+)\.json")
_SAMPLES = re.compile(r"samples_(?P<task>.+)_(?P<time>\d{4}-[\dT.-]+)\.jsonl")
_NO_FILTER = "none"
_NOT_METRICS = frozenset(
    {
        "doc_id",
        "doc",
        "target",
        "arguments",
        "resps",
        "filtered_resps",
        "filter",
        "metrics",
        "doc_hash",
        "prompt_hash",
        "target_hash",
    }
)
"""Keys of a line that are no metric, for versions that do not list the metrics."""


def detect(glimpse: Glimpse) -> bool:
    """Tell by the names that the harness gives its files, and by their first keys."""
    if _SAMPLES.fullmatch(glimpse.path.name):
        return b'"doc_id"' in glimpse.start
    return bool(_RESULTS.fullmatch(glimpse.path.name)) and b'"results"' in glimpse.start


def files(path: Path) -> tuple[Path, ...]:
    """Return the samples and the results that belong together, as far as they are there."""
    samples, results = _pair(path)
    return tuple(file for file in (samples, results) if file is not None)


def read_log(path: Path) -> PeerLog:
    """Read results and samples of one task."""
    samples, results = _pair(path)
    said = read_json_object(results, not_a_number=True) if results else {}
    if samples is None:
        return _aggregates(said, path)
    task = _task_of(samples)
    census = take_census(read_rows(path))
    model = said.get("model_name")
    planned = ((said.get("n-samples") or {}).get(task) or {}).get("effective")
    started, finished = _times(said)
    lacks = {
        Lack.MODEL: not model,
        Lack.CLUSTERS: True,
        Lack.PLAN: planned is None,
        Lack.TIME: finished is None,
        Lack.VERSION: not said.get("lm_eval_version"),
    }
    return PeerLog(
        harness="lm_eval",
        version=said.get("lm_eval_version"),
        task=task,
        models=(str(model),) if model else (),
        scores=tuple(PeerScore(name, reported=_reported(said, task, name)) for name in census.scores),
        columns=census.columns,
        rows=census.rows,
        planned=max(int(planned or 0), census.rows),
        started=started,
        finished=finished,
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
        notes=_notes(said, task),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield one row for each document, with a score for each metric and filter."""
    samples, results = _pair(path)
    if samples is None:
        return
    model = read_json_object(results, not_a_number=True).get("model_name") if results else None
    documents: dict[str, tuple[int, dict[str, Any], dict[str, float | None]]] = {}
    for line, sample in read_jsonl(samples, None):
        if "doc_id" not in sample:
            raise not_a_log(samples, _TOOL, "a line has no 'doc_id'", line)
        _, _, scores = documents.setdefault(str(sample["doc_id"]), (line, sample, {}))
        for name, value in _scores(sample).items():
            if name in scores:
                raise InputError(
                    f"the document {sample['doc_id']} has the score {name!r} twice",
                    place=Place(samples, line),
                    remedy="Remove what an earlier run has left in the file.",
                )
            scores[name] = value
    for key, (line, sample, scores) in documents.items():
        yield line, _row(key, sample, scores, model, Place(samples, line))


def _row(key: str, sample: dict[str, Any], scores: dict[str, float | None], model: Any, place: Place) -> dict[str, Any]:
    document = sample.get("doc")
    plain = document.items() if isinstance(document, dict) else ()
    try:
        return peer_row(
            id=key,
            input=_question(sample),
            output=sample.get("filtered_resps"),
            target=sample.get("target"),
            model=str(model) if model else None,
            scores=scores,
            metadata={name: value for name, value in plain if isinstance(value, str | int | float | bool)},
        )
    except ValueError as error:
        raise InputError(str(error), place=place, remedy="Rename one of the columns of the task's data.") from error


def _question(sample: dict[str, Any]) -> Any:
    arguments = sample.get("arguments")
    first = arguments.get("gen_args_0") if isinstance(arguments, dict) else None
    return first.get("arg_0") if isinstance(first, dict) else arguments


def _scores(sample: dict[str, Any]) -> dict[str, float | None]:
    """Read the metrics of one line. Some, such as BLEU, are made of parts here and are no number of the document."""
    names = sample.get("metrics") or [name for name in sample if name not in _NOT_METRICS]
    used = str(sample.get("filter") or _NO_FILTER)
    return {_name(name, used): _number(sample.get(name)) for name in names}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, bool | int | float) else None


def _pair(path: Path) -> tuple[Path | None, Path | None]:
    """Find samples and results of one run by their time. Raises InputError where several tasks could be meant."""
    if (name := _SAMPLES.fullmatch(path.name)) is not None:
        results = path.with_name(f"results_{name['time']}.json")
        return path, results if results.is_file() else None
    name = _RESULTS.fullmatch(path.name)
    if name is None:
        raise not_a_log(path, _TOOL, "its name is neither results_TIME.json nor samples_TASK_TIME.jsonl")
    beside = sorted(path.parent.glob(f"samples_*_{name['time']}.jsonl"))
    if len(beside) > 1:
        raise InputError(
            f"there are samples of {len(beside)} tasks beside these results",
            place=Place(path),
            remedy=f"Import one of them: {', '.join(file.name for file in beside)}.",
        )
    return (beside[0] if beside else None), path


def _task_of(samples: Path) -> str:
    name = _SAMPLES.fullmatch(samples.name)
    return name["task"] if name else samples.stem


def _aggregates(said: dict[str, Any], path: Path) -> PeerLog:
    found = said.get("results")
    if not isinstance(found, dict) or not found:
        raise not_a_log(path, _TOOL, "it has no results")
    started, finished = _times(said)
    scores = []
    for task, figures in found.items():
        names = {key.partition(",")[::2] for key in figures if "," in key and "_stderr," not in key}
        for metric, used in sorted(names):
            name = _name(metric, used)
            scores.append(PeerScore(column_name(f"{task} {name}"), reported=_reported(said, task, name)))
    return PeerLog(
        harness="lm_eval",
        version=said.get("lm_eval_version"),
        task=", ".join(found),
        models=(str(said["model_name"]),) if said.get("model_name") else (),
        scores=tuple(scores),
        columns=frozenset(),
        rows=0,
        planned=0,
        started=started,
        finished=finished,
        lacking=(Lack.SAMPLES,),
        notes=("Run the harness with --log_samples: without samples nothing can be measured.",),
    )


def _reported(said: dict[str, Any], task: str, name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, value in ((said.get("results") or {}).get(task) or {}).items():
        metric, comma, used = key.partition(",")
        plain = metric.replace("_stderr", "")
        number = _number(value)
        if comma and number is not None and column_name(_name(plain, used)) == name:
            found["stderr" if metric != plain else plain] = number
    return found


def _name(metric: str, used: str) -> str:
    return metric if used == _NO_FILTER else f"{metric}.{used}"


def _notes(said: dict[str, Any], task: str) -> tuple[str, ...]:
    lower = [name for name, up in ((said.get("higher_is_better") or {}).get(task) or {}).items() if up is False]
    notes = [f"Lower is better for {', '.join(lower)}."] if lower else []
    if (said.get("config") or {}).get("limit"):
        notes.append(f"The harness was told to take {said['config']['limit']} documents of the task only.")
    return tuple(notes)


def _times(said: dict[str, Any]) -> tuple[str | None, str | None]:
    """Return start and end. `date` is the start in seconds since 1970; the duration is written as text."""
    try:
        start = float(said["date"])
        seconds = float(said.get("total_evaluation_time_seconds") or 0)
        moments = (datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(start + seconds, UTC))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None, None
    return format_time(moments[0]), format_time(moments[1])


ADAPTER = Adapter(
    format="lm-eval",
    title="lm-evaluation-harness (samples_*.jsonl with results_*.json)",
    detect=detect,
    log=read_log,
    rows=read_rows,
    files=files,
)
