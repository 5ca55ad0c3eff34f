"""`roadworthy.yaml` out of the server and into it; what is written reads back as the same declaration."""

from __future__ import annotations

import re
from typing import Any

import yaml

from roadworthy.core.errors import InputError
from roadworthy.core.model import build_model
from roadworthy.core.yaml_file import YamlFile, parse_yaml
from roadworthy.declare.load import FILE
from roadworthy.declare.system import System as Declaration

LARGEST = 1_000_000
"""Bytes of a file that is read."""


_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029\ufeff]")
"""Line breaks that only an escape keeps as they are."""


class _Writer(yaml.SafeDumper):
    """Quote also what only YAML 1.2 takes for a number, so that text stays text in both."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists under their key."""
        del indentless
        super().increase_indent(flow, False)


_Writer.yaml_implicit_resolvers = {key: list(value) for key, value in yaml.SafeDumper.yaml_implicit_resolvers.items()}
_Writer.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$"),
    list("-+.0123456789"),
)


def _text(writer: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if _OTHER_BREAKS.search(text):
        return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _text)


def write_declaration(declaration: Declaration) -> str:
    """Write a declaration as `roadworthy.yaml`; what has its default is left out."""
    value = declaration.model_dump(mode="json", exclude_defaults=True)
    ordered = {"system": value.pop("system"), **value}
    text: str = yaml.dump(ordered, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)
    return text


def read_declaration(content: str | bytes, name: str = FILE) -> Declaration:
    """Read a declaration from what was uploaded or pasted.

    Raises InputError or InputErrors that name file, line, cause and the nearest known key, as the command line does.
    """
    if len(content) > LARGEST:
        raise InputError(f"{name} is larger than 1 MB", remedy="Check which file this is; a declaration is short.")
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError(f"{name} is not UTF-8 text", remedy="Save it as UTF-8.") from error
    return build_model(Declaration, parse_yaml(content, name))


def read_value(value: dict[str, Any], name: str = "declaration") -> Declaration:
    """Read a declaration from JSON values, as the API gets it; errors name the keys."""
    return build_model(Declaration, YamlFile(name, value, {}))
