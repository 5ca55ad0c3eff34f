"""Rows as Parquet: durable parts of a run, transcripts beside them, and the sealed table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.row import Row

if TYPE_CHECKING:
    import pyarrow

PART_ROWS = 4096
"""Rows of the journal that become one part."""
_TRANSCRIPT = ("request", "response", "model", "finish", "response_id", "system_fingerprint", "asked_at")


def columns(slices: Sequence[str], scores: Sequence[str]) -> list[tuple[str, str]]:
    """Return name and type of each column of the result table, in order."""
    return [
        ("sample", "string"),
        ("epoch", "int32"),
        ("unit", "string"),
        *((f"slice.{name}", "string") for name in sorted(slices)),
        ("status", "string"),
        *((f"score.{name}", "double") for name in sorted(scores)),
        ("error", "string"),
        ("seconds", "double"),
        ("tokens_in", "int64"),
        ("tokens_out", "int64"),
        ("cost", "double"),
        ("attempts", "int32"),
        ("cached", "bool"),
        ("response_digest", "string"),
    ]


def _transcript_columns() -> list[tuple[str, str]]:
    texts = [(name, "int64" if name == "asked_at" else "string") for name in _TRANSCRIPT]
    return [("sample", "string"), ("epoch", "int32"), *texts]


def _schema(named: list[tuple[str, str]]) -> pyarrow.Schema:
    import pyarrow

    kinds = {
        "string": pyarrow.string(),
        "int32": pyarrow.int32(),
        "int64": pyarrow.int64(),
        "double": pyarrow.float64(),
        "bool": pyarrow.bool_(),
    }
    return pyarrow.schema([(name, kinds[kind]) for name, kind in named])


class Parts:
    """The Parquet files of one run directory."""

    def __init__(self, directory: Path, slices: Sequence[str], scores: Sequence[str]) -> None:
        self.directory = directory
        self._columns = columns(slices, scores)

    def paths(self) -> list[Path]:
        """List the parts in the order of their numbers."""
        return sorted(self.directory.glob("part-*.parquet"))

    def path(self, number: int) -> Path:
        """Return the path of one part."""
        return self.directory / f"part-{number:05}.parquet"

    def write(self, number: int, rows: Sequence[Row]) -> None:
        """Write rows as part `number`, transcripts first: the part's appearance is what makes both count."""
        talked = [row for row in rows if row.request is not None or row.response is not None]
        if talked:
            data = [
                {"sample": row.sample, "epoch": row.epoch, **{n: getattr(row, n) for n in _TRANSCRIPT}}
                for row in talked
            ]
            target = self.directory / f"transcripts-{number:05}.parquet"
            _write(target, _transcript_columns(), data)
        _write(self.path(number), self._columns, [flatten(row) for row in rows])

    def finished(self) -> Iterator[tuple[str, int, str]]:
        """Yield (sample, epoch, status) of every row in the parts."""
        import pyarrow.parquet

        for path in self.paths():
            with pyarrow.parquet.ParquetFile(path) as table:
                for batch in table.iter_batches(columns=["sample", "epoch", "status"]):
                    for row in batch.to_pylist():
                        yield row["sample"], row["epoch"], row["status"]

    def seal(self, target: Path) -> None:
        """Merge the parts into one table sorted by sample and epoch; of several rows of a sample the best counts.

        Scored goes before unscored before errored, a later part before an earlier one. The same rows give the
        same bytes. Raises StorageError when the disk is full.
        """
        import duckdb
        import pyarrow
        import pyarrow.parquet

        if not self.paths():
            _write(target, self._columns, [])
            return
        names = ", ".join(f'"{name}"' for name, _ in self._columns)
        files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in self.paths())
        rank = "CASE status WHEN 'scored' THEN 0 WHEN 'unscored' THEN 1 ELSE 2 END"
        query = f"""
            SELECT {names} FROM read_parquet([{files}], filename=true)
            QUALIFY row_number() OVER (PARTITION BY sample, epoch ORDER BY {rank}, filename DESC) = 1
            ORDER BY sample, epoch"""  # noqa: S608 - paths are quoted, names are checked by the suite
        temporary = target.with_name(f".{target.name}.new")
        try:
            with duckdb.connect(config=_bounded(self.directory)) as database:
                reader = database.sql(query).to_arrow_reader(65_536)
                schema = _schema(self._columns)
                with pyarrow.parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
                    for batch in reader:
                        writer.write_batch(batch.cast(schema))
            _keep(temporary, target)
        except (OSError, duckdb.Error, pyarrow.ArrowException) as error:
            raise _cannot(target, error) from error
        finally:
            temporary.unlink(missing_ok=True)


def flatten(row: Row) -> dict[str, Any]:
    """Return the row as columns of the result table."""
    flat: dict[str, Any] = {
        "sample": row.sample,
        "epoch": row.epoch,
        "unit": row.unit,
        "status": str(row.status),
        "error": row.error,
        "seconds": row.seconds,
        "tokens_in": row.tokens_in,
        "tokens_out": row.tokens_out,
        "cost": row.cost,
        "attempts": row.attempts,
        "cached": row.cached,
        "response_digest": row.response_digest,
    }
    flat.update({f"slice.{name}": value for name, value in row.slices.items()})
    flat.update({f"score.{name}": value for name, value in row.scores.items()})
    return flat


def _bounded(directory: Path) -> dict[str, Any]:
    """Keep DuckDB small; what does not fit goes to a folder of the run."""
    return {"memory_limit": "192MB", "threads": 2, "temp_directory": str(directory / "sorting")}


def _write(path: Path, named: list[tuple[str, str]], rows: list[dict[str, Any]]) -> None:
    import pyarrow
    import pyarrow.parquet

    temporary = path.with_name(f".{path.name}.new")
    try:
        table = pyarrow.Table.from_pylist(rows, schema=_schema(named))
        pyarrow.parquet.write_table(table, temporary, compression="zstd")
        _keep(temporary, path)
    except (OSError, pyarrow.ArrowException) as error:
        raise _cannot(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _keep(temporary: Path, path: Path) -> None:
    """Make a finished file durable under its name."""
    with temporary.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(temporary, path)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot(path: Path, error: Exception) -> StorageError:
    return StorageError(
        f"cannot write {path}: {str(error).splitlines()[0]}",
        remedy="Free space or mend the permissions, then run the command again; nothing recorded is lost.",
    )
