"""The table of peers' formats: which file is whose, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.adapters import deepeval, every_eval_ever, garak, inspect_log, lm_eval, promptfoo, pyrit
from roadworthy.evaluate.adapters.peer import Adapter, Glimpse, Lack, PeerLog
from roadworthy.evaluate.readers.row import Row, missing_column, unreadable

GLIMPSE_BYTES = 64 * 1024
_READ = (inspect_log, lm_eval, every_eval_ever, garak, pyrit, promptfoo, deepeval)
ADAPTERS: dict[str, Adapter] = {module.ADAPTER.format: module.ADAPTER for module in _READ}
"""Name of the format -> how it is read."""


def adapter_named(name: str) -> Adapter:
    """Return the adapter of a format. Raises InputError that names the nearest one."""
    adapter = ADAPTERS.get(name)
    if adapter is None:
        raise InputError(f"there is no format {name!r}", remedy=did_you_mean(name, ADAPTERS))
    return adapter


def detect(path: Path) -> Adapter:
    """Tell whose log a file is. Raises InputError when it is nobody's, or cannot be read."""
    try:
        start = b"" if path.is_dir() else _start(path)
    except OSError as error:
        raise unreadable(path, error) from error
    glimpse = Glimpse(path, start)
    for adapter in ADAPTERS.values():
        if adapter.detect(glimpse):
            return adapter
    raise InputError(
        "this is not a log of a tool that is known here",
        place=Place(path),
        remedy=f"Name its format with --format: {', '.join(ADAPTERS)}.",
    )


def read_peer_log(name: str, path: Path) -> PeerLog:
    """Read what a log says about itself; a file that has not changed is not read again."""
    try:
        files = [(file, (status := file.stat()).st_mtime_ns, status.st_size) for file in peer_files(name, path)]
    except OSError as error:
        raise unreadable(path, error) from error
    return _remembered(name, path, tuple(files))


@lru_cache(maxsize=16)
def _remembered(name: str, path: Path, files: tuple[tuple[Path, int, int], ...]) -> PeerLog:  # noqa: ARG001
    return adapter_named(name).log(path)


def peer_files(name: str, path: Path) -> tuple[Path, ...]:
    """List every file that a log consists of."""
    return adapter_named(name).files(path)


def read_peer_rows(name: str, path: Path, columns: frozenset[str] | None) -> Iterator[Row]:
    """Yield the rows of a log; what one row lacks and another has is empty.

    Raises InputError when no row has a column that is wanted, and when the log holds aggregates only, from which
    nothing can be measured.
    """
    log = read_peer_log(name, path)
    if Lack.SAMPLES in log.lacking:
        raise InputError(
            "the log holds no samples, only what somebody made of them",
            place=Place(path),
            remedy="Measure with the log of the samples, or attach this file as a document: roadworthy attest.",
        )
    wanted = log.columns if columns is None else columns
    if unknown := wanted - log.columns:
        raise missing_column(min(unknown), log.columns, Place(path))
    for number, fields in adapter_named(name).rows(path):
        yield number, {column: fields.get(column) for column in wanted}


def _start(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(GLIMPSE_BYTES)
