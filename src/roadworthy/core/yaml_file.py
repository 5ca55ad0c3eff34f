"""YAML 1.2 values with the line of each key, so that errors can point at the user's own file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from roadworthy.core.errors import InputError, Place
from roadworthy.core.files import read_text

MAX_DEPTH = 60
PLAIN_COLLECTIONS = {"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
KeyPath = tuple[str | int, ...]


class _CoreSchemaLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Resolve plain scalars by the YAML 1.2 core schema: `no` and `on` stay text, as in a region NO."""

    depth = 0

    def descend_resolver(self, parent: yaml.Node | None, index: Any) -> None:  # noqa: ARG002
        """Refuse deep nesting while it is read: composing recurses in C, where too deep a file ends the process."""
        self.depth += 1
        if parent is not None and self.depth > MAX_DEPTH + 1:
            raise _TooDeep(parent.start_mark.line + 1)

    def ascend_resolver(self) -> None:
        """Leave a level of nesting."""
        self.depth -= 1


class _TooDeep(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


_CoreSchemaLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?[0-9]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        "-+.0123456789",
    ),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _CoreSchemaLoader.add_implicit_resolver(_tag, re.compile(_pattern), list(_first))


@dataclass(frozen=True)
class YamlFile:
    """A parsed file: its value, and the line of each mapping key and list item."""

    path: Path | str
    value: Any
    lines: dict[KeyPath, int]

    def place(self, key_path: KeyPath = ()) -> Place:
        """Return the place of a key, or of the nearest enclosing one that has a line."""
        for length in range(len(key_path), -1, -1):
            line = self.lines.get(key_path[:length])
            if line:
                return Place(self.path, line)
        return Place(self.path)


def load_yaml(path: Path) -> YamlFile:
    """Read one YAML document from `path`.

    Raises InputError, with file and line, on bad syntax, a duplicate key, an alias, a key that is not text, or
    nesting deeper than 60.
    """
    return parse_yaml(read_text(path), path)


def parse_yaml(text: str, path: Path | str) -> YamlFile:
    """Parse YAML text that came from `path`; see load_yaml."""
    try:
        node = yaml.compose(text, Loader=_CoreSchemaLoader)
    except _TooDeep as error:
        raise InputError(
            f"nested deeper than {MAX_DEPTH} levels", place=Place(path, error.line), remedy="Flatten it."
        ) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InputError(
            f"this is not valid YAML: {error.problem or error.context}",
            place=Place(path, mark.line + 1 if mark else None),
            remedy="Check the indentation, the colons and the quotes on this line and the one above.",
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(
            f"this is not valid YAML: {str(error).splitlines()[0]}",
            place=Place(path),
            remedy="Mend the file.",
        ) from error
    lines: dict[KeyPath, int] = {}
    value = _construct(node, (), lines, path, set()) if node is not None else None
    return YamlFile(path, value, lines)


def _construct(node: yaml.Node, key_path: KeyPath, lines: dict[KeyPath, int], path: Path | str, seen: set[int]) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(key_path, line)
    if id(node) in seen:
        raise InputError(
            "YAML aliases are not read here", place=Place(path, line), remedy="Write the value out in full."
        )
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, path)
    if node.tag not in PLAIN_COLLECTIONS:
        raise _tagged(node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*key_path, i), lines, path, seen) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, key_path, lines, path, seen)
    raise InputError("unknown YAML node", place=Place(path, line), remedy="Write plain YAML.")


def _mapping(
    node: yaml.MappingNode, key_path: KeyPath, lines: dict[KeyPath, int], path: Path | str, seen: set[int]
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = Place(path, key_node.start_mark.line + 1)
        if not isinstance(key_node, yaml.ScalarNode):
            raise InputError("a key must be plain text", place=place, remedy="Quote the key.")
        key = key_node.value
        if key in result:
            raise InputError(f"the key {key!r} is given twice", place=place, remedy="Keep one of the two.")
        lines[(*key_path, key)] = key_node.start_mark.line + 1
        result[key] = _construct(value_node, (*key_path, key), lines, path, seen)
    return result


def _scalar(node: yaml.Node, path: Path | str) -> Any:
    read = _SCALARS.get(node.tag)
    if read is None:
        raise _tagged(node, path)
    try:
        return read(node.value)
    except (ValueError, KeyError) as error:  # an explicit tag on something else, or a number of thousands of digits
        raise InputError(
            f"this is not a value of the kind {node.tag.rpartition(':')[2]}",
            place=Place(path, node.start_mark.line + 1),
            remedy="Correct the value, or quote it if it is text.",
        ) from error


def _float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: {"true": True, "false": False}[text.lower()],
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": _float,
}


def _tagged(node: yaml.Node, path: Path | str) -> InputError:
    return InputError(
        f"the tag {node.tag} is not read here",
        place=Place(path, node.start_mark.line + 1),
        remedy="Write the value without a tag.",
    )
