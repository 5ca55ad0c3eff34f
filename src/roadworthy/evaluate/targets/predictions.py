"""Predictions of a classifier, recorded beside the true labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import field_validator, model_validator

from roadworthy.core.errors import InputError, Place
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.spec import Given, RecordedTarget
from roadworthy.evaluate.template import as_text, lookup

_DEFAULT = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0, "False": 0.0, "True": 1.0}


class PredictionsTarget(RecordedTarget):
    """Which columns hold the true label and the prediction."""

    kind: Literal["predictions"]
    label: str
    """Column with the true outcome, 0 or 1 unless `labels` maps it."""
    labels: dict[str, Literal[0, 1]] | None = None
    """What each value of the label column means."""
    prediction: str | None = None
    """Column with the decision, 0 or 1 unless `positive` or `predictions` says otherwise."""
    positive: list[str] | None = None
    """Values of the prediction column that count as 1; every other value counts as 0."""
    predictions: dict[str, Literal[0, 1]] | None = None
    """What each value of the prediction column means; any other value is an error."""
    score: str | None = None
    """Column with a number; at `threshold` and above the prediction is 1."""
    threshold: float | None = None
    known_error: str | None = None
    """What is known of the error of the labels."""

    @field_validator("positive", mode="before")
    @classmethod
    def _as_texts(cls, value: Any) -> Any:
        return [as_text(v) for v in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _one_way(self) -> PredictionsTarget:
        if (self.prediction is None) == (self.score is None):
            raise ValueError("give either 'prediction' or 'score'")
        if (self.score is None) != (self.threshold is None):
            raise ValueError("'score' and 'threshold' go together")
        if self.positive is not None and self.predictions is not None:
            raise ValueError("give either 'positive' or 'predictions'")
        if self.score and (self.positive or self.predictions):
            raise ValueError("'positive' and 'predictions' go with 'prediction', not with 'score'")
        return self

    @property
    def columns(self) -> frozenset[str]:
        """Columns that are read."""
        return frozenset(name for name in (self.label, self.prediction, self.score) if name)

    def bind(self, given: Given) -> RecordedPredictions:
        """Get ready to read."""
        return RecordedPredictions(self, Place(given.dataset))


@dataclass(frozen=True)
class RecordedPredictions:
    """The target, ready to be read. Its scores are `label`, `prediction` and `correct`."""

    spec: PredictionsTarget
    file: Place

    @property
    def identity(self) -> dict[str, Any]:
        """Return the mapping."""
        return self.spec.model_dump(exclude_none=True)

    def read(self, case: Case) -> Reply:
        """Take label and prediction from the columns.

        Raises TargetError, with what is known, where either is empty; InputError where a value has no meaning.
        """
        label = self._label(case)
        predicted = self._predicted(case)
        if label is None or predicted is None:
            missing = "label" if label is None else "prediction"
            known: dict[str, float | None] = {"label": label} if label is not None else {}
            raise TargetError(f"the row has no {missing}", recorded=known)
        return Reply(
            text=as_text(int(predicted)),
            recorded={"label": label, "prediction": predicted, "correct": float(label == predicted)},
        )

    def _label(self, case: Case) -> float | None:
        spec = self.spec
        table = {name: float(v) for name, v in spec.labels.items()} if spec.labels else _DEFAULT
        return self._meaning(case, spec.label, table, "labels")

    def _predicted(self, case: Case) -> float | None:
        spec = self.spec
        if spec.score is not None:
            return self._above(case, spec.score, spec.threshold or 0.0)
        name = spec.prediction or ""
        if spec.positive is not None:
            text = as_text(lookup(case.fields, name)).strip()
            return float(text in spec.positive) if text else None
        table = {key: float(v) for key, v in spec.predictions.items()} if spec.predictions else _DEFAULT
        return self._meaning(case, name, table, "predictions")

    def _meaning(self, case: Case, column: str, table: dict[str, float], key: str) -> float | None:
        text = as_text(lookup(case.fields, column)).strip()
        if not text:
            return None
        if text not in table:
            raise InputError(
                f"{text!r} in the column {column!r} is neither 0 nor 1",
                place=Place(self.file.file, case.line),
                remedy=f"Say what it means under '{key}:'. {did_you_mean(text, table)}",
            )
        return table[text]

    def _above(self, case: Case, column: str, threshold: float) -> float | None:
        text = as_text(lookup(case.fields, column)).strip()
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(
                f"{text!r} in the column {column!r} is not a number",
                place=Place(self.file.file, case.line),
                remedy="Write a finite number, or leave it empty.",
            )
        return float(number >= threshold)
