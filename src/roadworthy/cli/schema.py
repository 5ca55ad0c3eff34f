"""`roadworthy schema`: JSON Schemas for editors."""

from __future__ import annotations

import json
from enum import StrEnum

from roadworthy.cli.screen import print_line


class File(StrEnum):
    """A kind of file that teams write."""

    SYSTEM = "system"
    SUITE = "suite"
    STANDARD = "standard"


def schema(file: File = File.SYSTEM) -> int:
    """Print the JSON Schema (2020-12) of roadworthy.yaml, of a suite, or of the files of a standard.

    Parameters
    ----------
    file
        system, suite or standard.
    """
    from roadworthy.declare.load import system_schema
    from roadworthy.evaluate.suite import Suite
    from roadworthy.standard.load import layer_schema

    schemas = {
        File.SYSTEM: system_schema,
        File.SUITE: lambda: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **Suite.model_json_schema(by_alias=True),
        },
        File.STANDARD: layer_schema,
    }
    print_line(json.dumps(schemas[file](), indent=2))
    return 0
