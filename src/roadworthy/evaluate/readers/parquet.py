"""Parquet, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import Row, missing_column, top_level

_BATCH_ROWS = 2048


def read_parquet(path: Path, columns: frozenset[str] | None) -> Iterator[Row]:
    """Yield rows of a Parquet file; only the named columns are read."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            known = table.schema_arrow.names
            wanted = known if columns is None else sorted(top_level(columns, known))
            for name in wanted:
                if name not in known:
                    raise missing_column(name, known, Place(path))
            number = 0
            for batch in table.iter_batches(batch_size=_BATCH_ROWS, columns=wanted):
                for fields in batch.to_pylist():
                    number += 1
                    yield number, fields
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(
            f"this is not a readable Parquet file: {str(error).splitlines()[0]}",
            place=Place(path),
            remedy="Write it again, or name its format with 'format:'.",
        ) from error
