"""docs/keys.md: every key of every file that people write, from the models that read them."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from _generate.markdown import code, page, table
from roadworthy.decide.policy_test import PolicyTest
from roadworthy.declare.system import System
from roadworthy.evaluate.suite import Suite
from roadworthy.standard.model import Control, Header, RegulatoryRule, Requirement, TierRule

INTRODUCTION = """Every key of every file that people write. A key that is not listed is an error that names the
file, the line and the nearest known key. `roadworthy schema system`, `roadworthy schema suite` and `roadworthy
schema standard` print the same as JSON Schema, for editors. How the files fit together:
[formats.md](formats.md). How to write a suite: [suites.md](suites.md)."""

FILES: dict[str, tuple[type[BaseModel], ...]] = {
    "roadworthy.yaml": (System,),
    "evals/NAME.yaml": (Suite,),
    "standard/standard.yaml": (Header,),
    "standard/**/NAME.yaml": (TierRule, RegulatoryRule, Control, Requirement),
    "standard/tests/NAME.yaml": (PolicyTest,),
}
PLAIN: dict[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}


def keys_page() -> str:
    """Write the page."""
    shown: set[type[BaseModel]] = set()
    return page("Keys of the files", INTRODUCTION, [_file(name, models, shown) for name, models in FILES.items()])


def _file(name: str, models: tuple[type[BaseModel], ...], shown: set[type[BaseModel]]) -> str:
    sections = []
    for model in reachable(models):
        if model not in shown:
            shown.add(model)
            sections.append(_model(model))
    return "\n\n".join([f"## {name}", *sections])


def reachable(models: tuple[type[BaseModel], ...]) -> list[type[BaseModel]]:
    """List `models` and every model that their keys hold, in the order of reading."""
    found: list[type[BaseModel]] = []
    waiting = list(models)
    while waiting:
        model = waiting.pop(0)
        if model not in found:
            found.append(model)
            inner = [part for field in model.model_fields.values() for part in _parts(field.annotation)]
            waiting = [part for part in inner if _is_model(part)] + waiting
    return found


def _model(model: type[BaseModel]) -> str:
    rows = [
        (code(field.alias or name), words(field.annotation), _default(field), _meaning(field))
        for name, field in model.model_fields.items()
    ]
    about = (inspect.getdoc(model) or "").splitlines()[0]
    return f"### {model.__name__}\n\n{about}\n\n{table(['key', 'value', 'default', 'meaning'], rows)}"


def words(annotation: Any) -> str:
    """Say in words what a key takes."""
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return words(arguments[0])
    if origin is typing.Literal:
        return ", ".join(code(value) for value in arguments)
    if origin in {list, tuple}:
        return f"list of {words(arguments[0])}"
    if origin is dict:
        return f"map to {words(arguments[1])}"
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(dict.fromkeys(words(a) for a in arguments if a is not type(None)))
    if _is_model(annotation):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    if _is_choice(annotation):
        return ", ".join(code(member.value) for member in annotation)
    return PLAIN.get(annotation, "anything")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value in ([], {}, ()) or isinstance(value, BaseModel):
        return "-"
    if isinstance(value, bool):
        return code(str(value).lower())
    return code(value)


def _meaning(field: FieldInfo) -> str:
    """Take the field's own words, else those of the type that it holds."""
    own = (part.__doc__ or "" for part in _parts(field.annotation) if _is_model(part) or _is_choice(part))
    return (field.description or next(own, "")).split("\n")[0]


def _is_choice(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, Enum)


def _parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _is_model(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)
