"""Read a CEL expression into a small tree, so that every field it names can be checked before it is trusted.

The library that evaluates CEL does not show its syntax tree, and CEL itself lets `error || true` pass. This reader
covers the part of CEL that predicates use (https://github.com/google/cel-spec): literals, lists, fields, indexes,
calls, macros and the operators. Whatever it cannot read is refused when the standard is loaded.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.\d+(?:[eE][-+]?\d+)?|\d+)
    | (?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<operator>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])
    )""",
    re.VERBOSE,
)
BINARY = [["||"], ["&&"], ["==", "!=", "<", "<=", ">", ">=", "in"], ["+", "-"], ["*", "/", "%"]]


@dataclass(frozen=True)
class Literal:
    """A number, text, true, false or null."""

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True)
class Field:
    """`of.name`."""

    of: Node
    name: str


@dataclass(frozen=True)
class Index:
    """`of[at]`."""

    of: Node
    at: Node


@dataclass(frozen=True)
class Call:
    """`name(arguments)`, or `of.name(arguments)`."""

    of: Node | None
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Operation:
    """An operator with its operands; `?:` has three."""

    operator: str
    operands: tuple[Node, ...]


Node = Literal | Name | Field | Index | Call | ListOf | Operation


def read_expression(text: str) -> Node:
    """Parse `text`; raises ValueError with what was met and where."""
    reader = _Reader(_tokens(text))
    node = reader.ternary()
    if reader.peek() is not None:
        raise ValueError(f"unexpected {reader.peek()!r}")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"cannot read {text[at : at + 12].strip()!r}")
        tokens.append((str(match.lastgroup), match.group(str(match.lastgroup))))
        at = match.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> str | None:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, expected: str | None = None) -> tuple[str, str]:
        if self.at >= len(self.tokens) or (expected and self.tokens[self.at][1] != expected):
            raise ValueError(f"expected {expected or 'more'!r}, found {self.peek()!r}")
        self.at += 1
        return self.tokens[self.at - 1]

    def accept(self, *operators: str) -> str | None:
        token = self.tokens[self.at] if self.at < len(self.tokens) else None
        if token and token[1] in operators and token[0] != "string":
            self.at += 1
            return token[1]
        return None

    def ternary(self) -> Node:
        condition = self.binary(0)
        if not self.accept("?"):
            return condition
        yes = self.ternary()
        self.take(":")
        return Operation("?:", (condition, yes, self.ternary()))

    def binary(self, level: int) -> Node:
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while operator := self.accept(*BINARY[level]):
            left = Operation(operator, (left, self.binary(level + 1)))
        return left

    def unary(self) -> Node:
        if operator := self.accept("!", "-"):
            return Operation(operator, (self.unary(),))
        return self.member()

    def member(self) -> Node:
        node = self.primary()
        while True:
            if self.accept("."):
                name = self.take()[1]
                node = Call(node, name, self.arguments()) if self.accept("(") else Field(node, name)
            elif self.accept("["):
                node = Index(node, self.ternary())
                self.take("]")
            else:
                return node

    def primary(self) -> Node:
        kind, text = self.take()
        if kind == "number":
            return Literal(float(text) if "." in text else int(text))
        if kind == "string":
            return Literal(json.loads(text) if text[0] == '"' else text[1:-1])
        if kind == "name":
            return self.named(text)
        if text == "(":
            node = self.ternary()
            self.take(")")
            return node
        if text == "[":
            return ListOf(self.items("]"))
        raise ValueError(f"unexpected {text!r}")

    def named(self, text: str) -> Node:
        constants = {"true": True, "false": False, "null": None}
        if text in constants:
            return Literal(constants[text])
        return Call(None, text, self.arguments()) if self.accept("(") else Name(text)

    def arguments(self) -> tuple[Node, ...]:
        return self.items(")")

    def items(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while not self.accept(end):
            if items:
                self.take(",")
            items.append(self.ternary())
        return tuple(items)
