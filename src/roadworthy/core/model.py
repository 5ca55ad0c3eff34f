"""Models that people write as files: strict, frozen, and with errors that point at the line."""

from __future__ import annotations

import typing
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.core.names import did_you_mean, nearest
from roadworthy.core.yaml_file import KeyPath, YamlFile, load_yaml


class FileModel(BaseModel):
    """Base of every model that a file is read into: unknown keys are errors, instances do not change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=False, use_attribute_docstrings=True, allow_inf_nan=False
    )


Model = TypeVar("Model", bound=FileModel)


def read_model(model: type[Model], path: Path) -> Model:
    """Read the YAML file at `path` into `model`.

    Raises InputErrors that name file, line, cause and the nearest known key, all problems at once.
    """
    return build_model(model, load_yaml(path))


def build_model(model: type[Model], source: YamlFile, key_path: KeyPath = ()) -> Model:
    """Build `model` from the value at `key_path` of a parsed file; errors name its lines."""
    value = source.value
    for part in key_path:
        value = value[part]
    if not isinstance(value, dict):
        raise InputError(
            "expected keys and values here" if value is not None else "the file is empty",
            place=source.place(key_path),
            remedy=f"It needs at least: {', '.join(_required(model)) or 'one key'}.",
        )
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InputErrors([_explain(model, source, key_path, dict(e)) for e in error.errors()]) from error


def _required(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items() if field.is_required()]


def _explain(model: type[BaseModel], source: YamlFile, base: KeyPath, error: dict[str, Any]) -> InputError:
    loc = tuple(part for part in error["loc"])
    written = _written_path(source.value, base, loc)
    place: Place = source.place(written)
    name = ".".join(str(part) for part in written[len(base) :])
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        return InputError(f"unknown key {str(loc[-1])!r}", place=place, remedy=did_you_mean(str(loc[-1]), known))
    if error["type"] in {"enum", "literal_error"} and isinstance(error.get("input"), str):
        choices = str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").replace("'", "").split(", ")
        problem = f"{name}: {error['input']!r} is not one of the values this key takes"
        return InputError(problem, place=place, remedy=_choose(error["input"], choices))
    if error["type"] == "missing":
        return InputError(f"the key {name!r} is missing", place=place, remedy=f"Add '{loc[-1]}:'.")
    message = error["msg"].removeprefix("Value error, ")
    given = error.get("input")
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) or given is None else ""
    return InputError(
        f"{name or 'the file'}: {message[:1].lower()}{message[1:]}{shown}",
        place=place,
        remedy="Correct this value.",
    )


def _choose(given: str, choices: list[str]) -> str:
    close = nearest(given, choices)
    return f"Did you mean {close!r}?" if close else f"Known: {', '.join(choices)}."


def _written_path(value: Any, base: KeyPath, loc: tuple[Any, ...]) -> KeyPath:
    """Keep the parts of a pydantic location that are keys or indexes of the file; drop union branch names."""
    path: list[str | int] = list(base)
    for part in base:
        value = value[part]
    for position, part in enumerate(loc):
        last = position == len(loc) - 1
        inside = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if inside:
            value = value[part]
            path.append(part)
        elif last:
            path.append(part)
    return tuple(path)


def _known_keys(model: type[BaseModel], loc: tuple[Any, ...]) -> set[str]:
    """Collect the keys that the models at `loc` know."""
    current: list[Any] = [model]
    for part in loc:
        following: list[Any] = []
        for kind in current:
            if isinstance(kind, type) and issubclass(kind, BaseModel) and part in kind.model_fields:
                following += _models_in(kind.model_fields[part].annotation)
        if following:
            current = following
    return {
        field.alias or name
        for kind in current
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name, field in kind.model_fields.items()
    }


def _models_in(annotation: Any) -> list[Any]:
    """List the model classes that occur inside an annotation such as list[Tool] | None."""
    if not typing.get_args(annotation):
        return [annotation] if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
    return [found for argument in typing.get_args(annotation) for found in _models_in(argument)]
