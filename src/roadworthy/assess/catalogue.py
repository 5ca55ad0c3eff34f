"""Libraries that ship as YAML: read their items, and refuse ids and references that do not exist."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel, build_model
from roadworthy.core.names import did_you_mean
from roadworthy.core.yaml_file import load_yaml
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.model import Reference
from roadworthy.standard.predicate import Predicate, load_predicate

Item = TypeVar("Item", bound=FileModel)


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str:
        """Return the id, unique in its library."""


@functools.lru_cache(maxsize=1024)
def checked(source: str) -> Predicate:
    """Check a predicate of a library, once; see load_predicate."""
    return load_predicate(source)


def read_items(directory: Path, section: str, model: type[Item]) -> list[Item]:
    """Read the list under `section` of every YAML file of `directory`. Raises InputErrors with file and line."""
    return [item for path in sorted(directory.glob("*.yaml")) for item in _read(path, section, model)]


def _read(path: Path, section: str, model: type[Item]) -> list[Item]:
    source = load_yaml(path)
    entries: Any = source.value.get(section) if isinstance(source.value, dict) else None
    if not isinstance(entries, list):
        raise InputError(f"expected a list of {section} here", place=Place(path), remedy=f"Begin with '{section}:'.")
    return [build_model(model, source, (section, position)) for position in range(len(entries))]


def check_unique(items: Sequence[Named], what: str) -> None:
    """Raise InputError when an id occurs twice, or when there is none at all."""
    ids = [item.id for item in items]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise InputError(f"the {what} {twice[0]!r} occurs twice in the library", remedy="Rename one.")
    if not ids:
        raise InputError(f"the library has no {what}", remedy="Install Roadworthy anew.")


def check_known(named: Iterable[str], known: Collection[str], owner: str, what: str) -> None:
    """Raise InputError when `owner` names something that the library does not have."""
    for name in named:
        if name not in known:
            raise InputError(
                f"{owner} names the {what} {name!r}, which does not exist", remedy=did_you_mean(name, known)
            )


def check_references(references: Iterable[Reference], owner: str) -> None:
    """Raise InputError when a reference is not in the index of frameworks."""
    known = known_references()
    for reference in references:
        ids = known.get((reference.framework, reference.version), {})
        if reference.id not in ids:
            asked = f"{reference.framework} {reference.version} {reference.id}"
            raise InputError(f"{owner} maps to {asked!r}, which is not known", remedy=did_you_mean(reference.id, ids))
