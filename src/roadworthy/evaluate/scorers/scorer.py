"""What a scorer is: a row of a table, and a function made from what a suite says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from roadworthy.core.model import FileModel
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.scorers.calibration import CalibrationSpec
from roadworthy.evaluate.template import Template

ScoreId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Score = Callable[[Case, Reply], float | None]
"""A case and its reply to a number in [0, 1], or None when the scorer could not judge."""


class ScorerSpec(FileModel):
    """A scorer as a suite uses it. Texts may hold `{column}`."""

    id: ScoreId
    """Name of the score column; metrics read it by this name."""
    use: str
    """Name in the table of scorers."""
    expected: str | None = None
    values: list[str] | str | None = None
    """Texts, or one "{column}" that holds a list of texts."""
    pattern: str | None = None
    """Regular expression."""
    secret: str | None = None
    marker: str | None = None
    value: str | None = None
    keys: list[str] | None = None
    function: str | None = None
    """module:function, or file.py:function beside the suite."""
    tolerance: float | None = Field(default=None, ge=0)
    at_least: int | None = Field(default=None, ge=1)
    ignore_case: bool | None = None
    known_error: str | None = None
    """What is known of this scorer's error on data like this; recorded with the evidence."""
    calibration: CalibrationSpec | None = None
    """Labels by people, by which its error is propagated into every bound."""

    @property
    def columns(self) -> frozenset[str]:
        """Columns of the dataset that the texts read."""
        listed = self.values if isinstance(self.values, list) else [self.values]
        texts = [self.expected, self.secret, self.marker, self.value, *listed]
        return frozenset[str]().union(*(Template(text).columns for text in texts if text))

    def given(self) -> frozenset[str]:
        """Return the names of the parameters that the suite gives."""
        return frozenset(self.model_dump(exclude_none=True)) - {"id", "use", "known_error", "calibration"}


@dataclass(frozen=True)
class Scorer:
    """One row of the table of scorers."""

    name: str
    measures: str
    version: str
    build: Callable[[ScorerSpec, Path], Score]
    """Make the function; the path is the folder of the suite."""
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    """Optional parameters."""
    known_error: str = "Exact by definition; it says nothing of answers that are right in other words."
