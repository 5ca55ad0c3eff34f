"""Where webhooks may go: public addresses only, unless the configuration says otherwise.

An address is checked when it is given, and again when its name is resolved for sending, so that a name cannot lead to
the inside later (DNS rebinding).
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from roadworthy.core.errors import InputError
from roadworthy.server.configuration import configuration


class PrivateAddress(OSError):
    """A name leads to an address of the inside."""


def check_address(url: str) -> None:
    """Raise InputError when an address is no http(s) one, or is plainly one of the inside."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise InputError("this is no address", remedy="Write https://host/path.") from error
    if parts.scheme not in {"http", "https"} or not host or len(url) > 500:
        raise InputError("this is no address that can be called", remedy="Write https://host/path.")
    if configuration().allow_private_webhooks:
        return
    if parts.scheme != "https":
        raise InputError("events are sent over https only", remedy="Write https://host/path.")
    if host == "localhost" or host.endswith((".localhost", ".internal", ".local")) or is_private(host):
        raise InputError(
            "this address leads into the private network",
            remedy="Give a public one, or set ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS.",
        )


def is_private(host: str) -> bool:
    """Tell whether a host is written as a number that is not public; names are resolved later."""
    try:
        return not ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        return False


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to the inside."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raises PrivateAddress when any is not public."""
        found: list[Any] = await self._inner.resolve(host, port, family)
        if not configuration().allow_private_webhooks and any(is_private(one["host"]) for one in found):
            raise PrivateAddress(f"{host} leads into the private network")
        return found

    async def close(self) -> None:
        """Close nothing."""
