"""What the evidence says of a measurement that another tool made: which tool, model and judge, and what is lacking."""

from __future__ import annotations

from typing import Any

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.core.version import VERSION
from roadworthy.declare.system import ModelPart, System
from roadworthy.evaluate.adapters.peer import SCORES, Lack, PeerLog
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.targets.logs import LogsTarget, score_field

UNRECORDED = "unrecorded"
"""Stands in `models:` for the model of a log that names none."""
NOT_RECORDED = "not recorded"


def said_by_log(suite: Suite, dataset: Dataset, system: System) -> dict[str, Any]:
    """Return the keys of a `measured` predicate that the log of another tool decides; none when there is no such log.

    The harness is then that tool, and the time that of its run: evidence must not grow younger by being imported.
    """
    log, target = dataset.source, suite.target
    if log is None or not isinstance(target, LogsTarget):
        return {}
    harness = {"name": log.harness, "version": log.version or NOT_RECORDED, "python": NOT_RECORDED}
    times = {"started": log.started or log.finished, "finished": log.finished} if log.finished else {}
    return {"harness": harness, "source": _source(log, target, dataset, system), **times}


def _source(log: PeerLog, target: LogsTarget, dataset: Dataset, system: System) -> dict[str, Any]:
    judges = _judges(log, target)
    lacking = [*log.lacking]
    if judges and target.known_error is None:
        lacking.append(Lack.CALIBRATION)
    return {
        "format": str(dataset.format),
        "task": log.task,
        "read_by": f"roadworthy {VERSION}",
        "models": [
            {"name": name, "declared": which_model(name, target.models, system)} for name in _models(log, dataset)
        ],
        "judges": judges,
        "lacking": [str(lack) for lack in lacking],
    }


def which_model(name: str, stated: dict[str, str], system: System) -> str | None:
    """Return the id of the declared model that a log's name means: as stated, else by its own name.

    A name means a declared model when it is its name, with or without the provider before it, and with or without the
    version after it. Anything looser would let the log of one model speak for another.
    """
    if name in stated:
        return stated[name]
    return next((model.id for model in system.models if name in _names(model)), None)


def check_models(suite: Suite, system: System) -> None:
    """Refuse a statement about a model that the system does not declare."""
    if not isinstance(suite.target, LogsTarget):
        return
    known = [model.id for model in system.models]
    for name, model in suite.target.models.items():
        if model not in known:
            raise InputError(
                f"roadworthy.yaml declares no model {model!r}",
                place=suite.place("target", "models", name),
                remedy=did_you_mean(model, known),
            )


def _models(log: PeerLog, dataset: Dataset) -> list[str]:
    """List the models of the rows that are read: of a log of several, those that `where: {model: ...}` takes."""
    wanted = dataset.spec.where.get("model")
    chosen = log.models if wanted is None else wanted if isinstance(wanted, list) else [wanted]
    return [name for name in log.models if name in chosen] or [UNRECORDED]


def _names(model: ModelPart) -> set[str]:
    plain = {model.name}
    if model.version:
        plain |= {f"{model.name}-{model.version}", f"{model.name}@{model.version}", f"{model.name}:{model.version}"}
    return plain | {f"{model.provider}/{name}" for name in plain} | {f"{model.provider}:{name}" for name in plain}


def _judges(log: PeerLog, target: LogsTarget) -> list[str]:
    used = {score_field(text)[0].removeprefix(SCORES) for text in target.scores.values()}
    return sorted({score.judge for score in log.scores if score.judge and score.name in used})
