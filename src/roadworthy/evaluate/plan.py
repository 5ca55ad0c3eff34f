"""A suite bound to a system: target, prompt, scorers and dataset, ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, InputErrors
from roadworthy.core.files import read_text
from roadworthy.core.names import did_you_mean
from roadworthy.declare.system import System
from roadworthy.evaluate.calibration import check_calibrations
from roadworthy.evaluate.callables import source_digest
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.imported import check_models
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.scorers.scorer import Score
from roadworthy.evaluate.scorers.table import build_score
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.targets.predictions import PredictionsTarget
from roadworthy.evaluate.targets.spec import Given, RecordedTarget
from roadworthy.evaluate.targets.target import Asked, Recorded
from roadworthy.evaluate.template import Template
from roadworthy.evaluate.warehouse_dataset import WarehouseDataset


@dataclass(frozen=True)
class Plan:
    """Everything that a run needs."""

    suite: Suite
    dataset: Dataset
    asked: Asked | None
    recorded: Recorded | None
    """Exactly one of the two targets is there."""
    scores: dict[str, Score]

    @property
    def identity(self) -> dict[str, Any]:
        """Return who is asked, without secrets."""
        target = self.asked or self.recorded
        return target.identity if target else {}

    def digest(self, dataset: str, fingerprint: str, harness: str) -> str:
        """Return the key of a run: what is asked, of whom, about what, and how it is judged."""
        functions = {
            spec.id: source_digest(spec.function, self.suite.folder) for spec in self.suite.scorers if spec.function
        }
        return sha256_json(
            {
                "suite": self.suite.work_digest,
                "dataset": dataset,
                "fingerprint": fingerprint,
                "harness": harness,
                "target": self.identity,
                "functions": functions,
                **({"comparator": self.suite.comparator} if self.suite.comparator else {}),
            }
        )


def bind(suite: Suite, system: System, root: Path) -> Plan:
    """Bind a suite to a system whose files are below `root`.

    Raises InputError when a prompt, an environment variable or a function is not there.
    """
    check_models(suite, system)
    prompt = _prompt(suite, system, root)
    dataset = _dataset(suite, prompt)
    scores = _scores(suite)
    asked, recorded = _target(suite, prompt, dataset)
    return Plan(suite, dataset, asked, recorded, scores)


def check_suite(suite: Suite, system: System, root: Path) -> list[InputError]:
    """List what is wrong with a suite beyond its own file: prompt, functions, and every row of its dataset.

    Asks nothing and needs no keys. Of the dataset the first problem is named.
    """
    errors: list[InputError] = []
    try:
        check_models(suite, system)
        prompt = _prompt(suite, system, root)
        _scores(suite)
        errors += suite.target.problems(suite.folder, suite.place("target"))
        _dataset(suite, prompt).survey()
    except InputErrors as error:
        errors += error.errors
    except InputError as error:
        errors.append(error)
    return errors + check_calibrations(suite)


def _target(suite: Suite, prompt: Prompt, dataset: Dataset) -> tuple[Asked | None, Recorded | None]:
    given = Given(prompt, suite.sampling, suite.folder, dataset.path, suite.place("target"))
    target = suite.target
    return (None, target.bind(given)) if isinstance(target, RecordedTarget) else (target.bind(given), None)


def _dataset(suite: Suite, prompt: Prompt) -> Dataset:
    if suite.dataset.warehouse is not None:
        return _warehouse_dataset(suite)
    place = suite.place("dataset", "file")
    return Dataset(suite.dataset, suite.folder, _needed(suite, prompt), suite.seed, place)


def dataset_digest(suite: Suite) -> str:
    """Return the digest of a suite's dataset as it is now. Raises InputError when it cannot be read."""
    if suite.dataset.warehouse is not None:
        return _warehouse_dataset(suite).digest()
    return Dataset(suite.dataset, suite.folder, None, suite.seed).digest()


def _warehouse_dataset(suite: Suite) -> WarehouseDataset:
    target, cut = suite.target, None
    if isinstance(target, PredictionsTarget) and target.score is not None and target.score != target.label:
        cut = (target.score, target.threshold or 0.0)
    place = suite.place("dataset", "warehouse")
    return WarehouseDataset(suite.dataset, suite.folder, target.columns, suite.seed, place, cut=cut)


def _scores(suite: Suite) -> dict[str, Score]:
    scores = {}
    for at, spec in enumerate(suite.scorers):
        try:
            scores[spec.id] = build_score(spec, suite.folder)
        except InputError as error:
            place = suite.place("scorers", at)
            raise InputError(error.problem, place=place, remedy=error.remedy) from error
    return scores


def _prompt(suite: Suite, system: System, root: Path) -> Prompt:
    messages = tuple((m.role, Template(m.content)) for m in suite.messages)
    if suite.prompt is not None:
        messages = (("user", Template(suite.prompt)),)
    return Prompt(_system_prompt(suite, system, root), messages)


def _system_prompt(suite: Suite, system: System, root: Path) -> str | None:
    if suite.system_prompt is None:
        return None
    for part in system.prompts:
        if part.id == suite.system_prompt:
            return part.text if part.file is None else read_text(root / part.file)
    raise InputError(
        f"roadworthy.yaml declares no prompt {suite.system_prompt!r}",
        place=suite.place("system_prompt"),
        remedy=did_you_mean(suite.system_prompt, [part.id for part in system.prompts]),
    )


def _needed(suite: Suite, prompt: Prompt) -> frozenset[str] | None:
    """Collect the columns that are read; None, for all, where functions of the team see the whole row."""
    of_target = suite.target.columns
    if of_target is None or any(spec.function for spec in suite.scorers):
        return None
    scorers = (spec.columns for spec in suite.scorers)
    return prompt.columns.union(of_target, *scorers)
