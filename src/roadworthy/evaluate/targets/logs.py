"""Recorded runs of a system: the dataset holds the answers and their scores."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.scorers.scorer import ScoreId
from roadworthy.evaluate.targets.spec import Given, RecordedTarget
from roadworthy.evaluate.template import as_text, lookup

_INVERTED = re.compile(r"1\s*-\s+(\S.*)")
_WORDS = {"true": 1.0, "yes": 1.0, "false": 0.0, "no": 0.0}


class LogsTarget(RecordedTarget):
    """Which fields of a recorded run hold what."""

    kind: Literal["logs"]
    response: str | None = None
    """Field with the text of the answer; scorers read it."""
    scores: dict[ScoreId, str] = Field(default={})
    """Score id -> field with a number in [0, 1] or a boolean that was recorded with the run; `1 - field` inverts it."""
    error: str | None = None
    """Field that is set where the run failed: the sample is then errored, whatever its scores say."""
    model: str | None = None
    """Field with the name of the model."""
    models: dict[str, str] = {}
    """Name of a model in the log of another tool -> id of the declared model that it is."""
    known_error: str | None = None
    """What is known of the error of the recorded scores."""

    @property
    def columns(self) -> frozenset[str]:
        """Fields that are read."""
        named = [self.response, self.error, self.model, *(score_field(text)[0] for text in self.scores.values())]
        return frozenset(name for name in named if name)

    def bind(self, given: Given) -> RecordedLogs:  # noqa: ARG002
        """Get ready to read."""
        return RecordedLogs(self)


@dataclass(frozen=True)
class RecordedLogs:
    """The target, ready to be read."""

    spec: LogsTarget

    @property
    def identity(self) -> dict[str, Any]:
        """Return the mapping."""
        return self.spec.model_dump(exclude_none=True)

    def read(self, case: Case) -> Reply:
        """Take answer and scores from the fields. Raises TargetError where the run recorded an error."""
        spec = self.spec
        if spec.error and (said := lookup(case.fields, spec.error)) not in (None, "", False):
            raise TargetError(f"the recorded run failed: {as_text(said)}"[:400])
        return Reply(
            text=as_text(lookup(case.fields, spec.response)) if spec.response else "",
            model=as_text(lookup(case.fields, spec.model)) if spec.model else None,
            recorded={score: _recorded(case, text) for score, text in spec.scores.items()},
        )


def score_field(text: str) -> tuple[str, bool]:
    """Read what `scores` names: the field, and whether 1 minus its value is meant."""
    inverted = _INVERTED.fullmatch(text.strip())
    return (inverted[1], True) if inverted else (text, False)


def _recorded(case: Case, text: str) -> float | None:
    name, inverted = score_field(text)
    value = as_score(lookup(case.fields, name))
    return 1.0 - value if inverted and value is not None else value


def as_score(value: Any) -> float | None:
    """Read a recorded score: a boolean, a number in [0, 1], or such as text. None where it cannot be told."""
    if isinstance(value, str):
        text = value.strip().casefold()
        if text in _WORDS:
            return _WORDS[text]
        try:
            value = float(text)
        except ValueError:
            return None
    if isinstance(value, int | float):
        number = float(value)
        return number if math.isfinite(number) and 0.0 <= number <= 1.0 else None
    return None
