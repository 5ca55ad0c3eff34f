"""What the header of an Inspect log says: task, model, scorers and their figures, and how many samples there should be.

Source: inspect_ai.log.EvalLog (log schema 2). A log that was cut off has no header; its start is in the journal.
"""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.core.clock import format_time, parse_time
from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.inspect_sample import as_number
from roadworthy.evaluate.adapters.peer import Census, Lack, PeerLog, PeerScore, column_name

SCHEMA = 2
"""The version of Inspect's log schema that is read."""
NO_MODEL = frozenset({"", "none", "none/none"})


class InspectHeader(msgspec.Struct, frozen=True):
    """The fields that are read of header.json, of _journal/start.json, or of a JSON log."""

    version: int
    eval: dict[str, Any]
    status: str = "started"
    results: dict[str, Any] | None = None
    stats: dict[str, Any] = {}
    error: dict[str, Any] | None = None
    invalidated: bool = False

    @property
    def epochs(self) -> int:
        """Return how often each sample was asked."""
        return int((self.eval.get("config") or {}).get("epochs") or 1)

    @property
    def model(self) -> str | None:
        """Return the model that was evaluated; None for a task that is asked of none, where samples name their own."""
        model = str(self.eval.get("model") or "")
        return None if model in NO_MODEL else model

    @property
    def planned(self) -> int | None:
        """Return samples times epochs; None where the log does not say."""
        dataset = self.eval.get("dataset") or {}
        ids = dataset.get("sample_ids")
        samples = len(ids) if ids else dataset.get("samples")
        total = (self.results or {}).get("total_samples")
        said = [number for number in (samples and int(samples) * self.epochs, total) if number]
        return max(said) if said else None


def peer_log(header: InspectHeader, census: Census) -> PeerLog:
    """Put header and rows together."""
    models = (header.model,) if header.model else census.models
    started, finished = _times(header)
    version = (header.eval.get("packages") or {}).get("inspect_ai")
    scores = tuple(_score(name, header) for name in census.scores)
    others = _models_without_a_role(header, {*models, *(score.judge for score in scores)})
    lacks = {
        Lack.MODEL: not models or census.nameless > 0,
        Lack.JUDGE: bool(others),
        Lack.PLAN: header.planned is None,
        Lack.TIME: finished is None,
        Lack.VERSION: not version,
        Lack.CLUSTERS: not census.repeated,
        Lack.SAMPLES: not census.rows,
    }
    return PeerLog(
        harness="inspect_ai",
        version=version,
        task=str(header.eval.get("task") or "task"),
        models=models,
        scores=scores,
        columns=census.columns,
        rows=census.rows,
        planned=max(header.planned or 0, census.rows),
        started=started,
        finished=finished,
        cluster="case" if census.repeated else None,
        epochs=header.epochs,
        lacking=tuple(lack for lack, missing in lacks.items() if missing),
        notes=_notes(header, others),
    )


def _models_without_a_role(header: InspectHeader, known: set[str | None]) -> list[str]:
    """List models that were used, and neither answered nor judged as far as the log says: one may have judged."""
    return sorted(set(header.stats.get("model_usage") or {}) - known)


def _notes(header: InspectHeader, others: list[str]) -> tuple[str, ...]:
    notes = []
    if others:
        notes.append(f"Also used, in a role that the log does not tell, perhaps to judge: {', '.join(others)}.")
    if header.status != "success":
        why = f": {header.error.get('message')}" if header.error else ""
        notes.append(f"Inspect says that the run did not succeed (status {header.status}){why}."[:400])
    if header.invalidated:
        notes.append("The log was marked as invalid: it holds samples that do not count.")
    reducers = (header.eval.get("config") or {}).get("epochs_reducer") or []
    if any(name != "mean" for name in reducers):
        notes.append(f"Inspect reduced epochs by {', '.join(reducers)}; here each epoch counts for itself.")
    return tuple(notes)


def _times(header: InspectHeader) -> tuple[str | None, str | None]:
    begun = header.stats.get("started_at") or header.eval.get("created")
    ended = header.stats.get("completed_at") or begun
    return _time(begun), _time(ended)


def _time(text: Any) -> str | None:
    try:
        return format_time(parse_time(str(text))) if text else None
    except InputError:
        return None


def _score(name: str, header: InspectHeader) -> PeerScore:
    reported: dict[str, float] = {}
    for score in (header.results or {}).get("scores") or []:
        own, scorer = str(score.get("name")), str(score.get("scorer"))
        if name not in {column_name(own), column_name(f"{scorer}.{own}")}:
            continue
        reducer = score.get("reducer")
        for metric, figure in (score.get("metrics") or {}).items():
            key = metric if reducer in (None, "mean") else f"{reducer} {metric}"
            number = as_number(figure.get("value"))
            if number is not None:
                reported[key] = number
    return PeerScore(name, _judge(name.split(".")[0], header), reported)


def _judge(scorer: str, header: InspectHeader) -> str | None:
    """Name the model that judged: the scorer's own, else the role `grader`, else the model under test itself."""
    for spec in header.eval.get("scorers") or []:
        name = str(spec.get("name", "")).split("/")[-1]
        model = (spec.get("options") or {}).get("model")
        if column_name(name) != scorer:
            continue
        if model:
            return str(model.get("model") if isinstance(model, dict) else model)
        if name.startswith("model_graded"):
            role = (header.eval.get("model_roles") or {}).get("grader") or {}
            return str(role.get("model") or header.model or "") or None
    return None
