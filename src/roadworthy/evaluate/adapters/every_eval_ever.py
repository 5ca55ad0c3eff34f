"""Every Eval Ever: an aggregate JSON file, and the records of its samples in a JSON Lines file beside it.

Format: eval.schema.json and instance_level_eval.schema.json 0.2 and 0.3, https://github.com/evaleval/every_eval_ever.
A sample has one record for each result that it adds to; the records of one sample are one row here.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from roadworthy.core.clock import format_time, parse_time
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
from roadworthy.evaluate.readers.row import Row, unreadable

SCHEMAS = ("0.2", "0.3")
"""Versions of the schema that are read."""
_TOOL = "Every Eval Ever"
_HASHES = ("sha256", "md5")


def detect(glimpse: Glimpse) -> bool:
    """Tell an aggregate file by the keys that it starts with."""
    start = glimpse.start
    return start.lstrip().startswith(b"{") and b'"schema_version"' in start and b'"evaluation_id"' in start


def files(path: Path) -> tuple[Path, ...]:
    """Return the aggregate file and that of its samples, where it names one."""
    samples = _samples_file(_aggregate(path), path)
    return (path, samples) if samples else (path,)


def read_log(path: Path) -> PeerLog:
    """Read the aggregate file and go through the samples once."""
    whole = _aggregate(path)
    names = _names(whole)
    samples = _samples_file(whole, path)
    census = take_census(read_rows(path))
    library = whole.get("eval_library") or {}
    model = (whole.get("model_info") or {}).get("id")
    moment = _time(whole.get("evaluation_timestamp"))
    version = str(library.get("version") or "")
    detailed = whole.get("detailed_evaluation_results") or {}
    lacks = {
        Lack.SAMPLES: samples is None,
        Lack.MODEL: not model,
        Lack.CLUSTERS: not census.repeated,
        Lack.PLAN: not detailed.get("total_rows"),
        Lack.TIME: moment is None,
        Lack.VERSION: version in ("", "unknown"),
    }
    return PeerLog(
        harness=str(library.get("name") or "unknown"),
        version=None if lacks[Lack.VERSION] else version,
        task=str(whole.get("evaluation_id", "")).split("/")[0] or "evaluation",
        models=(str(model),) if model else (),
        scores=tuple(_score(result, names) for result in _results(whole)),
        columns=census.columns,
        rows=census.rows,
        planned=census.rows + (_lost(samples, detailed) if samples else 0),
        started=moment,
        finished=moment,
        cluster="case" if census.repeated else None,
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
    )


def read_rows(path: Path) -> Iterator[Row]:
    """Yield one row for each sample and repetition, with a score for each result that it adds to."""
    whole = _aggregate(path)
    samples = _samples_file(whole, path)
    if samples is None:
        return
    _check_sum(samples, whole.get("detailed_evaluation_results") or {})
    names = _names(whole)
    found: dict[tuple[str, int], _Sample] = {}
    for line, record in read_jsonl(samples, None):
        place = Place(samples, line)
        name, value = _scored(record, names, place)
        epoch = 0
        while name in (sample := found.setdefault((record["sample_id"], epoch), _Sample(line, record))).scores:
            epoch += 1
        sample.scores[name] = value
    repeated = any(epoch for _, epoch in found)
    for (case, epoch), sample in found.items():
        yield sample.line, _row(case, epoch, sample, repeated, Place(samples, sample.line))


@dataclass
class _Sample:
    line: int
    record: dict[str, Any]
    scores: dict[str, Any] = field(default_factory=dict)


def _row(case: str, epoch: int, sample: _Sample, repeated: bool, place: Place) -> dict[str, Any]:
    record = sample.record
    given = record.get("input") or {}
    usage, speed = record.get("token_usage") or {}, record.get("performance") or {}
    milliseconds = speed.get("latency_ms")
    try:
        return peer_row(
            id=f"{case}#{epoch}" if repeated else case,
            case=case,
            epoch=epoch,
            input=given.get("raw"),
            output=_answer(record),
            target=given.get("reference"),
            error=record.get("error") or None,
            model=record.get("model_id"),
            scores=sample.scores,
            metadata=record.get("metadata") or {},
            seconds=milliseconds / 1000 if milliseconds is not None else None,
            tokens_in=usage.get("input_tokens"),
            tokens_out=usage.get("output_tokens"),
        )
    except (ValueError, TypeError) as error:
        raise InputError(str(error), place=place, remedy="Correct this record.") from error


def _answer(record: dict[str, Any]) -> str:
    """Return the answer, of a conversation its last turn with text."""
    output = record.get("output")
    if isinstance(output, dict):
        return "\n".join(str(text) for text in output.get("raw") or [])
    turns = [turn for turn in record.get("messages") or [] if turn.get("role") == "assistant" and turn.get("content")]
    return str(turns[-1]["content"]) if turns else ""


def _scored(record: dict[str, Any], names: dict[str, str], place: Place) -> tuple[str, float]:
    """Return name and value of the score of one record. Raises InputError when it belongs to no result."""
    key = record.get("evaluation_result_id") or record.get("evaluation_name")
    value = (record.get("evaluation") or {}).get("score")
    if not isinstance(record.get("sample_id"), str) or key not in names:
        raise InputError(
            f"the record of a sample belongs to no result of the aggregate file ({key!r})",
            place=place,
            remedy="Fetch both files again.",
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(f"the score {value!r} is not a number", place=place, remedy="Fetch both files again.")
    return names[key], float(value)


def _aggregate(path: Path) -> dict[str, Any]:
    whole = read_json_object(path)
    version = str(whole.get("schema_version") or "")
    if not isinstance(whole.get("evaluation_results"), list):
        raise not_a_log(path, _TOOL, "it has no 'evaluation_results'")
    if not version.startswith(tuple(f"{known}." for known in SCHEMAS)):
        raise InputError(
            f"the file is written in version {version!r} of the schema; read are {' and '.join(SCHEMAS)}",
            place=Place(path),
            remedy="Use a newer version of Roadworthy, or convert the file.",
        )
    return whole


def _results(whole: dict[str, Any]) -> list[dict[str, Any]]:
    return [result for result in whole["evaluation_results"] if isinstance(result, dict)]


def _names(whole: dict[str, Any]) -> dict[str, str]:
    """Name each result by its metric, and by its evaluation too where metrics repeat.

    A result is found by its id, and by its evaluation where that has no other result.
    """
    results = _results(whole)
    metrics = [_metric(result) for result in results]
    evaluations = [str(result.get("evaluation_name")) for result in results]
    names: dict[str, str] = {}
    for result, metric in zip(results, metrics, strict=True):
        own = str(result.get("evaluation_name"))
        name = column_name(metric if metrics.count(metric) == 1 else f"{own}.{metric}")
        if result.get("evaluation_result_id"):
            names[str(result["evaluation_result_id"])] = name
        if evaluations.count(own) == 1:
            names.setdefault(own, name)
    return names


def _metric(result: dict[str, Any]) -> str:
    config = result.get("metric_config") or {}
    return str(config.get("metric_id") or config.get("metric_name") or result.get("evaluation_name") or "score")


def _score(result: dict[str, Any], names: dict[str, str]) -> PeerScore:
    details = result.get("score_details") or {}
    error = ((details.get("uncertainty") or {}).get("standard_error") or {}).get("value")
    figures = {"score": details.get("score"), "stderr": error}
    judges = ((result.get("metric_config") or {}).get("llm_scoring") or {}).get("judges") or []
    judge = ", ".join(str((judge.get("model_info") or {}).get("id") or "unknown") for judge in judges)
    key = str(result.get("evaluation_result_id") or result.get("evaluation_name"))
    name = names.get(key) or column_name(_metric(result))
    reported = {name: float(value) for name, value in figures.items() if isinstance(value, int | float)}
    return PeerScore(name, judge or None, reported)


def _samples_file(whole: dict[str, Any], path: Path) -> Path | None:
    """Find the file of the samples beside the aggregate file; its path starts elsewhere, and only its name is used."""
    named = (whole.get("detailed_evaluation_results") or {}).get("file_path")
    if not named:
        return None
    file = path.with_name(PurePosixPath(str(named)).name)
    if not file.is_file():
        raise InputError(
            f"the samples are said to be in {file.name}, which is not beside this file",
            place=Place(path),
            remedy="Fetch both files into one folder.",
        )
    return file


def _check_sum(file: Path, detailed: dict[str, Any]) -> None:
    stated, kind = detailed.get("checksum"), str(detailed.get("hash_algorithm") or "sha256")
    if not stated:
        return
    if kind not in _HASHES:
        raise not_a_log(file, _TOOL, f"its checksum is of the unknown kind {kind!r}")
    try:
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, kind).hexdigest()
    except OSError as error:
        raise unreadable(file, error) from error
    if found != stated:
        raise not_a_log(file, _TOOL, "its checksum is not the one that the aggregate file states")


def _lost(samples: Path, detailed: dict[str, Any]) -> int:
    """Return how many stated records are not there; each could be of a sample of its own."""
    total = int(detailed.get("total_rows") or 0)
    return max(0, total - sum(1 for _ in read_jsonl(samples, None)))


def _time(value: Any) -> str | None:
    """Read a time, written as RFC 3339 or as seconds since 1970."""
    try:
        return format_time(datetime.fromtimestamp(float(value), UTC))
    except (TypeError, ValueError, OverflowError):
        pass
    try:
        return format_time(parse_time(str(value)))
    except InputError:
        return None


ADAPTER = Adapter(
    format="every-eval-ever",
    title="Every Eval Ever (aggregate .json with the .jsonl of its samples)",
    detect=detect,
    log=read_log,
    rows=read_rows,
    files=files,
)
