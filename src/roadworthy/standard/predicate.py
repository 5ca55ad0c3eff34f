"""Predicates: CEL over the declared system, type-checked when loaded, explained when they hold."""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError, Place
from roadworthy.declare.system import System
from roadworthy.standard.expression import read_expression
from roadworthy.standard.type_check import Mismatch, Type, TypeChecker

SHOWN = 6
"""Values of a declared list that are shown."""


@dataclass(frozen=True)
class Predicate:
    """A checked CEL expression over `system`."""

    source: str
    paths: tuple[str, ...]
    """The declared fields that it reads, in order: `system.decision.about_people`."""
    keys: tuple[tuple[str, str], ...]
    """Keys of free maps that it reads: (`guard`, `pii`)."""

    def holds(self, facts: dict[str, Any]) -> bool:
        """Evaluate over `facts` (see system_facts).

        Raises InputError when a key is missing or the result is not a boolean: the caller takes the stricter side.
        """
        for name, key in self.keys:
            if key not in facts.get(name, {}):
                raise InputError(
                    f"the predicate {self.source!r} reads system.{name}.{key}, which is not declared",
                    remedy=f"Declare '{key}' under '{name}' in roadworthy.yaml.",
                )
        try:
            result = _program(self.source).execute({"system": facts})
        except Exception as error:  # the Rust binding raises many types
            raise InputError(f"the predicate {self.source!r} failed: {error}", remedy="Mend the standard.") from error
        if not isinstance(result, bool):
            raise InputError(f"the predicate {self.source!r} gave {result!r}, not true or false", remedy="Mend it.")
        return result

    def facts_read(self, facts: dict[str, Any]) -> dict[str, str]:
        """Return the declared facts that the predicate reads, as text."""
        return {path: _shown(path, facts) for path in self.paths}


def system_facts(system: System) -> dict[str, Any]:
    """Return the declared system as the plain values that predicates see; absent fields are their defaults."""
    return system.model_dump(mode="json")


def load_predicate(source: str, place: Place | None = None) -> Predicate:
    """Check `source` and return it as a predicate.

    Raises InputError, at `place`, on bad syntax, an unknown field (with the nearest known one), a comparison of a field
    with a value that it cannot take, an ordering of a field that may be absent, or a result that is not a boolean.
    """
    try:
        _program(source)
        checker = TypeChecker()
        result = checker.check(read_expression(source), {"system": Type("model", System)})
        if result.name != "bool":
            raise Mismatch(f"it yields a {result.name}, not true or false", "End it with a comparison.")
    except Mismatch as error:
        raise InputError(f"predicate {source!r}: {error}", place=place, remedy=error.remedy) from error
    except ValueError as error:
        raise InputError(
            f"predicate {source!r}: {str(error).splitlines()[0]}",
            place=place,
            remedy="Check it against CEL's syntax.",
        ) from error
    return Predicate(source, tuple(dict.fromkeys(checker.paths)), tuple(checker.keys - checker.guarded))


@functools.lru_cache(maxsize=1024)
def _program(source: str) -> Any:
    return _engine().compile(source)


@functools.cache
def _engine() -> Any:
    """Load CEL's engine without the shell that its package imports, which would cost 0.3 s of CPU at every start."""
    package = importlib.util.find_spec("cel")
    folders = package.submodule_search_locations if package else None
    for suffix in importlib.machinery.EXTENSION_SUFFIXES:
        for folder in folders or []:
            file = Path(folder) / f"cel{suffix}"
            spec = importlib.util.spec_from_file_location("cel.cel", file) if file.is_file() else None
            if spec and spec.loader:
                engine = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(engine)
                return engine
    return importlib.import_module("cel")


def _shown(path: str, facts: dict[str, Any]) -> str:
    values: list[Any] = [facts]
    for part in path.removeprefix("system").strip(".").split("."):
        if part:
            values = [value.get(part) for value in values if isinstance(value, dict)]
            values = [item for value in values for item in (value if isinstance(value, list) else [value])]
    shown = list(dict.fromkeys("absent" if value is None else _plain(value) for value in values))
    more = f" and {len(shown) - SHOWN:,} more" if len(shown) > SHOWN else ""
    return ", ".join(shown[:SHOWN]) + more or "none"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return str(value.get("id") or "declared")
    return str(value)
