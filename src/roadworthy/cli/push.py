"""`roadworthy push`: send a bundle to the server, which replays it before it believes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from roadworthy.cli.screen import console, print_line
from roadworthy.cli.server_address import TOKEN, server_address, server_token
from roadworthy.core.errors import InputError, Place, RoadworthyError

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_BLOCK = 256 * 1024
_PATIENCE = 2.0
"""Seconds after which an upload shows how far it is."""
_REPLAY_SECONDS = 600


def push(
    bundle: Path = Path("out/bundle.zip"),
    *,
    server: str = "",
    token_env: Annotated[str, Parameter(name="--token-env")] = TOKEN,
) -> int:
    """Send a bundle to the server. It is replayed there, and becomes a release of its system.

    Exits 0 when the server has it, whatever the verdict is, also when it had it before; 2 when it is refused, cannot be
    read, or the server does not answer. The token is read from the environment only, never from the command line.

    Parameters
    ----------
    bundle
        What 'roadworthy gate' wrote.
    server
        Address of the server; default: ROADWORTHY_SERVER.
    token_env
        Name of the environment variable that holds the token.
    """
    address, token = server_address(server), server_token(token_env, "release.push")
    told = asyncio.run(_send(_Parcel.of(bundle), address, token))
    new = "" if told["created"] else " It was there before."
    print_line(f"{told['system']} {told['name']}: {told['verdict']} under {told['standard']}, received.{new}")
    print_line(f"{address}{told['url']}")
    return 0


@dataclass(frozen=True)
class _Parcel:
    """A bundle on its way."""

    path: Path
    size: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> _Parcel:
        from roadworthy.core.digests import sha256_file

        try:
            return cls(path, path.stat().st_size, sha256_file(path))
        except OSError as error:
            raise InputError(
                f"the bundle cannot be read: {error.strerror or error}",
                place=Place(path),
                remedy="Run 'roadworthy gate --out out', which writes out/bundle.zip.",
            ) from error

    async def blocks(self, passed: Callable[[int], None]) -> AsyncIterator[bytes]:
        """Yield the file in blocks and tell how much has passed."""
        sent = 0
        with self.path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block
                sent += len(block)
                passed(sent)


async def _send(parcel: _Parcel, address: str, token: str) -> dict[str, Any]:
    from aiohttp import ClientError, ClientSession, ClientTimeout

    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/zip",
        "Content-Length": str(parcel.size),
        "X-Content-SHA256": parcel.sha256,
    }
    timeout = ClientTimeout(total=None, sock_connect=15, sock_read=_REPLAY_SECONDS)
    try:
        async with (
            ClientSession(timeout=timeout, trust_env=True) as session,
            session.post(
                f"{address}/api/v1/bundles",
                data=parcel.blocks(_progress(parcel.size)),
                headers=headers,
                allow_redirects=False,
            ) as answer,
        ):
            return await _told(answer, address)
    except (ClientError, TimeoutError, OSError) as error:
        raise RoadworthyError(
            f"{address} did not take the bundle: {str(error) or 'no answer in time'}",
            remedy="Check the address and that the server runs, then push again: the same bundle counts once.",
        ) from error


async def _told(answer: ClientResponse, address: str) -> dict[str, Any]:
    """Return what the server says of the release; raises RoadworthyError with the reason of a refusal."""
    try:
        value = await answer.json(content_type=None)
    except ValueError:
        value = None
    if answer.status in {200, 201} and isinstance(value, dict) and "verdict" in value:
        return {**value, "created": answer.status == 201}
    said = value if isinstance(value, dict) else {}
    raise RoadworthyError(
        f"{address} answered {answer.status}: {said.get('detail') or 'that is not the answer of a Roadworthy server'}",
        remedy=said.get("remedy") or "Check the address.",
    )


def _progress(size: int) -> Callable[[int], None]:
    """Return what shows how far an upload is, once it takes longer than a moment."""
    started = shown = monotonic()

    def passed(sent: int) -> None:
        nonlocal shown
        moment = monotonic()
        every = 0.2 if console().is_terminal else 15.0
        if moment - started < _PATIENCE or moment - shown < every:
            return
        shown = moment
        text = f"{sent / 1024**2:,.1f} of {size / 1024**2:,.1f} MiB, {sent / (moment - started) / 1024**2:,.1f} MiB/s"
        console().print(text, end="\r" if console().is_terminal else "\n", markup=False)

    return passed
