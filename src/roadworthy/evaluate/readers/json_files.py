"""Many JSON files, one object each, in a directory or a tar archive (plain, gz, bz2, xz)."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.jsonl import parse_object
from roadworthy.evaluate.readers.row import Row, unreadable

MAX_FILE_BYTES = 64 * 1024 * 1024
PATH_FIELD = "_path"
"""Virtual column: the path inside the directory or archive."""


def read_json_files(path: Path, columns: frozenset[str] | None, members: str = "*.json") -> Iterator[Row]:
    """Yield the object of each JSON file whose path matches the glob `members`, with its path as `_path`.

    An archive is read as a stream in its own order, a directory in the order of its names. Only the needed
    columns are kept.
    """
    keep = None if columns is None else {name.split(".")[0] for name in columns} | columns
    for number, (name, data) in enumerate(_files(path, members), start=1):
        fields = parse_object(data, Place(f"{path}/{name}"))
        if keep is not None:
            fields = {key: value for key, value in fields.items() if key in keep}
        fields[PATH_FIELD] = name
        yield number, fields


def _files(path: Path, members: str) -> Iterator[tuple[str, bytes]]:
    try:
        yield from _in_directory(path, members) if path.is_dir() else _in_archive(path, members)
    except tarfile.TarError as error:
        raise InputError(
            f"this is not a readable archive: {error}", place=Place(path), remedy="Fetch the archive again."
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def _in_directory(path: Path, members: str) -> Iterator[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_file() and fnmatchcase(name, members):
            _refuse_huge(path, name, file.stat().st_size)
            yield name, file.read_bytes()


def _in_archive(path: Path, members: str) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path, mode="r|*") as archive:
        for member in archive:
            if not member.isfile() or not fnmatchcase(member.name, members):
                continue
            _refuse_huge(path, member.name, member.size)
            stream = archive.extractfile(member)
            if stream is not None:
                yield member.name, stream.read()


def _refuse_huge(path: Path, name: str, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise InputError(
            f"the file has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read",
            place=Place(f"{path}/{name}"),
            remedy="Leave it out with 'members:', or split it.",
        )
