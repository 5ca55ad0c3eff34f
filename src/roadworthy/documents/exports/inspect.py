"""Inspect logs (log schema 2): a run of ours for `inspect view` and the tools that read Inspect's logs.

An archive (.eval) is written sample by sample, a JSON log (.json) in one piece. Each score becomes a scorer whose
metrics are the mean and its standard error, robust against clusters, over the samples that have a score. Dropped:

- intervals, the criterion and the outcome: Inspect has no place for them.
- that errored samples count against the criterion: Inspect leaves them out of its metrics.
- independence: the unit of a sample is written into its metadata, and Inspect's own figures do not read it.
- signature, fingerprint and digests: the digest of the result table is written into the metadata, unsigned.
- costs, attempts and what came from the cache.

Questions and answers are written only where transcripts are asked for.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, Place, StorageError
from roadworthy.documents.exports.run_samples import TOOL, ExportedRun, Sample, failure

SCHEMA = 2
DROPPED = (
    "intervals, criterion and outcome",
    "that errored samples count against the criterion",
    "independent units (kept in each sample's metadata)",
    "signature and fingerprint",
    "costs, attempts and cache",
)


def write_inspect_log(run: ExportedRun, target: Path) -> None:
    """Write the run to `target`, which ends in .eval or .json; a crash leaves the old file or the new one.

    Raises InputError on another ending, StorageError when the disk is full.
    """
    writers = {".eval": _write_archive, ".json": _write_json}
    if target.suffix not in writers:
        raise InputError("the file of an Inspect log ends in .eval or .json", place=Place(target), remedy="Rename it.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        try:
            writers[target.suffix](run, Path(temporary))
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot write {target}: {error.strerror}", remedy="Free space, then export again."
        ) from error


def _write_archive(run: ExportedRun, path: Path) -> None:
    header = _header(run)
    start = {key: header[key] for key in ("version", "eval", "plan")}
    summaries: list[dict[str, Any]] = []
    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", _text(start))
        for sample in _samples(run):
            archive.writestr(f"samples/{_file_name(sample)}.json", _text(sample))
            summaries.append(_summary(sample))
        archive.writestr("summaries.json", _text(summaries))
        archive.writestr("header.json", _text(header))


def _write_json(run: ExportedRun, path: Path) -> None:
    path.write_text(_text({**_header(run), "samples": list(_samples(run))}), encoding="utf-8")


def _text(value: Any) -> str:
    """Write JSON; a score that could not be made is NaN, as Inspect writes it."""
    return json.dumps(value, ensure_ascii=False)


def _file_name(sample: dict[str, Any]) -> str:
    """Name the file of a sample as Inspect does, by its id, through which Inspect finds it again."""
    name = f"{sample['id']}_epoch_{sample['epoch']}"
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise InputError(
            f"the id {sample['id']!r} cannot name a file of an archive", remedy="Export to a file that ends in .json."
        )
    return name


def _header(run: ExportedRun) -> dict[str, Any]:
    measured, counts = run.measured, run.measured.counts
    usage = {"input_tokens": measured.usage.tokens_in or 0, "output_tokens": measured.usage.tokens_out or 0}
    return {
        "version": SCHEMA,
        "status": "success" if counts.recorded == counts.planned else "cancelled",
        "eval": _eval(run),
        "plan": {"name": "plan", "steps": [], "config": {}},
        "results": {
            "total_samples": counts.planned,
            "completed_samples": counts.scored + counts.unscored,
            "scores": [_score(run, name) for name in run.scores],
        },
        "stats": {
            "started_at": measured.started,
            "completed_at": measured.finished,
            "model_usage": {run.model: {**usage, "total_tokens": sum(usage.values())}},
        },
    }


def _eval(run: ExportedRun) -> dict[str, Any]:
    measured = run.measured
    epochs = int(measured.settings.get("epochs") or 1)
    return {
        "eval_id": sha256_json({"suite": measured.suite.digest, "results": measured.results})[:22],
        "run_id": measured.results[:22],
        "created": measured.started,
        "task": measured.suite.id,
        "task_id": measured.suite.digest[:22],
        "task_version": 0,
        "dataset": {"name": measured.dataset.name, "samples": measured.counts.planned // epochs, "shuffled": False},
        "model": run.model,
        "config": {"epochs": epochs},
        "packages": {TOOL["name"]: TOOL["version"]},
        "scorers": [{"name": name, "options": {}, "metadata": {}} for name in run.scores],
        "metadata": {
            "harness": f"{measured.harness.name} {measured.harness.version}",
            "system": measured.system,
            "release": measured.release,
            "dataset_sha256": measured.dataset.digest,
            "results_sha256": measured.results,
            "cluster": measured.dataset.cluster,
            "notes": list(measured.notes),
        },
    }


def _score(run: ExportedRun, name: str) -> dict[str, Any]:
    estimate = run.estimate(name)
    n = estimate.n if estimate else 0
    figures = {"mean": estimate.estimate, "stderr": estimate.standard_error} if estimate else {}
    return {
        "name": name,
        "scorer": name,
        "scored_samples": n,
        "unscored_samples": run.measured.counts.recorded - n,
        "params": {},
        "metrics": {
            metric: {"name": metric, "value": value, "params": {}}
            for metric, value in figures.items()
            if value is not None
        },
    }


def _samples(run: ExportedRun) -> Iterator[dict[str, Any]]:
    for sample in run.samples():
        yield _sample(sample, run.model)


def _sample(sample: Sample, model: str) -> dict[str, Any]:
    row = sample.row
    said = failure(row)
    usage = {"input_tokens": row.tokens_in or 0, "output_tokens": row.tokens_out or 0}
    usage["total_tokens"] = sum(usage.values())
    answer = {"role": "assistant", "content": sample.answer, "source": "generate"}
    return {
        "id": row.sample,
        # Inspect counts epochs from 1.
        "epoch": row.epoch + 1,
        "input": sample.request,
        "target": "",
        "messages": [],
        "output": {
            "model": row.model or model,
            "choices": [] if said else [{"message": answer, "stop_reason": "stop"}],
            "completion": sample.answer,
            "usage": usage,
        },
        "scores": {} if said else {name: _value(value, row.error) for name, value in row.scores.items()},
        "metadata": {"unit": row.unit, **row.slices},
        "store": {},
        "events": [],
        "model_usage": {model: usage},
        "total_time": row.seconds,
        "error": {"message": said, "traceback": "", "traceback_ansi": ""} if said else None,
        "attachments": {},
    }


def _value(value: float | None, why: str | None) -> dict[str, Any]:
    if value is None:
        return {"value": math.nan, "reason": "scoring_failed", "explanation": why, "history": []}
    return {"value": value, "history": []}


def _summary(sample: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "epoch", "input", "target", "metadata", "scores", "model_usage", "total_time")
    error = sample["error"]
    return {
        **{key: sample[key] for key in kept},
        "input": str(sample["input"])[:1024],
        "error": error["message"] if error else None,
        "completed": True,
    }
