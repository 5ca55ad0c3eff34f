"""What is used of a backend of ibis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow

Expression = Any
"""An expression of ibis, whose types are there with the extra only."""


class Backend(Protocol):
    """One connection to a warehouse."""

    name: str

    def table(self, name: str, /, *, database: tuple[str, ...] | None = None) -> Expression:
        """Return a table as an expression."""

    def compile(self, expression: Expression, /) -> str:
        """Write the SQL of an expression."""

    def to_pyarrow(self, expression: Expression, /) -> pyarrow.Table:
        """Run an expression."""

    def disconnect(self) -> None:
        """Let go of the connection."""
