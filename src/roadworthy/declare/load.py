"""Read `roadworthy.yaml`, and write the JSON Schema that editors check it with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import read_model
from roadworthy.declare.system import System

FILE = "roadworthy.yaml"


def load_system(directory: Path) -> System:
    """Load the declaration of the project in `directory`.

    Raises InputError when there is none, and InputErrors (file, line, cause, nearest key) when it is not valid.
    """
    path = directory / FILE
    if not path.is_file():
        raise InputError(
            f"there is no {FILE} here",
            place=Place(directory),
            remedy="Run 'roadworthy init' to write one, or name the project's directory with --project.",
        )
    return read_model(System, path)


def system_value(system: System) -> dict[str, Any]:
    """Return the declaration as plain JSON values."""
    return system.model_dump(mode="json")


def system_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of `roadworthy.yaml`."""
    schema = System.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "roadworthy.yaml", **schema}
