"""Check the types in an expression before it is trusted: every field known, every comparison one that can be true."""

from __future__ import annotations

import enum
import types
import typing
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from roadworthy.core.names import did_you_mean
from roadworthy.standard.expression import (
    Call,
    Field,
    Index,
    ListOf,
    Literal,
    Name,
    Node,
    Operation,
)

MACROS = {"exists", "all", "exists_one", "filter", "map"}
METHODS = {"startsWith", "endsWith", "contains", "matches", "lowerAscii"}
ORDERINGS = {"<", "<=", ">", ">="}


@dataclass(frozen=True)
class Type:
    """What an expression yields."""

    name: str
    """bool, number, text, list, map, model, null or nothing."""
    of: Any = None
    """Item type of a list or map, or the class of a model."""
    known: frozenset[str] = frozenset()
    """The values that a text of an enumeration can take."""
    optional: bool = False
    """The declaration may leave it out (null)."""


BOOL, NUMBER, TEXT, NULL = Type("bool"), Type("number"), Type("text"), Type("null")


class Mismatch(ValueError):
    """What does not fit, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


class TypeChecker:
    """Infer the type of each node, and collect the fields that are read."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.keys: set[tuple[str, str]] = set()
        self.guarded: set[tuple[str, str]] = set()

    def check(self, node: Node, scope: dict[str, Type]) -> Type:
        match node:
            case Literal(value):
                return _literal_type(value)
            case Name(name):
                if name not in scope:
                    raise Mismatch(f"unknown name {name!r}", did_you_mean(name, scope))
                return scope[name]
            case ListOf(items):
                types_ = [self.check(item, scope) for item in items]
                known = frozenset(str(i.value) for i in items if isinstance(i, Literal))
                return Type("list", types_[0] if types_ else NULL, known)
            case Field(of, name):
                return self.field(of, name, scope)
            case Index(of, at):
                return self.index(of, at, scope)
            case Call():
                return self.call(node, scope)
            case Operation(operator, operands):
                return self.operation(operator, operands, scope)

    def field(self, of: Node, name: str, scope: dict[str, Type]) -> Type:
        owner = self.check(of, scope)
        if owner.name == "map":
            self.keys.add((_path(of).removeprefix("system."), name))
            return Type("nothing", optional=False)
        if owner.name != "model":
            raise Mismatch(f"a {owner.name} has no field {name!r}", "Use exists(x, ...) on a list.")
        if owner.optional:
            raise Mismatch(f"{_path(of)} may be absent", f"Test '{_path(of)} != null' in a field of its own.")
        known = owner.of.model_fields
        if name not in known:
            raise Mismatch(f"unknown field {name!r} in {_path(of)}", did_you_mean(name, known))
        result = _annotation_type(known[name].annotation)
        path = _path(Field(of, name), {k: str(v.known_path) for k, v in scope.items() if isinstance(v, _Bound)})
        if result.name != "model":
            self.paths.append(path)
        return result

    def index(self, of: Node, at: Node, scope: dict[str, Type]) -> Type:
        owner = self.check(of, scope)
        if owner.name == "map" and isinstance(at, Literal):
            return self.field(of, str(at.value), scope)
        raise Mismatch("an index by position can miss", "Use exists(x, ...) or all(x, ...).")

    def call(self, node: Call, scope: dict[str, Type]) -> Type:
        if node.of is None:
            return self.function(node, scope)
        owner = self.check(node.of, scope)
        if node.name in MACROS:
            return self.macro(node, owner, scope)
        if node.name in METHODS and owner.name == "text":
            if owner.optional:
                raise Mismatch(f"{_path(node.of)} may be absent", "Compare it with null instead.")
            for argument in node.arguments:
                kind = self.check(argument, scope)
                if kind.name not in {"text", "nothing"} or kind.optional:
                    raise Mismatch(f"{node.name} does not take a {kind.name}", "Give it a text that is there.")
            return TEXT if node.name == "lowerAscii" else BOOL
        raise Mismatch(f"unknown method {node.name!r} of a {owner.name}", did_you_mean(node.name, MACROS | METHODS))

    def function(self, node: Call, scope: dict[str, Type]) -> Type:
        if node.name == "has" and len(node.arguments) == 1 and isinstance(node.arguments[0], Field):
            before = set(self.keys)
            self.check(node.arguments[0], scope)
            added = self.keys - before
            if self.check(node.arguments[0].of, scope).name != "map":  # a declared field is always there, as null
                raise Mismatch("has() always holds of a field", f"Write '{_path(node.arguments[0])} != null'.")
            self.guarded |= added
            return BOOL
        if node.name == "size" and len(node.arguments) == 1:
            self.check(node.arguments[0], scope)
            return NUMBER
        raise Mismatch(f"unknown function {node.name!r}", did_you_mean(node.name, {"has", "size"} | MACROS))

    def macro(self, node: Call, owner: Type, scope: dict[str, Type]) -> Type:
        if owner.name != "list" or len(node.arguments) != 2 or not isinstance(node.arguments[0], Name):
            raise Mismatch(f"{node.name} needs a list, a name and a condition", f"Write list.{node.name}(x, ...).")
        variable = node.arguments[0].name
        item: Type = owner.of
        paths = {k: v.known_path for k, v in scope.items() if isinstance(v, _Bound)}
        bound = _Bound(item.name, item.of, item.known, item.optional, _path(node.of, paths) if node.of else "")
        body = self.check(node.arguments[1], {**scope, variable: bound})
        if node.name == "map":
            return Type("list", body)
        if body.name != "bool":
            raise Mismatch(f"the condition of {node.name} is a {body.name}", "Write a comparison.")
        return owner if node.name == "filter" else BOOL

    def operation(self, operator: str, operands: tuple[Node, ...], scope: dict[str, Type]) -> Type:
        if operator == "in":
            return self.membership(operands, scope)
        kinds = [self.check(operand, scope) for operand in operands]
        if operator in {"&&", "||", "!"}:
            for kind in kinds:
                _require(kind, "bool", operator)
            return BOOL
        if operator == "?:":
            _require(kinds[0], "bool", operator)
            return kinds[1]
        if operator in {"==", "!="}:
            _comparable(kinds, operands)
            return BOOL
        for kind, operand in zip(kinds, operands, strict=True):
            if kind.optional:
                raise Mismatch(f"{_path(operand)} may be absent", "Compare it with null first.")
            if kind.name not in {"number", "text", "nothing"}:
                raise Mismatch(f"{operator} does not take a {kind.name}", "Compare numbers or text.")
        if len(names := {kind.name for kind in kinds} - {"nothing"}) > 1:
            raise Mismatch(f"{operator} does not take {' and '.join(sorted(names))}", "Compare values of one type.")
        return BOOL if operator in ORDERINGS else kinds[0]

    def membership(self, operands: tuple[Node, ...], scope: dict[str, Type]) -> Type:
        container = self.check(operands[1], scope)
        if container.name == "map" and isinstance(operands[0], Literal):
            self.guarded.add((_path(operands[1]).removeprefix("system."), str(operands[0].value)))
            return BOOL
        member = self.check(operands[0], scope)
        if container.name != "list":
            raise Mismatch(f"'in' needs a list, not a {container.name}", "Write x in [..].")
        names = {member.name, container.of.name} - {"nothing", "null"}
        if len(names) > 1:
            raise Mismatch(f"a {member.name} is never in a list of {container.of.name}", "Use exists(x, ...).")
        if isinstance(operands[0], Literal):
            _known_value(container.of, str(operands[0].value))
        for value in container.known if isinstance(operands[1], ListOf) else ():
            _known_value(member, value)
        return BOOL


@dataclass(frozen=True)
class _Bound(Type):
    """A macro's variable: its type, and the list that it runs over."""

    known_path: str = ""


def _path(node: Node, bound: dict[str, str] | None = None) -> str:
    if isinstance(node, Name):
        return (bound or {}).get(node.name, node.name)
    if isinstance(node, Field):
        return f"{_path(node.of, bound)}.{node.name}"
    if isinstance(node, Call) and node.of is not None:
        return _path(node.of, bound)
    return "this value"


def _require(kind: Type, name: str, operator: str) -> None:
    if kind.name not in {name, "nothing"}:
        raise Mismatch(f"{operator} needs true or false, not a {kind.name}", "Write a comparison.")


def _comparable(kinds: list[Type], operands: tuple[Node, ...]) -> None:
    left, right = kinds
    names = {left.name, right.name} - {"nothing"}
    if "null" in names:
        return
    if len(names) > 1:
        raise Mismatch(f"a {left.name} never equals a {right.name}", "Compare values of one type.")
    for kind, other in ((left, operands[1]), (right, operands[0])):
        if isinstance(other, Literal):
            _known_value(kind, str(other.value))


def _known_value(kind: Type, value: str) -> None:
    if kind.name == "text" and kind.known and value not in kind.known:
        raise Mismatch(f"{value!r} is not a value this field can take", did_you_mean(value, kind.known))


def _literal_type(value: object) -> Type:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    return NUMBER if isinstance(value, int | float) else TEXT


def _annotation_type(annotation: Any) -> Type:
    """Map a field's annotation to the type that CEL sees after the model is dumped as JSON."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _annotation_type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        kinds = [_annotation_type(a) for a in arguments if a is not type(None)]
        optional = type(None) in arguments
        first = kinds[0] if len(kinds) == 1 else Type("nothing")
        return Type(first.name, first.of, first.known, optional)
    if origin is list:
        return Type("list", _annotation_type(arguments[0]))
    if origin is dict:
        return Type("map", _annotation_type(arguments[1]))
    if issubclass(annotation, BaseModel):
        return Type("model", annotation)
    if issubclass(annotation, enum.StrEnum):
        return Type("text", known=frozenset(str(member) for member in annotation))
    if issubclass(annotation, bool):
        return BOOL
    if issubclass(annotation, int | float):
        return NUMBER
    if issubclass(annotation, str | date):
        return TEXT
    raise TypeError(f"no CEL type for {annotation}")
