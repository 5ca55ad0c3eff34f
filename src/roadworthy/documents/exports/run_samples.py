"""A run as other tools want it: sample by sample, with what was asked and answered where that is at hand."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.core.version import VERSION
from roadworthy.evaluate.result_table import WEIGHT, columns_of, connect_tables, quote
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evidence.predicate import Measured
from roadworthy.stats.mean import Estimate, estimate_mean
from roadworthy.stats.units import from_table

CONFIDENCE = 0.95
TOOL = {"name": "roadworthy", "version": VERSION}
UNKNOWN_MODEL = "unknown"
_BATCH = 4096
_FIELDS = frozenset(Row.__struct_fields__) - {"slices", "scores", "request", "response"}


@dataclass(frozen=True)
class Sample:
    """One row of a run."""

    row: Row
    request: str
    """What was asked, as JSON; empty where transcripts are left out."""
    answer: str


@dataclass(frozen=True)
class ExportedRun:
    """A run to export: what the evidence says of it, its sealed table, and its transcripts where they are wanted."""

    measured: Measured
    table: Path
    transcripts: Path | None = None
    """The run directory; None leaves questions and answers out."""

    @property
    def model(self) -> str:
        """Return the model that answered, as the evidence names it."""
        target, source = self.measured.target, self.measured.source
        if source is not None:
            return ", ".join(model.name for model in source.models)
        reported = target.get("reported_models") or [target.get("model")]
        return str(reported[0] or UNKNOWN_MODEL)

    @property
    def scores(self) -> list[str]:
        """List the ids of its scores."""
        return [name.removeprefix("score.") for name in self._columns() if name.startswith("score.")]

    def samples(self) -> Iterator[Sample]:
        """Yield every row in the order of sample and epoch, in bounded memory."""
        names = ", ".join(f"r.{quote(name)}" for name in self._columns())
        talk = f"LEFT JOIN ({self._talk()}) t USING (sample, epoch)" if self.transcripts else ""
        texts = "t.request, t.response" if self.transcripts else "NULL AS request, NULL AS response"
        query = f"SELECT {names}, {texts} FROM results r {talk} ORDER BY sample, epoch"  # noqa: S608 - names are quoted
        with connect_tables(results=self.table) as database:
            for batch in database.sql(query).to_arrow_reader(_BATCH):
                yield from (_sample(line) for line in batch.to_pylist())

    def estimate(self, score: str) -> Estimate | None:
        """Estimate the mean of one score over the samples that have it; None when none has."""
        import numpy

        column = quote(f"score.{score}")
        query = f"""SELECT sum({column}) AS total, count(*) AS size FROM results
                    WHERE status <> 'errored' AND {column} IS NOT NULL
                    GROUP BY coalesce(unit, sample) ORDER BY coalesce(unit, sample)"""  # noqa: S608 - names are quoted
        with connect_tables(results=self.table) as database:
            found = database.sql(query).fetchnumpy()
        sizes = found["size"].astype(float)
        if not len(sizes):
            return None
        units = from_table(found["total"].astype(float), sizes, numpy.ones(len(sizes)))
        clustered = self.measured.dataset.cluster is not None
        return estimate_mean(units, clustered=clustered, confidence=CONFIDENCE)

    def _columns(self) -> list[str]:
        with connect_tables(results=self.table) as database:
            found = columns_of(database, "results")
        if WEIGHT in found:
            raise EvidenceError(
                "the rows of this run stand for many samples each, which no other format can say",
                place=Place(self.table),
                remedy="Export a run whose table holds single samples.",
            )
        return sorted(found)

    def _talk(self) -> str:
        """Write the query of what was said: of several askings the last one."""
        files = glob.escape(str(self.transcripts)).replace("'", "''") + "/transcripts-*.parquet"
        last = ", ".join(f"coalesce(arg_max({n}, asked_at), any_value({n})) AS {n}" for n in ("request", "response"))
        return f"SELECT sample, epoch, {last} FROM read_parquet('{files}') GROUP BY sample, epoch"  # noqa: S608


def _sample(line: dict[str, Any]) -> Sample:
    request, response = line.pop("request"), line.pop("response")
    plain = {name: value for name, value in line.items() if name in _FIELDS}
    row = Row(
        **{**plain, "status": SampleStatus(plain["status"])},
        slices=_named(line, "slice."),
        scores=_named(line, "score."),
    )
    return Sample(row, request or "", response or "")


def _named(line: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in line.items() if name.startswith(prefix)}


def failure(row: Row) -> str | None:
    """Return why a row has no usable answer; None when it has one."""
    return row.error or "no usable answer" if row.status is SampleStatus.ERRORED else None
