"""Pages by key: a page begins after the sort value and primary key of a row; the last page costs what the first does.

Unknown values stand above all others, as PostgreSQL has them: last upwards, first downwards, on SQLite too.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan

from roadworthy.core.errors import InputError

LARGEST = 2**63 - 1
LONGEST = 2000
"""Characters of a cursor."""


@dataclass(frozen=True)
class Key:
    """What rows are ordered by: one field (or annotation), then the primary key in the same direction."""

    field: str
    """Empty: the primary key alone."""
    down: bool
    nullable: bool = False
    source: Any = None
    """Field of the model that a value is read with, where it is known."""

    @property
    def names(self) -> list[str]:
        """Return the names that a cursor holds the values of."""
        return [self.field, "pk"] if self.field else ["pk"]


def key_of(rows: QuerySet[Any], order: str) -> Key:
    """Return the key for an order such as `-title`; looks up whether it can be null."""
    name, down = order.lstrip("-"), order.startswith("-")
    if name in {"", "pk", "id"}:
        return Key("", down)
    if name in rows.query.annotations:
        return Key(name, down, True, getattr(rows.query.annotations[name], "output_field", None))
    source, nullable = _field(rows.model, name)
    return Key(name, down, nullable, source)


def _field(model: type[Model], path: str) -> tuple[Field[Any, Any] | None, bool]:
    """Return the field that a path leads to, and whether the path can end in null."""
    nullable, found = False, None
    for part in path.split("__"):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None, True
        nullable = nullable or bool(getattr(found, "null", False))
        if found.related_model is not None:
            model = found.related_model
    return found if isinstance(found, Field) else None, nullable


def cut(rows: QuerySet[Any], key: Key, size: int, after: str = "", before: str = "") -> tuple[list[Any], str, str]:
    """Return the rows of a page, the cursor of the next one and that of the one before; empty where there is none."""
    back = bool(before) and not after
    down = key.down != back
    if cursor := after or before:
        rows = rows.filter(_beyond(key, _values(key, cursor), down))
    found = list(ordered(rows, key, down)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    if not found:
        return [], "", ""
    has_next, has_before = (True, more) if back else (more, bool(after))
    first, last = make_cursor(found[0], key.names), make_cursor(found[-1], key.names)
    return found, last if has_next else "", first if has_before else ""


def ordered(rows: QuerySet[Any], key: Key, down: bool | None = None) -> QuerySet[Any]:
    """Return rows in the order of a key."""
    falls = key.down if down is None else down
    order = []
    for name in key.names:
        column = F(name)
        if not (key.nullable and name == key.field):
            order.append(column.desc() if falls else column.asc())
        else:
            order.append(column.desc(nulls_first=True) if falls else column.asc(nulls_last=True))
    return rows.order_by(*order)


def _beyond(key: Key, values: list[Any], down: bool) -> Any:
    """Return the condition on rows that come after those values."""
    word, further = ("lt", TupleLessThan) if down else ("gt", TupleGreaterThan)
    if not key.field:
        return Q(**{f"pk__{word}": values[0]})
    value, number = values
    if not key.nullable:
        return further((F(key.field), F("pk")), (value, number))
    unknown = Q(**{f"{key.field}__isnull": True})
    if value is None:
        rest = unknown & Q(**{f"pk__{word}": number})
        return rest | ~unknown if down else rest
    known = Q(**{f"{key.field}__{word}": value}) | Q(**{key.field: value, f"pk__{word}": number})
    return known if down else known | unknown


def make_cursor(row: Model, names: Sequence[str]) -> str:
    """Write the place of a row as a cursor."""
    values = [_plain(_follow(row, name)) for name in names]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """Read a cursor, whose last value is a primary key; raises InputError when it is none of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text[:LONGEST] + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        values = None
    if not isinstance(values, list) or len(values) != length or not all(_sound(one) for one in values):
        raise _none_of_ours()
    if not isinstance(values[-1], int):
        raise _none_of_ours()
    return values


def _values(key: Key, cursor: str) -> list[Any]:
    values = read_cursor(cursor, len(key.names))
    if len(values) == 1 or values[0] is None:
        if key.field and not key.nullable:
            raise _none_of_ours()
        return values
    try:
        value = key.source.to_python(values[0]) if key.source is not None else values[0]
    except (ValidationError, ValueError, TypeError, OverflowError, ArithmeticError) as error:
        raise _none_of_ours() from error
    return [value, values[1]]


def _none_of_ours() -> InputError:
    return InputError("this cursor is none of ours", remedy="Begin at the first page.")


def _sound(value: Any) -> bool:
    """Tell whether a value is one that a cursor of ours can hold."""
    if value is None:
        return True
    if isinstance(value, str):
        return "\0" not in value and not _lone(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and abs(value) <= LARGEST


def _lone(value: str) -> bool:
    """Tell whether text holds half of a surrogate pair, which no database takes."""
    return any("\ud800" <= character <= "\udfff" for character in value)


def _follow(row: Any, name: str) -> Any:
    for part in name.split("__"):
        row = getattr(row, part) if row is not None else None
    return row


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Model):
        return value.pk
    return value
