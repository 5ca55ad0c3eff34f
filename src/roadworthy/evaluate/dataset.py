"""A dataset as a suite names it: which file, which column is the id, the cluster and the slices."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, StringConstraints, field_validator, model_validator

from roadworthy.core.digests import sha256_file, sha256_json
from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.adapters.peer import PeerLog
from roadworthy.evaluate.adapters.table import ADAPTERS, peer_files, read_peer_log, read_peer_rows
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import expand
from roadworthy.evaluate.perturb import PerturbSpec, perturb
from roadworthy.evaluate.readers.csv_file import read_csv
from roadworthy.evaluate.readers.json_files import PATH_FIELD, read_json_files
from roadworthy.evaluate.readers.jsonl import read_jsonl
from roadworthy.evaluate.readers.parquet import read_parquet
from roadworthy.evaluate.readers.row import Row, missing_column, unreadable
from roadworthy.evaluate.template import Template, as_text, column_or_template, lookup
from roadworthy.evaluate.warehouse.spec import WarehouseSpec

SliceName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")]
Scalar = str | int | float | bool | None
ROW_FIELD = "_row"
"""Virtual column: number of the row among those read, from 1."""
VIRTUAL = frozenset({ROW_FIELD, PATH_FIELD})


class Format(StrEnum):
    """Format of a dataset file."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    JSON_FILES = "json-files"
    """A directory or a tar archive of JSON files, one object each."""
    INSPECT = "inspect"
    LM_EVAL = "lm-eval"
    EVERY_EVAL_EVER = "every-eval-ever"
    GARAK = "garak"
    PYRIT = "pyrit"
    PROMPTFOO = "promptfoo"
    DEEPEVAL = "deepeval"


_BY_SUFFIX = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
    ".tar": Format.JSON_FILES,
    ".tgz": Format.JSON_FILES,
    ".gz": Format.JSON_FILES,
    ".xz": Format.JSON_FILES,
    ".bz2": Format.JSON_FILES,
    ".eval": Format.INSPECT,
}


class OnlySpec(FileModel):
    """A list of the cases that count; every one of them must be found."""

    file: str
    """CSV with a header, beside the suite."""
    columns: dict[str, str] = Field(min_length=1)
    """Column of the list -> column of the dataset that must be equal to it."""


class DatasetSpec(FileModel):
    """Where the cases come from."""

    file: str | None = None
    """Path beside the suite file; may hold ${ENV}."""
    warehouse: WarehouseSpec | None = None
    """Instead of `file`: a table that the warehouse counts, so that its rows stay there."""
    format: Format | None = None
    """Default: by the ending of the file name; a directory is read as JSON files."""
    members: str = "*.json"
    """For json-files: glob on the path inside the directory or archive."""
    id: str = "id"
    """Column, or template such as "{suite}/{task}"; unique within the dataset."""
    cluster: str | None = None
    """Column or template of the independent unit; without it every case is taken as independent."""
    slices: dict[SliceName, str] = {}
    """Slice name -> column or template; a list of columns is read as names of themselves."""
    where: dict[str, Scalar | list[Scalar]] = {}
    """Only rows whose column equals the value, or one of the values; null means empty."""
    only: OnlySpec | None = None
    limit: int | None = Field(default=None, ge=1)
    """Read the first so many rows; the evidence says so."""
    rows: int | None = Field(default=None, ge=1)
    """How many rows there must be; any other number is refused."""
    perturb: PerturbSpec | None = None

    @model_validator(mode="after")
    def _one_source(self) -> DatasetSpec:
        if (self.file is None) == (self.warehouse is None):
            raise ValueError("give either 'file' or 'warehouse'")
        if self.warehouse is not None:
            for key in sorted({"format", "members", "only", "limit", "perturb"} & self.model_fields_set):
                raise ValueError(f"{key!r} does not go with 'warehouse'; name a view that does this")
        return self

    @field_validator("slices", mode="before")
    @classmethod
    def _names_of_themselves(cls, value: Any) -> Any:
        return {str(name): str(name) for name in value} if isinstance(value, list) else value

    @property
    def slice_names(self) -> list[str]:
        """Names of the slice columns of the result table."""
        extra = ["perturbation"] if self.perturb else []
        return [*self.slices, *(name for name in extra if name not in self.slices)]


@dataclass(frozen=True)
class Survey:
    """What a full pass over a dataset found."""

    rows: int
    """Cases, those included that a peer's log says it planned and does not hold: they are never recorded."""
    digest: str
    """SHA-256 of the file, or of the canonical JSON of the digests of all files that it rests on."""


@dataclass(frozen=True)
class Dataset:
    """A dataset that can be read: specification, where its paths start, and which columns are needed."""

    spec: DatasetSpec
    folder: Path
    needed: frozenset[str] | None
    """Columns that targets, prompts and scorers read; None for all."""
    seed: int = 0
    place: Place | None = None

    @cached_property
    def path(self) -> Path:
        """Return the file, with environment variables expanded."""
        return self.folder / expand(self.spec.file or "", self.place)

    @property
    def name(self) -> str:
        """Return the name of the file, without folders."""
        return self.path.name

    def survey(self) -> Survey:
        """Read every case once: checks ids, columns and values, counts rows, takes the digest.

        Raises InputError with file and line at the first thing wrong, and when there are no cases.
        """
        rows = sum(1 for _ in self.cases())
        lost = self.source.planned - self.source.rows if self.source else 0
        return Survey(rows + lost, self.digest())

    @property
    def statement(self) -> dict[str, Any] | None:
        """Say for the evidence what its digest leaves out; None where the digest covers every byte that is read."""
        return None

    @cached_property
    def source(self) -> PeerLog | None:
        """What the log of another tool says about itself; None for a dataset of one's own."""
        name = self.format
        return read_peer_log(name, self.path) if name in ADAPTERS else None

    @property
    def cluster(self) -> str | None:
        """Return the column or template of the unit; repetitions in a peer's log are one, declared or not."""
        return self.spec.cluster or (self.source.cluster if self.source else None)

    def digest(self) -> str:
        """Return the digest of the files read."""
        try:
            main = self._digest_of_files()
            only = self.spec.only
            return sha256_json({"only": sha256_file(self.folder / only.file), "file": main}) if only else main
        except OSError as error:
            raise unreadable(self.path, error) from error

    def _digest_of_files(self) -> str:
        if self.path.is_dir():
            return _directory_digest(self.path)
        name = self.format
        files = peer_files(name, self.path) if name in ADAPTERS else (self.path,)
        digests = {file.name: sha256_file(file) for file in files}
        return sha256_json(digests) if len(digests) > 1 else digests[files[0].name]

    def cases(self, *, surveyed: bool = False) -> Iterator[Case]:
        """Yield the cases. The memory needed grows by the digest of each id only, and not at all once `surveyed`.

        Raises InputError with file and line on a duplicate id, a missing column, a column that is NaN or infinite,
        or an empty dataset.
        """
        seen: set[bytes] = set()
        count = 0
        for count, case in enumerate(self._unperturbed(), start=1):  # noqa: B007 - the last one is needed
            if not surveyed:
                self._first_time(case, seen)
            if self.spec.perturb:
                yield from perturb(case, self.spec.perturb, self.seed)
            else:
                yield case
        self._enough(count)

    def _first_time(self, case: Case, seen: set[bytes]) -> None:
        mark = hashlib.blake2b(case.id.encode(), digest_size=16).digest()
        if mark in seen:
            raise InputError(
                f"the id {case.id!r} occurs twice",
                place=Place(self.path, case.line),
                remedy="Ids must be unique; name another column or template under 'id:'.",
            )
        seen.add(mark)

    def _enough(self, count: int) -> None:
        if not count:
            raise InputError(
                "the dataset holds no cases",
                place=Place(self.path),
                remedy="Check the file and the filters 'where', 'only' and 'members'.",
            )
        if self.spec.rows is not None and count != self.spec.rows:
            raise InputError(
                f"the dataset holds {count:,} cases; the suite expects {self.spec.rows:,}",
                place=Place(self.path),
                remedy="Fetch the right file, or correct 'rows:'.",
            )

    def _unperturbed(self) -> Iterator[Case]:
        id_, _, _ = self.templates
        columns = self._columns()
        only = _Only(self.spec.only, self.folder) if self.spec.only else None
        count = 0
        for line, fields in self._rows(columns):
            if not all(_equals(fields, name, wanted) for name, wanted in self.spec.where.items()):
                continue
            if only and not only.takes(fields):
                continue
            count += 1
            place = Place(self.path, line)
            fields[ROW_FIELD] = count
            self._check(fields, columns, place)
            yield self.case(_present(id_, fields, "id", place), fields, place)
            if count == self.spec.limit:
                return
        if only:
            only.all_found(self.path)

    def case(self, name: str, fields: dict[str, Any], place: Place, weight: int = 1) -> Case:
        """Make a case of fields that were read. Raises InputError where the cluster is empty or a column is missing."""
        _, cluster, slices = self.templates
        return Case(
            id=name,
            unit=_present(cluster, fields, "cluster", place) if cluster else None,
            slices={key: _slice(template, fields, place) for key, template in slices.items()},
            fields=fields,
            line=place.line or 0,
            weight=weight,
        )

    @cached_property
    def templates(self) -> tuple[Template, Template | None, dict[str, Template]]:
        """Return the templates of the id, the cluster and the slices."""
        spec = self.spec
        cluster = column_or_template(self.cluster) if self.cluster else None
        return (
            column_or_template(spec.id),
            cluster,
            {name: column_or_template(text) for name, text in spec.slices.items()},
        )

    def _columns(self) -> frozenset[str] | None:
        if self.needed is None:
            return None
        id_, cluster, slices = self.templates
        own = id_.columns | (cluster.columns if cluster else frozenset()) | frozenset(self.spec.where)
        own = own.union(*(template.columns for template in slices.values()))
        only = frozenset(self.spec.only.columns.values()) if self.spec.only else frozenset()
        perturbed = frozenset([self.spec.perturb.column]) if self.spec.perturb else frozenset()
        return (self.needed | own | only | perturbed) - VIRTUAL

    def _rows(self, columns: frozenset[str] | None) -> Iterator[Row]:
        path = self.path
        name = self.format
        match name:
            case Format.JSONL:
                return read_jsonl(path, columns)
            case Format.CSV:
                return read_csv(path, columns)
            case Format.PARQUET:
                return read_parquet(path, columns)
            case Format.JSON_FILES:
                return read_json_files(path, columns, self.spec.members)
            case _:
                return read_peer_rows(name, path, columns)

    @property
    def format(self) -> Format:
        """Return the format, given or told by the name."""
        return self.spec.format or self._guess(self.path)

    def _guess(self, path: Path) -> Format:
        if path.is_dir():
            return Format.JSON_FILES
        found = _BY_SUFFIX.get(path.suffix.lower())
        if found is None:
            raise InputError(
                f"the ending {path.suffix!r} does not tell the format of the dataset",
                place=self.place or Place(path),
                remedy=f"Add 'format:' with one of {', '.join(Format)}.",
            )
        return found

    def _check(self, fields: dict[str, Any], columns: frozenset[str] | None, place: Place) -> None:
        for name in columns if columns is not None else fields:
            try:
                value = lookup(fields, name)
            except KeyError:
                raise missing_column(name, fields, place) from None
            if isinstance(value, float) and not math.isfinite(value):
                raise InputError(f"the column {name!r} holds {value}", place=place, remedy="Write a number, or null.")


class _Only:
    """The cases of a list, ticked off as they are found."""

    def __init__(self, spec: OnlySpec, folder: Path) -> None:
        self._path = folder / spec.file
        self._columns = list(spec.columns.values())
        rows = read_csv(self._path, frozenset(spec.columns))
        self._wanted = {tuple(row[name] for name in spec.columns): line for line, row in rows}
        self._found: set[tuple[str, ...]] = set()

    def takes(self, fields: dict[str, Any]) -> bool:
        try:
            key = tuple(as_text(lookup(fields, name)) for name in self._columns)
        except KeyError:
            return False
        if key not in self._wanted:
            return False
        self._found.add(key)
        return True

    def all_found(self, dataset: Path) -> None:
        missing = [key for key in self._wanted if key not in self._found]
        if missing:
            raise InputError(
                f"{len(missing):,} of {len(self._wanted):,} listed cases are not in {dataset.name}, "
                f"the first is {', '.join(missing[0])}",
                place=Place(self._path, self._wanted[missing[0]]),
                remedy="Complete the dataset, or correct the list under 'only:'.",
            )


def _equals(fields: dict[str, Any], name: str, wanted: Scalar | list[Scalar]) -> bool:
    try:
        value = as_text(lookup(fields, name))
    except KeyError:
        value = ""
    return value in {as_text(w) for w in (wanted if isinstance(wanted, list) else [wanted])}


def _present(template: Template, fields: dict[str, Any], role: str, place: Place) -> str:
    """Render an id or a cluster; an empty one would hide dependence between cases, and is refused."""
    try:
        empty = any(as_text(lookup(fields, name)).strip() == "" for name in template.columns)
    except KeyError as error:
        raise missing_column(error.args[0], fields, place) from None
    if empty:
        raise InputError(f"the {role} is empty", place=place, remedy=f"Give every row its {role}.")
    return template.render(fields)


def _slice(template: Template, fields: dict[str, Any], place: Place) -> str | None:
    try:
        return template.render(fields) or None
    except KeyError as error:
        raise missing_column(error.args[0], fields, place) from None


def _directory_digest(path: Path) -> str:
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return sha256_json({file.relative_to(path).as_posix(): sha256_file(file) for file in files})
