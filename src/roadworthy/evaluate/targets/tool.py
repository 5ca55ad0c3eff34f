"""A tool of an agent: a Python function of the team, and how a model is told of it."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticSchemaGenerationError, PydanticUndefinedAnnotation

from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.callables import load_function
from roadworthy.evaluate.targets.chat import ToolSchema
from roadworthy.evaluate.template import as_text

_SHOWN = 200


class ToolSpec(FileModel):
    """A tool as a suite writes it; what is left out is read from the function."""

    function: str
    """module:function, or file.py:function beside the suite; plain or async."""
    name: str | None = None
    """What the model calls it; the function's own name unless given."""
    description: str | None = None
    """What it does; the function's docstring unless given."""
    parameters: dict[str, Any] | None = None
    """JSON Schema of its arguments; read from the function's signature unless given."""

    @property
    def called(self) -> str:
        """Return the name by which the model calls it."""
        return self.name or self.function.rpartition(":")[2]


@dataclass(frozen=True)
class Tool:
    """A tool, ready to be called."""

    schema: ToolSchema
    function: Callable[..., Any]
    arguments: type[BaseModel] | None
    """Checks the arguments; None where the suite gives the schema, and the function must check them."""

    async def call(self, arguments: Any, before: tuple[Any, ...]) -> str:
        """Call the function and return what it gives back as text; a plain one runs in a thread.

        `before` are arguments that the model does not choose. Raises ValueError on arguments that do not fit.
        """
        given = self._checked(arguments)
        if inspect.iscoroutinefunction(self.function):
            return _written(await self.function(*before, **given))
        return _written(await asyncio.to_thread(self.function, *before, **given))

    def _checked(self, arguments: Any) -> dict[str, Any]:
        if not isinstance(arguments, dict):
            raise ValueError("the arguments are not a JSON object")
        if self.arguments is None:
            return arguments
        try:
            checked = self.arguments.model_validate(arguments)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ValueError(f"the arguments do not fit: {wrong}"[:_SHOWN]) from error
        return {name: getattr(checked, name) for name in checked.model_fields_set}


def load_tool(spec: ToolSpec, folder: Path, place: Place | None, *, given_first: int) -> Tool:
    """Import the function of a tool; its first `given_first` arguments are not the model's to choose.

    Raises InputError when there is no such function, or its signature does not say what the arguments are.
    """
    function = load_function(spec.function, folder, place)
    described = spec.description or inspect.getdoc(function) or ""
    if spec.parameters is not None:
        return Tool(ToolSchema(spec.called, described, spec.parameters), function, None)
    try:
        arguments = _model(spec.called, function, given_first)
        schema = arguments.model_json_schema()
    except (PydanticSchemaGenerationError, PydanticUndefinedAnnotation, NameError, TypeError, ValueError) as error:
        raise InputError(
            f"the signature of {spec.function} does not say what its arguments are: {error}".splitlines()[0],
            place=place,
            remedy="Annotate each argument with a type of JSON, or give 'parameters:' (JSON Schema) for the tool.",
        ) from error
    return Tool(ToolSchema(spec.called, described, _plain(schema)), function, arguments)


def _model(name: str, function: Callable[..., Any], given_first: int) -> type[BaseModel]:
    """Make a model of the arguments from the signature."""
    arguments = list(inspect.signature(function, eval_str=True).parameters.values())[given_first:]
    fields: dict[str, Any] = {}
    for argument in arguments:
        if argument.kind not in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
            raise TypeError(f"the argument {argument.name!r} has no name of its own")
        if argument.annotation is argument.empty:
            raise TypeError(f"the argument {argument.name!r} has no type")
        fields[argument.name] = (argument.annotation, ... if argument.default is argument.empty else argument.default)
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Leave out the titles that come from Python names; they tell a model nothing."""
    inside = {
        name: {key: value for key, value in about.items() if key != "title"}
        for name, about in schema.get("properties", {}).items()
    }
    return {**{key: value for key, value in schema.items() if key != "title"}, "properties": inside}


def _written(value: Any) -> str:
    """Write a result for the model: text as it is, everything else as JSON."""
    return as_text(TypeAdapter(Any).dump_python(value, mode="json"))
