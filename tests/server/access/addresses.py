"""Every address of the server, as the URLconf has it, with the methods that the table of doors knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, URLResolver, get_resolver

from roadworthy.server.access.doors import Opening, doors

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Address:
    """One name of the URLconf."""

    name: str
    route: str
    arguments: tuple[str, ...] = field(default=())


def addresses() -> list[Address]:
    """Return every address once."""
    return list({address.name: address for address in _walk(get_resolver())}.values())


def openings() -> dict[tuple[str, str], Opening]:
    """Return the table of doors by method and name."""
    get_resolver().url_patterns  # noqa: B018 - the URLconf brings in the doors of the API
    return {(door.split(" ", 1)[0], door.split(" ", 1)[1]): opening for door, opening in doors().items()}


def _walk(resolver: URLResolver, space: str = "", route: str = "", above: tuple[str, ...] = ()) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        arguments = above + tuple(entry.pattern.converters) + tuple(entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, inner, route + str(entry.pattern), arguments)
        elif isinstance(entry, URLPattern):
            yield Address(f"{space}{entry.name or ''}", route + str(entry.pattern), tuple(dict.fromkeys(arguments)))
