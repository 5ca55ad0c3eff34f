"""A suite bound to a system: target, prompt, scorers and dataset, ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.core.files import read_text
from roadworthy.core.names import did_you_mean
from roadworthy.declare.system import System
from roadworthy.evaluate.callables import load_function, source_digest
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.scorers.scorer import Score
from roadworthy.evaluate.scorers.table import build_score
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.targets.http import HttpEndpoint, HttpTarget
from roadworthy.evaluate.targets.logs import LogsTarget, RecordedLogs
from roadworthy.evaluate.targets.openai import OpenAIChat, OpenAITarget
from roadworthy.evaluate.targets.predictions import PredictionsTarget, RecordedPredictions
from roadworthy.evaluate.targets.python import PythonFunction, PythonTarget
from roadworthy.evaluate.targets.target import Asked, Recorded
from roadworthy.evaluate.template import Template


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
            }
        )


def bind(suite: Suite, system: System, root: Path) -> Plan:
    """Bind a suite to a system whose files are below `root`.

    Raises InputError when a prompt, an environment variable or a function is not there.
    """
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
        prompt = _prompt(suite, system, root)
        _scores(suite)
        if isinstance(suite.target, PythonTarget):
            load_function(suite.target.function, suite.folder, suite.place("target", "function"))
        _dataset(suite, prompt).survey()
    except InputErrors as error:
        errors += error.errors
    except InputError as error:
        errors.append(error)
    return errors


def _target(suite: Suite, prompt: Prompt, dataset: Dataset) -> tuple[Asked | None, Recorded | None]:
    place = suite.place("target")
    match suite.target:
        case OpenAITarget() as spec:
            return OpenAIChat(spec, prompt, suite.sampling, place), None
        case HttpTarget() as spec:
            return HttpEndpoint(spec, place), None
        case PythonTarget() as spec:
            return PythonFunction(spec, prompt, suite.folder, place), None
        case LogsTarget() as spec:
            return None, RecordedLogs(spec)
        case PredictionsTarget() as spec:
            return None, RecordedPredictions(spec, Place(dataset.path))


def _dataset(suite: Suite, prompt: Prompt) -> Dataset:
    place = suite.place("dataset", "file")
    return Dataset(suite.dataset, suite.folder, _needed(suite, prompt), suite.seed, place)


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
    if isinstance(suite.target, PythonTarget) or any(spec.function for spec in suite.scorers):
        return None
    of_target = frozenset[str]()
    if isinstance(suite.target, HttpTarget | LogsTarget | PredictionsTarget):
        of_target = suite.target.columns
    scorers = (spec.columns for spec in suite.scorers)
    return prompt.columns.union(of_target, *scorers)
