"""Read what people say of a scorer's answers, and keep of it what the judge needs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_bytes, sha256_file
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.labels import Labels, joined_digest
from roadworthy.evaluate.readers.csv_file import read_csv
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.result_table import connect_tables
from roadworthy.evaluate.scorers.calibration import CalibrationSpec
from roadworthy.evaluate.scorers.scorer import Score
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.targets.logs import LogsTarget
from roadworthy.evaluate.targets.predictions import PredictionsTarget

Labelled = list[tuple[int, dict[str, Any], float]]
"""Line of the file, its columns, the label."""


@dataclass(frozen=True)
class Calibration:
    """The labels behind one score."""

    score: str
    file: str
    digest: str
    """SHA-256 of the file."""
    labels: Labels
    left_out: int
    """Labels of cases or answers that this run does not have."""

    def stated(self) -> dict[str, Any]:
        """Return what the evidence says of it."""
        return {
            "score": self.score,
            "file": self.file,
            "digest": self.digest,
            "labels": sha256_bytes(self.labels.sealed()),
            "n": len(self.labels.labels),
            "left_out": self.left_out,
        }


def read_calibrations(suite: Suite, scores: Mapping[str, Score], table: Path) -> list[Calibration]:
    """Read the labels of every scorer that has some; `scores` are the scorers, `table` is the sealed result table.

    Raises InputError with file and line on a label that is not between 0 and 1, and on a case that occurs twice.
    """
    return [_read(suite, at, given, scores[name], table) for at, name, given in _calibrated(suite)]


def labels_digest(suite: Suite) -> str:
    """Return what stands for the labels of a suite as they are now; empty when it has none.

    Raises InputError when a file cannot be read.
    """
    return joined_digest({name: _digest(_path(suite, at, given)) for at, name, given in _calibrated(suite)})


def check_calibrations(suite: Suite) -> list[InputError]:
    """List what is wrong with the labels of a suite, as far as it shows without a run."""
    errors = []
    for at, _, given in _calibrated(suite):
        try:
            _usable(suite, at, given)
            _labelled(_path(suite, at, given), given)
        except InputError as error:
            errors.append(error)
    return errors


def refuse_early_end(suite: Suite) -> None:
    """Raise InputError for a suite with labels: a corrected rate has no bounds that hold at every look."""
    for at, name, _ in _calibrated(suite):
        raise InputError(
            f"the score {name!r} is corrected by labels, and a corrected rate cannot be settled early",
            place=suite.place("scorers", at, "calibration"),
            remedy="Evaluate the suite without '--until-decided'.",
        )


def _calibrated(suite: Suite) -> Iterator[tuple[int, str, CalibrationSpec]]:
    """Yield place, score and labels of each scorer that has labels."""
    for at, spec in enumerate(suite.scorers):
        if spec.calibration is not None:
            yield at, spec.id, spec.calibration


def _read(suite: Suite, at: int, given: CalibrationSpec, score: Score, table: Path) -> Calibration:
    path = _path(suite, at, given)
    _usable(suite, at, given)
    rows = _labelled(path, given)
    left_out = 0
    if given.id is not None:
        labels, left_out = _of_this_run(rows, given, given.id, table, path)
    else:
        labels = _of_another_sample(rows, given, score, path)
    return Calibration(suite.scorers[at].id, path.name, _digest(path), labels, left_out)


def _usable(suite: Suite, at: int, given: CalibrationSpec) -> None:
    place = suite.place("scorers", at, "calibration")
    if given.id is None:
        return
    if suite.epochs > 1 or suite.dataset.perturb is not None:
        raise InputError(
            "a label is of one answer, and this suite has several of each case",
            place=place,
            remedy="Label another sample of answers ('response' or 'score' without 'id').",
        )
    if given.response is None and not isinstance(suite.target, LogsTarget | PredictionsTarget):
        raise InputError(
            "the answers are asked anew, so that a label must say which answer it is of",
            place=place,
            remedy="Add 'response:' with the column that holds the answer which the person saw.",
        )


def _labelled(path: Path, given: CalibrationSpec) -> Labelled:
    found = []
    for line, fields in read_csv(path, given.columns):
        text = str(fields[given.label]).strip()
        if text:
            found.append((line, fields, _number(text, given.label, Place(path, line))))
    if not found:
        raise InputError("no row has a label", place=Place(path), remedy=f"Fill the column {given.label!r}.")
    return found


def _of_this_run(rows: Labelled, given: CalibrationSpec, column: str, table: Path, path: Path) -> tuple[Labels, int]:
    seen: dict[str, float] = {}
    answers = _answers(table, [str(fields[column]) for _, fields, _ in rows])
    for line, fields, label in rows:
        sample = str(fields[column])
        if sample in seen:
            remedy = "Give one label for each case; settle between raters first."
            raise InputError(f"the case {sample!r} is labelled twice", place=Place(path, line), remedy=remedy)
        other = given.response is not None and answers.get(sample) != sha256_bytes(str(fields[given.response]).encode())
        if sample in answers and not other:
            seen[sample] = label
    chosen = sorted(seen)
    kept = Labels(labels=tuple(seen[name] for name in chosen), samples=tuple(chosen), scores=None, units=None)
    return kept, len(rows) - len(chosen)


def _answers(table: Path, samples: list[str]) -> dict[str, str | None]:
    """Return the digest of the answer to each of some cases that the run has."""
    with connect_tables(results=table) as database:
        sql = "SELECT sample, response_digest FROM results WHERE sample IN (SELECT unnest(?::VARCHAR[]))"
        return dict(database.execute(sql, [samples]).fetchall())


def _of_another_sample(rows: Labelled, given: CalibrationSpec, score: Score, path: Path) -> Labels:
    scores = [_score(fields, given, score, Place(path, line)) for line, fields, _ in rows]
    for (line, _, label), value in zip(rows, scores, strict=True):
        if not {label, value} <= {0.0, 1.0}:
            raise InputError(
                f"label {label:g} and score {value:g} are not both 0 or 1",
                place=Place(path, line),
                remedy="Sensitivity and specificity need yes or no. For other scores label answers of the run ('id').",
            )
    units = None
    if given.cluster is not None:
        units = tuple(str(fields[given.cluster]) for _, fields, _ in rows)
    return Labels(labels=tuple(label for _, _, label in rows), samples=None, scores=tuple(scores), units=units)


def _score(fields: dict[str, Any], given: CalibrationSpec, score: Score, place: Place) -> float:
    if given.score is not None:
        return _number(str(fields[given.score]).strip(), given.score, place)
    case = Case(id=str(place.line), unit=None, slices={}, fields=fields, line=place.line or 0)
    value = score(case, Reply(text=str(fields[given.response or ""])))
    if value is None:
        raise InputError("the scorer could not judge this answer", place=place, remedy="Leave its label empty.")
    return float(value)


def _number(text: str, column: str, place: Place) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{column} is {text!r}, which is no number from 0 to 1", place=place, remedy="Mend the file.")
    return value


def _path(suite: Suite, at: int, given: CalibrationSpec) -> Path:
    return suite.folder / expand(given.file, suite.place("scorers", at, "calibration", "file"))


def _digest(path: Path) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise InputError(
            f"the labels cannot be read: {error.strerror or error}", place=Place(path), remedy="Name the right file."
        ) from error
