"""Rows as Parquet: durable parts of a run, transcripts beside them, and the sealed table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.result_table import ROUND, WEIGHT
from roadworthy.evaluate.row import Row, SampleStatus

if TYPE_CHECKING:
    import pyarrow

PART_ROWS = 4096
"""Rows of the journal that become one part."""
GROUP_ROWS = 32_768
"""Rows of one row group of the sealed table."""
_TRANSCRIPT = ("request", "response", "steps", "model", "finish", "response_id", "system_fingerprint", "asked_at")


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

    def __init__(
        self,
        directory: Path,
        slices: Sequence[str],
        scores: Sequence[str],
        *,
        weighted: bool = False,
        in_rounds: bool = False,
    ) -> None:
        self.directory = directory
        more = [(WEIGHT, "int64")] * weighted + [(ROUND, "int32")] * in_rounds
        self._columns = [*columns(slices, scores), *more]

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
            target = self.directory / f"transcripts-{number:05}.parquet"
            _write(target, _transcript_columns(), talked)
        _write(self.path(number), self._columns, rows)

    def finished(self) -> Iterator[tuple[str, int, str]]:
        """Yield (sample, epoch, status) of every row in the parts."""
        import pyarrow.parquet

        for path in self.paths():
            with pyarrow.parquet.ParquetFile(path) as table:
                for batch in table.iter_batches(columns=["sample", "epoch", "status"]):
                    for row in batch.to_pylist():
                        yield row["sample"], row["epoch"], row["status"]

    def rows(self) -> Iterator[Row]:
        """Yield every row in the parts, without its transcript."""
        import pyarrow.parquet

        for path in self.paths():
            with pyarrow.parquet.ParquetFile(path) as table:
                for batch in table.iter_batches(batch_size=PART_ROWS):
                    yield from (_unflatten(line) for line in batch.to_pylist())

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
                reader = database.sql(query).to_arrow_reader(GROUP_ROWS)
                schema = _schema(self._columns)
                with pyarrow.parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
                    for group in _groups(reader, schema):
                        writer.write_table(group, row_group_size=GROUP_ROWS)
            _keep(temporary, target)
        except (OSError, duckdb.Error, pyarrow.ArrowException) as error:
            raise _cannot(target, error) from error
        finally:
            temporary.unlink(missing_ok=True)


def _groups(reader: pyarrow.RecordBatchReader, schema: pyarrow.Schema) -> Iterator[pyarrow.Table]:
    """Cut what DuckDB yields into row groups of one size: how it cuts depends on threads and memory."""
    import pyarrow

    held = schema.empty_table()
    for batch in reader:
        held = pyarrow.concat_tables([held, pyarrow.Table.from_batches([batch.cast(schema)])])
        while held.num_rows >= GROUP_ROWS:
            yield held.slice(0, GROUP_ROWS).combine_chunks()
            held = held.slice(GROUP_ROWS)
    if held.num_rows:
        yield held.combine_chunks()


def _values(name: str, rows: Sequence[Row]) -> list[Any]:
    """Return one column of the rows; a named slice or score that a row lacks is null."""
    kind, dot, key = name.partition(".")
    if not dot:
        return [getattr(row, name) for row in rows]
    return [row.slices.get(key) for row in rows] if kind == "slice" else [row.scores.get(key) for row in rows]


def _unflatten(line: dict[str, Any]) -> Row:
    """Return the row that a line of the result table holds."""
    plain = {name: value for name, value in line.items() if "." not in name}
    return Row(
        **{**plain, "status": SampleStatus(plain["status"])},
        slices=_named(line, "slice."),
        scores=_named(line, "score."),
    )


def _named(line: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in line.items() if name.startswith(prefix)}


def _bounded(directory: Path) -> dict[str, Any]:
    """Keep DuckDB small; what does not fit goes to a folder of the run."""
    return {"memory_limit": "128MB", "threads": 1, "temp_directory": str(directory / "sorting")}


def _write(path: Path, named: list[tuple[str, str]], rows: Sequence[Row]) -> None:
    import pyarrow
    import pyarrow.parquet

    temporary = path.with_name(f".{path.name}.new")
    try:
        schema = _schema(named)
        arrays = [pyarrow.array(_values(field.name, rows), field.type) for field in schema]
        table = pyarrow.Table.from_arrays(arrays, schema=schema)
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
