"""Text with `{column}` places that a row of a dataset fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][\w.\- ]*)\}")


@dataclass(frozen=True)
class Template:
    """A text whose `{column}` places are filled from a row; `{{` and `}}` stand for braces.

    Braces around anything that cannot be a column name, such as JSON in a prompt, stay as they are.
    """

    text: str

    @cached_property
    def columns(self) -> frozenset[str]:
        """Names of the columns that it reads."""
        return frozenset(m.group(1) for m in _PLACE.finditer(self.text) if m.group(1))

    @cached_property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """Return the text in pieces: name of a column and true, or plain text and false."""
        found: list[tuple[str, bool]] = []
        at = 0
        for match in _PLACE.finditer(self.text):
            name = match.group(1)
            found += [(self.text[at : match.start()], False), (name or match.group(0)[0], bool(name))]
            at = match.end()
        found.append((self.text[at:], False))
        return tuple((text, column) for text, column in found if text)

    @cached_property
    def _only_column(self) -> str | None:
        whole = _PLACE.fullmatch(self.text)
        return whole.group(1) if whole else None

    def render(self, fields: Mapping[str, Any]) -> str:
        """Fill every place as text."""
        if self._only_column is not None:
            return as_text(lookup(fields, self._only_column))
        if "{" not in self.text and "}" not in self.text:
            return self.text
        return _PLACE.sub(lambda m: self._fill(m, fields), self.text)

    def value(self, fields: Mapping[str, Any]) -> Any:
        """Return the column itself, whatever its type, when the text is one place only; else render it."""
        if self._only_column is not None:
            return lookup(fields, self._only_column)
        return self.render(fields)

    def _fill(self, match: re.Match[str], fields: Mapping[str, Any]) -> str:
        name = match.group(1)
        return as_text(lookup(fields, name)) if name else match.group(0)[0]


def column_or_template(text: str) -> Template:
    """Read `text` as a template when it has a place, else as the name of one column."""
    return Template(text) if _PLACE.search(text) else Template("{" + text + "}")


def lookup(fields: Mapping[str, Any], name: str) -> Any:
    """Return the field `name`; a dotted name also reaches into nested objects. Raises KeyError."""
    if name in fields:
        return fields[name]
    value: Any = fields
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise KeyError(name)
        value = value[part]
    return value


def as_text(value: Any) -> str:
    """Write a field as text: null is empty, true and false as in JSON, objects as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return msgspec.json.encode(value).decode()
