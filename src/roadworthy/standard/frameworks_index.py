"""External frameworks: which ids exist in which version, and their short titles."""

from __future__ import annotations

import functools
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel, read_model

FRAMEWORKS = Path(__file__).parent / "frameworks"


class Framework(FileModel):
    """What a framework file says of the framework as a whole."""

    id: str
    version: str
    name: str
    publisher: str
    licence: str
    verified: bool
    retrieved: str
    notes: list[str] = []


class FrameworkItem(FileModel):
    """One id of a framework, with a short title."""

    id: str
    title: str
    kind: str = "item"


class FrameworkFile(FileModel):
    """A file of `frameworks/`."""

    framework: Framework
    items: list[FrameworkItem]


@functools.cache
def load_frameworks() -> tuple[FrameworkFile, ...]:
    """Load every framework that ships with Roadworthy."""
    files = tuple(read_model(FrameworkFile, path) for path in sorted(FRAMEWORKS.glob("*.yaml")))
    if not files:
        raise InputError("no framework files are installed", place=Place(FRAMEWORKS), remedy="Install Roadworthy anew.")
    return files


@functools.cache
def known_references() -> dict[tuple[str, str], dict[str, str]]:
    """Map (framework, version) to its ids and their titles."""
    return {
        (file.framework.id, file.framework.version): {item.id: item.title for item in file.items}
        for file in load_frameworks()
    }
