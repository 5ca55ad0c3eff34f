"""What every adapter gives: rows like those of a dataset, and what a log says, and does not say, about itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import Row

SCORES = "scores."
"""Start of the name of a column that holds a score."""
METADATA = "metadata."
"""Start of the name of a column that holds what the peer keeps beside a case."""
OWN_COLUMNS = (
    "id",
    "case",
    "epoch",
    "input",
    "output",
    "target",
    "error",
    "model",
    "seconds",
    "tokens_in",
    "tokens_out",
    "cost",
)
_FOREIGN = re.compile(r"[^\w.\- ]")


class Lack(StrEnum):
    """What a log does not hold. docs/peers.md says what each limits; decide/imported.py enforces it."""

    SAMPLES = "samples"
    """Only aggregates: no number can be made from it."""
    MODEL = "model"
    """Which model answered is not recorded."""
    JUDGE = "judge"
    """A model judged the answers, and which one is not recorded."""
    CLUSTERS = "clusters"
    """No column names a unit: every case counts as independent."""
    PLAN = "plan"
    """How many samples were planned is not recorded, so that missing ones do not show."""
    ERRORS = "errors"
    """Samples that failed are left out of the log, or cannot be told from others."""
    TIME = "time"
    """When it was run is not recorded."""
    VERSION = "version"
    """Which version of the tool wrote it is not recorded."""
    CALIBRATION = "calibration"
    """A model judged the answers, and the suite does not state how often it errs; added when the suite is run."""


@dataclass(frozen=True)
class PeerScore:
    """One score of a peer; its column is `scores.<name>`."""

    name: str
    """As in the column: `column_name` of what the peer calls it."""
    judge: str | None = None
    """The model that judged, where one did and the log says which."""
    reported: Mapping[str, float] = field(default_factory=dict)
    """The peer's own figures, such as accuracy and stderr."""


@dataclass(frozen=True)
class PeerLog:
    """What a log says about itself, without its rows."""

    harness: str
    """Name of the tool, as its package is called."""
    version: str | None
    """Of the tool."""
    task: str
    models: tuple[str, ...]
    """Models that answered, as the log calls them."""
    scores: tuple[PeerScore, ...]
    columns: frozenset[str]
    """Every column that some row has."""
    rows: int
    planned: int
    """Samples times epochs that there should be; equal to `rows` where the log does not say."""
    started: str | None = None
    """RFC 3339 in UTC to the second, like `finished`."""
    finished: str | None = None
    cluster: str | None = None
    """The column that is proposed as the independent unit: `case` where cases are repeated."""
    epochs: int = 1
    lacking: tuple[Lack, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know besides, such as a run that was cut off, in sentences."""


@dataclass(frozen=True)
class Glimpse:
    """The start of a file, from which an adapter tells whether it is one of its own."""

    path: Path
    start: bytes
    """The first 64 KiB; empty for a directory."""


@dataclass(frozen=True)
class Adapter:
    """How one format is told and read."""

    format: str
    """Its name in a suite: `dataset: {format: ...}`."""
    title: str
    """The tool and its file, for people."""
    detect: Callable[[Glimpse], bool]
    """Tell from name and first bytes whether the file is of this format; never raises."""
    log: Callable[[Path], PeerLog]
    """Read everything once. Raises InputError with file and cause on what is not such a log."""
    rows: Callable[[Path], Iterator[Row]]
    """Yield (line or number, fields by `peer_row`). A column that a row lacks is empty there."""
    files: Callable[[Path], tuple[Path, ...]] = lambda path: (path,)
    """Every file that is read: all of them go into the digest of the dataset."""


def peer_row(
    *,
    id: str,
    case: str | None = None,
    epoch: int = 0,
    input: Any = None,
    output: Any = None,
    target: Any = None,
    error: str | None = None,
    model: str | None = None,
    scores: Mapping[str, float | None],
    metadata: Mapping[str, Any] | None = None,
    seconds: float | None = None,
    tokens_in: int | None = None,
    tokens_out: int | None = None,
    cost: float | None = None,
) -> dict[str, Any]:
    """Make the flat fields of one sample.

    `id` is unique in the log; `case` is what repetitions share (default: `id`). A score is a number, normally in
    [0, 1]; None where the peer could not tell, which counts against the criterion. `error` is set where the sample
    failed. Raises ValueError when two scores, or two metadata keys, come to the same name of a column.
    """
    row = {
        "id": id,
        "case": case if case is not None else id,
        "epoch": epoch,
        "input": input,
        "output": output,
        "target": target,
        "error": error,
        "model": model,
        "seconds": seconds,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "cost": cost,
    }
    for prefix, values in ((SCORES, scores), (METADATA, metadata or {})):
        for name, value in values.items():
            column = prefix + column_name(name)
            if column in row:
                raise ValueError(f"two names come to the column {column!r}")
            row[column] = value
    return row


def column_name(name: str) -> str:
    """Write a peer's name so that a suite can use it: letters, digits, '.', '-', '_' and spaces stay."""
    return _FOREIGN.sub("_", name)


@dataclass(frozen=True)
class Census:
    """What one pass over the rows finds."""

    rows: int
    columns: frozenset[str]
    models: tuple[str, ...]
    scores: tuple[str, ...]
    repeated: bool
    """Some case has several rows."""
    nameless: int
    """Rows with an answer of a model that is not named."""


def take_census(rows: Iterable[Row]) -> Census:
    """Count rows and collect their columns, models and scores, in the order of their first appearance."""
    count, repeated, nameless = 0, False, 0
    columns: dict[str, None] = {}
    models: dict[str, None] = {}
    cases: set[str] = set()
    for count, (_, fields) in enumerate(rows, start=1):  # noqa: B007 - the last one is needed
        columns.update(dict.fromkeys(fields))
        if fields["model"]:
            models[fields["model"]] = None
        elif not fields["error"]:
            nameless += 1
        repeated = repeated or fields["case"] in cases
        cases.add(fields["case"])
    scores = tuple(name.removeprefix(SCORES) for name in columns if name.startswith(SCORES))
    return Census(count, frozenset(columns), tuple(models), scores, repeated, nameless)


def not_a_log(path: Path, what: str, why: str, line: int | None = None) -> InputError:
    """Make the error for a file that is not, or not wholly, a log of the tool `what`."""
    return InputError(
        f"this is not a readable log of {what}: {why}",
        place=Place(path, line),
        remedy="Fetch or export the file again with the tool that wrote it.",
    )
