"""One error tree. Each error says what happened, where, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A place in a file that the user can open."""

    file: Path | str
    line: int | None = None
    """Counted from 1."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


class RoadworthyError(Exception):
    """Base of every error that Roadworthy raises on purpose.

    `problem` is one sentence without a full stop; `remedy` says what to do next.
    """

    exit_code = 2

    def __init__(self, problem: str, *, place: Place | None = None, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.place = place
        self.remedy = remedy

    def diagnostics(self) -> str:
        """Write the sentence a person needs: place, problem, remedy."""
        text = f"{self.place}: {self.problem}" if self.place else self.problem
        return f"{text}\n  {self.remedy}" if self.remedy else text

    def __str__(self) -> str:
        return self.diagnostics()


class InputError(RoadworthyError):
    """A file or an argument that cannot be read as what it should be."""


class InputErrors(InputError):
    """Several input errors found in one pass, so that a user mends them together."""

    def __init__(self, errors: list[InputError]) -> None:
        self.errors = errors
        first = f": {errors[0].problem}" if errors else ""
        super().__init__(f"{len(errors)} problem{'s' if len(errors) != 1 else ''}{first}")

    def diagnostics(self) -> str:
        """List every problem, one after the other."""
        return "\n".join(error.diagnostics() for error in self.errors)


class EvidenceError(RoadworthyError):
    """Evidence, ledger or bundle that is missing, unreadable, altered or not trusted."""


class StorageError(RoadworthyError):
    """The disk would not take or give what was asked of it."""


class MissingExtra(RoadworthyError):
    """An optional library is needed and absent."""

    def __init__(self, library: str, extra: str, why: str) -> None:
        super().__init__(f"{why} needs {library}, which is not installed", remedy=f"pip install 'roadworthy[{extra}]'")
