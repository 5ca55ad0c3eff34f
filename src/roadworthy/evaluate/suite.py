"""A suite: what is asked of which target, how answers are scored, and which metrics that yields."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, StringConstraints, model_validator

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.core.model import FileModel, build_model
from roadworthy.core.names import did_you_mean
from roadworthy.core.yaml_file import KeyPath, YamlFile, load_yaml
from roadworthy.evaluate.adapters.table import ADAPTERS
from roadworthy.evaluate.dataset import DatasetSpec
from roadworthy.evaluate.limits import Limits, Prices
from roadworthy.evaluate.metrics.metric import Dimension, Metric
from roadworthy.evaluate.metrics.table import find_metric, metric_named, nearest_metric
from roadworthy.evaluate.prompt import MessageSpec
from roadworthy.evaluate.sampling import Sampling
from roadworthy.evaluate.scorers.scorer import ScorerSpec
from roadworthy.evaluate.scorers.table import check_spec
from roadworthy.evaluate.scorers.tools import TOOL_SCORERS
from roadworthy.evaluate.targets.logs import LogsTarget
from roadworthy.evaluate.targets.predictions import PredictionsTarget
from roadworthy.evaluate.targets.spec import RecordedTarget, TargetModel
from roadworthy.evaluate.targets.table import TargetSpec

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
_NOT_ASKED = frozenset({"title", "dimension", "metrics", "groups", "limits", "prices", "independence", "comparators"})
"""Keys that change neither what is asked nor how an answer is scored."""


class Suite(FileModel):
    """One file of evals/*.yaml."""

    suite: Slug
    """Id of the suite."""
    title: str | None = None
    dimension: Dimension | None = None
    dataset: DatasetSpec
    target: TargetSpec
    comparators: dict[Slug, TargetSpec] = {}
    """Further targets that are asked the same cases, in turn with this one; each is a run of its own."""
    prompt: str | None = None
    """One user message, with `{column}` places."""
    messages: list[MessageSpec] = []
    """A whole conversation, instead of `prompt`."""
    system_prompt: Slug | None = None
    """Id of a prompt in roadworthy.yaml, sent first."""
    sampling: Sampling = Sampling()
    scorers: list[ScorerSpec] = []
    metrics: list[str] = Field(min_length=1)
    groups: list[str] = []
    """Slices that fairness metrics compare."""
    epochs: int = Field(default=1, ge=1, le=1000)
    """How often each case is asked; repetitions of a case are one independent unit."""
    limits: Limits = Limits()
    prices: Prices | None = None
    independence: str = "self"
    """Who measures: self, internal (another team), or the name of a third party."""
    seed: int = 0

    _source: YamlFile | None = PrivateAttr(default=None)
    _comparator: str | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _one_prompt(self) -> Suite:
        if self.prompt is not None and self.messages:
            raise ValueError("give either 'prompt' or 'messages'")
        if self.target.prompted and self.prompt is None and not self.messages:
            raise ValueError(f"a target of kind {self.target.kind!r} needs a 'prompt' or 'messages'")
        if self.dataset.format in ADAPTERS and not isinstance(self.target, LogsTarget):
            raise ValueError(f"the log of another tool (format: {self.dataset.format}) needs 'target: {{kind: logs}}'")
        if self.epochs > 1 and isinstance(self.target, RecordedTarget):
            raise ValueError("recorded answers are there once; 'epochs' does not go with them")
        return self

    @model_validator(mode="after")
    def _counted_only(self) -> Suite:
        if self.dataset.warehouse is None:
            return self
        if not isinstance(self.target, LogsTarget | PredictionsTarget):
            raise ValueError(f"a warehouse is counted, not asked: a target of kind {self.target.kind!r} needs a file")
        if self.comparators:
            raise ValueError("'comparators' are paired by sample, and samples stay in the warehouse")
        if self.scorers:
            raise ValueError("'scorers' read single answers, which stay in the warehouse; name scores of the table")
        if isinstance(self.target, LogsTarget) and (self.target.response or self.target.model):
            raise ValueError("'response' and 'model' are read from single answers, which stay in the warehouse")
        return self

    @model_validator(mode="after")
    def _asked_side_by_side(self) -> Suite:
        targets = [self.target, *self.comparators.values()] if self.comparators else []
        if any(isinstance(target, RecordedTarget) for target in targets):
            raise ValueError("'comparators' are asked in turn with the target; recorded answers are not asked")
        if any(target.prompted for target in targets) and self.prompt is None and not self.messages:
            raise ValueError("the comparators need a 'prompt' or 'messages'")
        return self

    @property
    def comparator(self) -> str | None:
        """Return which of the comparators this suite asks; None when it asks the system itself."""
        return self._comparator

    def beside(self, comparator: str) -> Suite:
        """Return the same suite about one of its comparators."""
        suite = self.model_copy(update={"target": self.comparators[comparator], "comparators": {}})
        suite._comparator = comparator
        return suite

    @property
    def path(self) -> Path:
        """Return the file that it was read from."""
        return Path(self._source.path) if self._source else Path(f"{self.suite}.yaml")

    @property
    def folder(self) -> Path:
        """Return the folder where its relative paths start."""
        return self.path.parent

    def place(self, *key_path: str | int) -> Place:
        """Return the line of a key."""
        if self._comparator is not None and key_path[:1] == ("target",):
            key_path = ("comparators", self._comparator, *key_path[1:])
        return self._source.place(key_path) if self._source else Place(self.path)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the canonical JSON of its content, defaults left out."""
        return sha256_json(self.model_dump(mode="json", exclude_defaults=True))

    @property
    def work_digest(self) -> str:
        """Return the digest of what decides answers and scores: titles, metrics, limits, prices and labels do not."""
        left_out = _NOT_ASKED - ({"metrics"} if self.target.gives_scores else set())
        exclude: dict[str, Any] = {**dict.fromkeys(left_out, True), "scorers": {"__all__": {"calibration": True}}}
        return sha256_json(self.model_dump(mode="json", exclude_defaults=True, exclude=exclude))

    @property
    def score_ids(self) -> list[str]:
        """Ids of the scores that it produces."""
        own = [*recorded_scores(self.target), *(scorer.id for scorer in self.scorers)]
        if self.target.gives_scores:
            own += sorted(frozenset[str]().union(*(metric.scores for metric in self.measures)) - set(own))
        return own

    @property
    def measures(self) -> list[Metric]:
        """Return the metrics, from the table."""
        return [metric_named(name) for name in self.metrics]


def recorded_scores(target: Any) -> list[str]:
    """List the scores that come with the answers of a target."""
    if isinstance(target, PredictionsTarget):
        return ["label", "prediction", "correct"]
    return list(target.scores) if isinstance(target, LogsTarget) else []


def load_suites(directory: Path) -> list[Suite]:
    """Read every *.yaml file of `directory`, in the order of their names.

    Raises InputErrors with every problem of every file: unknown keys, scorers, metrics or slices with the nearest
    known name, a metric whose score no scorer produces, and ids that occur twice.
    """
    suites: list[Suite] = []
    errors: list[InputError] = []
    for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
        try:
            suites.append(read_suite(path))
        except InputErrors as error:
            errors += error.errors
        except InputError as error:
            errors.append(error)
    by_id: dict[str, Suite] = {}
    for suite in suites:
        if (first := by_id.setdefault(suite.suite, suite)) is not suite:
            errors.append(
                InputError(
                    f"the suite {suite.suite!r} is also in {first.path.name}",
                    place=suite.place("suite"),
                    remedy="Give each suite an id of its own.",
                )
            )
    if errors:
        raise InputErrors(errors)
    return suites


def read_suite(path: Path) -> Suite:
    """Read one suite. Raises InputErrors; see load_suites."""
    return suite_from(load_yaml(path))


def suite_from(source: YamlFile) -> Suite:
    """Build a suite from a parsed file."""
    suite = build_model(Suite, source)
    suite._source = source
    errors = [*_target_errors(suite), *_slice_errors(suite)]
    told = {error.problem for error in errors}
    for name in suite.comparators:
        errors += [error for error in _target_errors(suite.beside(name)) if error.problem not in told]
    if errors:
        raise InputErrors(errors)
    return suite


def _target_errors(suite: Suite) -> list[InputError]:
    return [*target_errors(suite, suite.target), *_scorer_errors(suite), *_metric_errors(suite)]


def target_errors(suite: Suite, target: TargetModel) -> list[InputError]:
    """List what a suite asks of a target that its vendor has no way to do; nothing is dropped in silence."""
    kind = getattr(target, "kind", "")
    given = set(suite.sampling.given())
    known = ", ".join(sorted(target.takes)) or "none"
    errors = [
        InputError(
            f"a target of kind {kind!r} cannot send {name!r}",
            place=suite.place("sampling", name),
            remedy=f"Leave it out; of 'sampling' this target sends: {known}.",
        )
        for name in sorted(given - target.takes)
    ]
    errors += [
        InputError(
            f"a target of kind {kind!r} needs {name!r}",
            place=suite.place("sampling"),
            remedy=f"Add '{name}:' under 'sampling:'.",
        )
        for name in sorted(target.needs - given)
    ]
    return errors + (_late_system_errors(suite, kind) if target.system_first else [])


def _late_system_errors(suite: Suite, kind: str) -> list[InputError]:
    apart = [message.role in ("system", "developer") for message in suite.messages]
    first = apart.index(False) if False in apart else len(apart)
    return [
        InputError(
            f"a target of kind {kind!r} takes system messages at the beginning only",
            place=suite.place("messages", at, "role"),
            remedy="Move it to the beginning, or make it a message of the user.",
        )
        for at, is_apart in enumerate(apart)
        if is_apart and at > first
    ]


def _scorer_errors(suite: Suite) -> list[InputError]:
    errors: list[InputError] = []
    seen = set(recorded_scores(suite.target))
    for at, spec in enumerate(suite.scorers):
        key: KeyPath = ("scorers", at)
        try:
            wrong = check_spec(spec)
            remedy = "Correct the scorer; docs/suites.md lists what each takes."
            errors += [InputError(w, place=suite.place(*key), remedy=remedy) for w in wrong]
        except InputError as error:
            errors.append(InputError(error.problem, place=suite.place(*key, "use"), remedy=error.remedy))
        if spec.use in TOOL_SCORERS and not suite.target.reports_tools:
            errors.append(
                InputError(
                    f"the scorer {spec.use!r} reads tool calls, which a target like this does not report",
                    place=suite.place(*key, "use"),
                    remedy="Use a target of kind agent, a python or command target, or a model with tools in 'extra'.",
                )
            )
        if spec.id in seen:
            errors.append(
                InputError(
                    f"the score {spec.id!r} is produced twice",
                    place=suite.place(*key, "id"),
                    remedy="Give each scorer an id of its own.",
                )
            )
        seen.add(spec.id)
    return errors


def _metric_errors(suite: Suite) -> list[InputError]:
    errors: list[InputError] = []
    produced = suite.score_ids
    for at, name in enumerate(suite.metrics):
        place = suite.place("metrics", at)
        metric = find_metric(name)
        if metric is None:
            errors.append(InputError(f"there is no metric {name!r}", place=place, remedy=nearest_metric(name)))
        elif any(rate.passes for rate in metric.rates) and suite.dataset.warehouse is not None:
            errors.append(
                InputError(
                    f"the metric {name!r} reads the epochs of each sample, which stay in the warehouse",
                    place=place,
                    remedy="Evaluate a dataset from a file.",
                )
            )
        elif metric.epochs > suite.epochs:
            errors.append(
                InputError(
                    f"the metric {name!r} needs {metric.epochs:,} epochs, and the suite has {suite.epochs:,}",
                    place=place,
                    remedy=f"Write 'epochs: {metric.epochs}' or more.",
                )
            )
        elif suite.target.gives_scores:
            continue
        elif missing := sorted(metric.scores - set(produced)):
            errors.append(
                InputError(
                    f"the metric {name!r} reads the score {missing[0]!r}, which this suite does not produce",
                    place=place,
                    remedy=f"Add a scorer with id {missing[0]}; produced are: {', '.join(produced) or 'none'}.",
                )
            )
    return errors


def _slice_errors(suite: Suite) -> list[InputError]:
    known = suite.dataset.slice_names
    return [
        InputError(
            f"the group {name!r} is not a slice",
            place=suite.place("groups", at),
            remedy=did_you_mean(name, known) + " Groups are named among 'dataset: slices:'.",
        )
        for at, name in enumerate(suite.groups)
        if name not in known
    ]
