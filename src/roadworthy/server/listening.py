"""The address to listen on: found free, and kept so until the processes that answer have it."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from roadworthy.core.errors import InputError
from roadworthy.server.configuration import PREFIX, Configuration, configuration

_WHY = {
    errno.EADDRINUSE: ("another program listens there", f"Stop it, or set {PREFIX}PORT; 0 picks a free port."),
    errno.EADDRNOTAVAIL: ("this machine does not have that address", f"Set {PREFIX}HOST to one of its own."),
    errno.EACCES: ("this user may not", f"Set {PREFIX}PORT to 1024 or more, and put a proxy before it."),
}


@contextmanager
def listening() -> Iterator[Configuration]:
    """Reserve host and port, and give the configuration that names the port in force; raises InputError.

    The processes that answer bind the same port beside this socket, which never takes a connection. What is bound
    without sharing keeps a second server away, also one that starts at the same moment.
    """
    settings = configuration()
    with _bound(settings) as reserved:
        with suppress(AttributeError, OSError):
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        os.environ[f"{PREFIX}PORT"] = str(reserved.getsockname()[1])
        configuration.cache_clear()
        yield configuration()


def _bound(settings: Configuration) -> socket.socket:
    where = f"{settings.host} port {settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        reserved = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(
            f"cannot listen on {where}: {error.strerror}", remedy=f"Set {PREFIX}HOST, for example to 127.0.0.1."
        ) from error
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(address)
    except OSError as error:
        reserved.close()
        why, remedy = _WHY.get(error.errno or 0, (str(error.strerror), f"Set {PREFIX}HOST and {PREFIX}PORT."))
        raise InputError(f"cannot listen on {where}: {why}", remedy=remedy) from error
    return reserved
