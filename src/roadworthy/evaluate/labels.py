"""Labels by people as they are sealed beside a result table, and joined with it."""

# ruff: noqa: S608 - column names are quoted by quote; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from roadworthy.core.digests import canonical_json, sha256_json
from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evaluate.metrics.metric import Metric
from roadworthy.evaluate.rate_rows import rate_rows
from roadworthy.evaluate.result_table import check_table, connect_tables, quote
from roadworthy.evaluate.results import RESULTS

if TYPE_CHECKING:
    import numpy

SliceKey = frozenset[tuple[str, str | None]]
"""Slice columns with their values; empty for the whole."""


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people say, row by row; sealed as canonical JSON."""

    labels: tuple[float, ...]
    """From 0 to 1."""
    samples: tuple[str, ...] | None
    """Cases of the run that are labelled; null for another sample."""
    scores: tuple[float, ...] | None
    """What the scorer said of another sample."""
    units: tuple[str, ...] | None
    """Independent units of another sample; null where its rows are independent."""

    def __post_init__(self) -> None:
        if (self.samples is None) == (self.scores is None):
            raise ValueError("labels are of the run or of another sample")
        columns = [column for column in (self.samples, self.scores, self.units) if column is not None]
        if any(len(column) != len(self.labels) for column in columns):
            raise ValueError("the columns differ in length")
        if not all(0.0 <= value <= 1.0 for value in (*self.labels, *(self.scores or ()))):
            raise ValueError("a label or a score is not between 0 and 1")

    def sealed(self) -> bytes:
        """Return the bytes that are sealed."""
        return canonical_json(msgspec.to_builtins(self))


@dataclass(frozen=True, eq=False)
class LabelledRows:
    """The rows that count towards a rate, in one slice."""

    labels: numpy.ndarray[Any, Any]
    """NaN where nobody labelled."""
    values: numpy.ndarray[Any, Any]
    """As the rate counts them; the bad value where there is no score."""
    errored: numpy.ndarray[Any, Any]
    """Whether there is no score."""
    units: numpy.ndarray[Any, Any] | None
    """Index of the cluster; None where rows are independent."""


def joined_digest(files: Mapping[str, str]) -> str:
    """Return one digest for the label files of several scores; empty without any."""
    return sha256_json(dict(files)) if files else ""


def read_labels(path: Path) -> Labels:
    """Read sealed labels. Raises EvidenceError when they are not."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Labels)
    except (OSError, msgspec.MsgspecError) as error:
        remedy = "Evaluate the suite again; its labels are sealed anew."
        raise EvidenceError(f"the labels cannot be read: {error}", place=Place(path), remedy=remedy) from error


def labelled_rows(table: Path, labels: Labels, metric: Metric, columns: Sequence[str]) -> dict[SliceKey, LabelledRows]:
    """Join labels of the run with its table, for the whole (no columns) or for each value of the columns.

    Raises EvidenceError as `tally` does, and on a table that is not kept sample by sample.
    """
    import numpy

    rate = metric.rates[0]
    keys = [quote(f"slice.{name}") for name in columns]
    order = f"ORDER BY {', '.join(f'{key} NULLS FIRST' for key in keys)}" if keys else "ORDER BY 1"
    label = "1 - label" if rate.complement else "label"
    with connect_tables(results=table) as database:
        clustered = check_table(database, RESULTS, table, metric, columns)
        given = "SELECT unnest(?::VARCHAR[]) AS sample, unnest(?::DOUBLE[]) AS label"
        database.execute(f"CREATE TEMP TABLE people AS {given}", [list(labels.samples or ()), list(labels.labels)])
        rows = f"({rate_rows(database, RESULTS, rate, keys)})"
        slices = f"dense_rank() OVER ({order})" if keys else "1"
        sql = f"""SELECT {slices} - 1 AS slice, dense_rank() OVER (ORDER BY u) AS unit, v, e,
                  coalesce({label}, 'NaN'::DOUBLE) AS label FROM {rows} LEFT JOIN people USING (sample)
                  ORDER BY sample, epoch"""
        fetched = database.execute(sql, [metric.bad]).fetchnumpy()
        found = {name: numpy.asarray(column) for name, column in fetched.items()}
        distinct = f"SELECT DISTINCT {', '.join(keys)} FROM {rows} {order}"
        values = database.execute(distinct, [metric.bad]).fetchall() if keys else [()]
    return {
        frozenset(zip(columns, key, strict=True)): LabelledRows(
            labels=found["label"][mine],
            values=found["v"][mine],
            errored=found["e"][mine].astype(bool),
            units=found["unit"][mine] if clustered else None,
        )
        for at, key in enumerate(values)
        if (mine := found["slice"] == at).any()
    }
