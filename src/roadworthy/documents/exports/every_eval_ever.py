"""Every Eval Ever (schema 0.3.0): an aggregate file with one result for each metric, and one record for each sample.

Files go where the project's repository wants them: data/EVALUATION/DEVELOPER/MODEL/UUID.json and UUID_samples.jsonl.
Errored samples count in every figure as they do here, with the bad value of the metric. Dropped:

- the criterion and the outcome.
- which samples belong to one unit: it is in each record's metadata, and standard errors say that they respect it.
- metrics that compare groups: they are no mean over samples.
- signature and fingerprint: digests are written as details, unsigned.

Questions and answers are written only where transcripts are asked for.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from roadworthy.core.clock import now, parse_time
from roadworthy.core.errors import InputError, StorageError
from roadworthy.core.files import write_atomically
from roadworthy.documents.exports.run_samples import CONFIDENCE, ExportedRun, Sample, failure
from roadworthy.evaluate.metrics.metric import Aggregate, Good, Metric
from roadworthy.evaluate.metrics.table import find_metric
from roadworthy.evaluate.results import tally
from roadworthy.stats.mean import Estimate, estimate_mean
from roadworthy.stats.units import from_table

SCHEMA = "0.3.0"
DROPPED = (
    "criterion and outcome",
    "independent units (kept in each sample's metadata)",
    "metrics that compare groups",
    "signature and fingerprint",
)


def write_every_eval_ever(run: ExportedRun, directory: Path) -> list[Path]:
    """Write the aggregate file and the samples below `directory`; returns both paths.

    Raises InputError when no metric of the run is a mean over samples, StorageError when the disk is full.
    """
    metrics = _metrics(run)
    if not metrics:
        raise InputError(
            "no metric of this run is a mean over samples, the only kind that Every Eval Ever holds",
            remedy="Export a run with such a metric (docs/metrics.md).",
        )
    name = uuid.UUID(bytes=bytes.fromhex(run.measured.results)[:16], version=4)
    developer, model = _model_id(run).split("/", 1)
    folder = Path("data") / run.measured.suite.id / developer / model.replace("/", "__")
    samples = folder / f"{name}_samples.jsonl"
    digest, rows = _write_samples(run, metrics, directory / samples)
    aggregate = _aggregate(run, metrics, samples.as_posix(), digest, rows)
    write_atomically(directory / folder / f"{name}.json", (json.dumps(aggregate, indent=2) + "\n").encode())
    return [directory / folder / f"{name}.json", directory / samples]


def _metrics(run: ExportedRun) -> list[Metric]:
    """List the metrics that are the mean of one score over all rows."""
    named = [find_metric(name) for name in run.measured.suite.metrics]
    return [metric for metric in named if metric and metric.aggregate is Aggregate.MEAN and _plain(metric)]


def _plain(metric: Metric) -> bool:
    rates = metric.rates
    return len(rates) == 1 and rates[0].label is None and not rates[0].leaves_out and not rates[0].passes


def _model_id(run: ExportedRun) -> str:
    """Write the model as DEVELOPER/MODEL, which the schema wants."""
    return run.model if "/" in run.model else f"unknown/{run.model}"


def _evaluation_id(run: ExportedRun) -> str:
    return f"{run.measured.suite.id}/{_model_id(run)}/{run.measured.results[:16]}"


def _aggregate(run: ExportedRun, metrics: list[Metric], path: str, digest: str, rows: int) -> dict[str, Any]:
    measured = run.measured
    return {
        "schema_version": SCHEMA,
        "evaluation_id": _evaluation_id(run),
        "evaluation_timestamp": _seconds(measured.finished),
        "retrieved_timestamp": str(int(now().timestamp())),
        "source_metadata": {
            "source_name": f"{measured.system} {measured.release}",
            "source_type": "evaluation_run",
            "source_organization_name": measured.system,
            # Who the evaluator is to the developer of the model is not in the evidence.
            "evaluator_relationship": "other",
            "additional_details": {"independence": measured.independence, "results_sha256": measured.results},
        },
        "eval_library": {"name": measured.harness.name, "version": measured.harness.version},
        "model_info": {
            "name": run.model,
            "id": _model_id(run),
            "additional_details": {"deployment_type": "unknown", "model_availability": "unknown"},
        },
        "evaluation_results": [_result(run, metric) for metric in metrics],
        "detailed_evaluation_results": {
            "format": "jsonl",
            "file_path": path,
            "hash_algorithm": "sha256",
            "checksum": digest,
            "total_rows": rows,
        },
    }


def _seconds(time: str) -> str:
    return str(int(parse_time(time).timestamp()))


def _result(run: ExportedRun, metric: Metric) -> dict[str, Any]:
    [counted] = tally(run.table, metric)
    units = from_table(counted.totals, counted.sizes, counted.counts)
    estimate = estimate_mean(units, clustered=counted.clustered, confidence=CONFIDENCE)
    return {
        "evaluation_result_id": metric.name,
        "evaluation_name": run.measured.suite.id,
        "source_data": {
            "dataset_name": run.measured.dataset.name,
            "source_type": "other",
            "additional_details": {"sha256": run.measured.dataset.digest},
        },
        "evaluation_timestamp": _seconds(run.measured.finished),
        "metric_config": {
            "evaluation_description": metric.definition,
            "metric_id": f"roadworthy.{metric.name}",
            "metric_name": metric.title,
            "metric_unit": "proportion",
            "lower_is_better": metric.good is Good.LOWER,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
        },
        "score_details": {
            "score": estimate.estimate,
            "details": {"errored": str(counted.errored), "errored_as": f"{metric.bad:g}", "units": str(counted.units)},
            "uncertainty": _uncertainty(estimate),
        },
    }


def _uncertainty(estimate: Estimate) -> dict[str, Any]:
    lower, upper = estimate.interval
    level = {"confidence_level": estimate.confidence, "method": estimate.method}
    found: dict[str, Any] = {
        "confidence_interval": {"lower": lower, "upper": upper, **level},
        "num_samples": estimate.n,
    }
    if estimate.standard_error is not None:
        method = "analytic, robust against clusters" if estimate.clustered else "analytic"
        found["standard_error"] = {"value": estimate.standard_error, "method": method}
    return found


def _write_samples(run: ExportedRun, metrics: list[Metric], path: Path) -> tuple[str, int]:
    """Write one record for each sample and metric; returns digest and number of records."""
    digest, rows = hashlib.sha256(), 0
    temporary = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            for record in _records(run, metrics):
                line = (json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n").encode()
                digest.update(line)
                stream.write(line)
                rows += 1
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}", remedy="Free space, then export again.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return digest.hexdigest(), rows


def _records(run: ExportedRun, metrics: list[Metric]) -> Iterator[dict[str, Any]]:
    evaluation, model = _evaluation_id(run), _model_id(run)
    for sample in run.samples():
        for metric in metrics:
            yield _record(sample, metric, evaluation, model, run.measured.suite.id)


def _record(sample: Sample, metric: Metric, evaluation: str, model: str, suite: str) -> dict[str, Any]:
    row = sample.row
    score = _counted(sample, metric)
    metadata = {"unit": row.unit, "epoch": str(row.epoch), "status": str(row.status), **row.slices}
    tokens = (row.tokens_in, row.tokens_out)
    usage = None
    if tokens[0] is not None and tokens[1] is not None:
        usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "total_tokens": tokens[0] + tokens[1]}
    return {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation,
        "model_id": model,
        "evaluation_name": suite,
        "evaluation_result_id": metric.name,
        "sample_id": row.sample,
        "interaction_type": "single_turn",
        "input": {"raw": sample.request, "reference": []},
        "output": {"raw": [sample.answer]},
        "answer_attribution": [],
        "evaluation": {"score": score, "is_correct": abs(score - metric.bad) > 0.5},
        "token_usage": usage,
        "performance": {"latency_ms": row.seconds * 1000} if row.seconds is not None else None,
        "error": failure(row) or row.error,
        "metadata": {name: value for name, value in metadata.items() if value is not None},
    }


def _counted(sample: Sample, metric: Metric) -> float:
    """Return the value that this row counts as; without a score it is the bad one."""
    [rate] = metric.rates
    value = sample.row.scores.get(rate.reads)
    if failure(sample.row) or value is None:
        return metric.bad
    return 1.0 - value if rate.complement else value
