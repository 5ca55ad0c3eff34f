"""The directory of a run: which one it is, and the file run.json that says what it holds."""

from __future__ import annotations

from pathlib import Path

import msgspec

from roadworthy.core.clock import format_time, now
from roadworthy.core.errors import StorageError
from roadworthy.core.files import write_atomically

RUN_FILE = "run.json"
_NAME_LENGTH = 24


class RunFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run directory holds (run.json)."""

    key: str
    """SHA-256 of what is asked, of whom, about what, and how it is judged."""
    suite: str
    suite_digest: str
    dataset_digest: str
    fingerprint: str
    created: str
    """RFC 3339."""
    planned: int
    """Samples times epochs."""
    comparator: str | None = None
    """Which comparator of the suite was asked; null for the system itself."""
    finished: bool = False
    sealed_parts: int | None = None
    """How many parts are in the sealed table; null before it was sealed."""


def choose_directory(runs: Path, key: str, *, fresh: bool) -> Path:
    """Return the newest directory of a key; with `fresh`, a further one when the newest is finished.

    The first is named by the start of the key, the next ones end in .2, .3 and so on.
    """
    first = runs / key[:_NAME_LENGTH]
    newest, number = first, 1
    while (following := runs / f"{first.name}.{number + 1}").exists():
        newest, number = following, number + 1
    if fresh and (newest / RUN_FILE).exists() and read_run_file(newest).finished:
        return runs / f"{first.name}.{number + 1}"
    return newest


def is_renewed(directory: Path) -> bool:
    """Tell whether the directory measures anew what an earlier one holds."""
    return "." in directory.name


def open_run_file(directory: Path, wanted: RunFile) -> RunFile:
    """Return run.json, written now if the directory is new. Raises StorageError when it is another run's."""
    if not (directory / RUN_FILE).exists():
        write_run_file(directory, wanted)
        return wanted
    found = read_run_file(directory)
    if found.key != wanted.key:
        raise StorageError(f"{directory} holds another run", remedy="Move the directory away and evaluate again.")
    return found


def new_run_file(
    key: str, suite: str, suite_digest: str, dataset: str, fingerprint: str, planned: int, comparator: str | None
) -> RunFile:
    """Make the file of a run that starts now."""
    return RunFile(key, suite, suite_digest, dataset, fingerprint, format_time(now()), planned, comparator)


def read_run_file(directory: Path) -> RunFile:
    """Read run.json. Raises StorageError when it cannot be read."""
    path = directory / RUN_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunFile)
    except (OSError, msgspec.DecodeError) as error:
        raise StorageError(
            f"{path} cannot be read: {error}", remedy="Move the run directory away and evaluate again."
        ) from error


def write_run_file(directory: Path, content: RunFile) -> None:
    """Write run.json."""
    write_atomically(directory / RUN_FILE, msgspec.json.format(msgspec.json.encode(content), indent=2))
