"""A connection to a warehouse: opened by address, with the address kept out of everything that is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from roadworthy.core.errors import InputError, MissingExtra, Place, RoadworthyError
from roadworthy.evaluate.environment import variable
from roadworthy.evaluate.warehouse.backend import Backend, Expression
from roadworthy.evaluate.warehouse.kinds import KINDS, Kind
from roadworthy.evaluate.warehouse.spec import WarehouseSpec

if TYPE_CHECKING:
    import pyarrow

_SHOWN = 400


class Warehouse:
    """An open warehouse and the table in question."""

    def __init__(
        self, spec: WarehouseSpec, kind: Kind, backend: Backend, secrets: tuple[str, ...], place: Place | None
    ) -> None:
        self.spec, self.kind, self.backend = spec, kind, backend
        self._secrets, self._place = secrets, place

    def table(self) -> Expression:
        """Return the table as an expression. Raises InputError when it is not there."""
        return self._try(
            f"the table {self.spec.table} cannot be opened",
            lambda: self.backend.table(self.spec.name, database=self.spec.database or None),
        )

    def run(self, expression: Expression) -> pyarrow.Table:
        """Run an expression, after a check that the warehouse has every verb in it.

        Raises InputError that names the first verb that it lacks, before anything runs.
        """
        self.refuse_missing_verbs(expression)
        return self._try(f"{self.spec.table} cannot be read", lambda: self.backend.to_pyarrow(expression))

    def refuse_missing_verbs(self, expression: Expression) -> None:
        """Raise InputError when an operation of the expression has no translation for this warehouse."""
        from ibis.common.exceptions import IbisError, OperationNotDefinedError, UnsupportedOperationError

        try:
            self.backend.compile(expression)
        except (OperationNotDefinedError, UnsupportedOperationError) as error:
            verb = next(iter(_quoted_words(str(error))), str(error))
            raise InputError(
                f"{self.backend.name} has no verb {verb!r}, which counting {self.spec.table} needs",
                place=self._place,
                remedy="Make a view in the warehouse that has the columns without it, and name the view.",
            ) from error
        except IbisError as error:
            raise self._failed(f"{self.spec.table} cannot be counted", error) from None

    def _try(self, what: str, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except RoadworthyError:
            raise
        except Exception as error:
            # The cause is left out: drivers put the address, with its password, into theirs.
            raise self._failed(what, error) from None

    def _failed(self, what: str, error: Exception) -> InputError:
        return _said(what, error, self._secrets, self._place)


@contextmanager
def open_warehouse(spec: WarehouseSpec, place: Place | None) -> Iterator[Warehouse]:
    """Connect to the warehouse that the environment names.

    Raises InputError when the variable is not set, the kind of warehouse is not known or it does not answer;
    MissingExtra when ibis is not installed. No error and no result holds the address.
    """
    address = variable(spec.connection_env, place)
    scheme = address.partition("://")[0].lower() if "://" in address else ""
    kind = KINDS.get(scheme)
    if kind is None:
        raise InputError(
            f"the address in {spec.connection_env} starts with none of the known warehouses",
            place=place,
            remedy=f"Known: {', '.join(f'{name}://' for name in sorted(KINDS))}",
        )
    try:
        import ibis  # noqa: F401
    except ImportError as error:
        raise MissingExtra("ibis", "warehouse", "a dataset in a warehouse") from error
    secrets = _secrets(address)
    try:
        backend = kind.connect(address)
    except RoadworthyError:
        raise
    except Exception as error:
        raise _said(f"the warehouse in {spec.connection_env} cannot be reached", error, secrets, place) from None
    try:
        yield Warehouse(spec, kind, backend, secrets, place)
    finally:
        backend.disconnect()


def _secrets(address: str) -> tuple[str, ...]:
    """List the parts of an address that must not be repeated, the longest first."""
    rest = address.partition("://")[2]
    # A password with a bare slash or colon makes an address that no parser reads; its pieces are secret all the same.
    before_host = re.split(r"[:/?#]", rest.rpartition("@")[0])[1:]
    query = rest.partition("?")[2]
    given = [address, rest, rest.rpartition("@")[0], *before_host, query, *(value for _, value in parse_qsl(query))]
    return tuple(sorted({form for text in given if text for form in (text, unquote(text))}, key=len, reverse=True))


def _said(what: str, error: Exception, secrets: tuple[str, ...], place: Place | None) -> InputError:
    text = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    for secret in secrets:
        text = text.replace(secret, "***")
    return InputError(
        f"{what}: {text[:_SHOWN]}", place=place, remedy="Check the address, the rights and the name of the table."
    )


def _quoted_words(text: str) -> list[str]:
    """Return what stands in single quotes: ibis names the operation so."""
    return text.split("'")[1::2]
