"""Inspect logs: `.eval` archives, whole, cut off or written by old versions, and JSON logs.

Format: https://inspect.aisi.org.uk/eval-logs.html. An archive holds header.json (or, before the end of a run,
_journal/start.json) and one file for each sample and epoch under samples/; a JSON log holds all of it in one object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.inspect_header import NO_MODEL, SCHEMA, InspectHeader, peer_log
from roadworthy.evaluate.adapters.inspect_sample import InspectSample, convert_sample, parse_sample, sample_row
from roadworthy.evaluate.adapters.json_file import parse_json_object, read_json_object
from roadworthy.evaluate.adapters.peer import Adapter, Glimpse, PeerLog, not_a_log, take_census
from roadworthy.evaluate.adapters.zip_archive import ZipArchive, open_zip
from roadworthy.evaluate.readers.row import Row, unreadable

_TOOL = "Inspect"
_HEADER = "header.json"
_START = "_journal/start.json"
_Samples = Iterable[tuple[Place, InspectSample]]


def detect(glimpse: Glimpse) -> bool:
    """Tell an Inspect log: a zip that ends in .eval, or JSON that starts with version, status and eval."""
    if glimpse.path.suffix == ".eval":
        return True
    start = glimpse.start[:4096]
    return start.lstrip().startswith(b"{") and all(key in start for key in (b'"status"', b'"eval"', b'"task"'))


def read_log(path: Path) -> PeerLog:
    """Read the header and go through every sample once."""
    with _opened(path) as (header, samples):
        return peer_log(header, take_census(_rows(header, samples)))


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the samples in the order of the log."""
    with _opened(path) as (header, samples):
        yield from _rows(header, samples)


def _rows(header: InspectHeader, samples: _Samples) -> Iterator[Row]:
    for number, (place, sample) in enumerate(samples, start=1):
        model = header.model or sample.model
        yield number, sample_row(sample, model if model not in NO_MODEL else None, header.epochs, place)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InspectHeader, _Samples]]:
    if _is_zip(path):
        with open_zip(path) as archive:
            yield _header_of(archive), _samples_of(archive)
        return
    if path.suffix == ".eval":
        raise not_a_log(path, _TOOL, "it ends in .eval and is not a zip archive")
    whole = read_json_object(path, not_a_number=True)
    header = _parse_header(whole, Place(path))
    samples = whole.pop("samples", None) or []
    yield header, ((place := Place(f"{path}#samples[{at}]"), convert_sample(s, place)) for at, s in enumerate(samples))


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(2) == b"PK"
    except OSError as error:
        raise unreadable(path, error) from error


def _header_of(archive: ZipArchive) -> InspectHeader:
    name = _HEADER if _HEADER in archive else _START
    if name not in archive:
        raise not_a_log(archive.path, _TOOL, f"it holds neither {_HEADER} nor {_START}")
    place = Place(f"{archive.path}/{name}")
    return _parse_header(parse_json_object(archive.read(name), place, not_a_number=True), place)


def _samples_of(archive: ZipArchive) -> _Samples:
    for name in archive.names("samples/", ".json"):
        place = Place(f"{archive.path}/{name}")
        yield place, parse_sample(archive.read(name), place)


def _parse_header(value: dict[str, Any], place: Place) -> InspectHeader:
    try:
        header = msgspec.convert(value, InspectHeader)
    except msgspec.ValidationError as error:
        raise not_a_log(Path(place.file), _TOOL, str(error)) from error
    if header.version > SCHEMA:
        raise InputError(
            f"the log is written in version {header.version} of Inspect's schema; up to {SCHEMA} is read",
            place=place,
            remedy="Use a newer version of Roadworthy, or convert the log with 'inspect log convert'.",
        )
    return header


ADAPTER = Adapter(
    format="inspect",
    title="Inspect log (.eval or .json)",
    detect=detect,
    log=read_log,
    rows=read_rows,
)
