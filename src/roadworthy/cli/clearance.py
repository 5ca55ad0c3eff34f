"""`roadworthy clearance`: ask the server whether a release may be deployed now."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from roadworthy.cli.screen import print_line
from roadworthy.cli.server_address import TOKEN, server_address, server_token
from roadworthy.core.errors import InputError, Place, RoadworthyError

EXIT_CLEARED, EXIT_NOT_CLEARED = 0, 1
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SECONDS = 30


def clearance(
    *,
    environment: str,
    fingerprint: str = "",
    bundle: Path | None = None,
    system: str = "",
    server: str = "",
    token_env: Annotated[str, Parameter(name="--token-env")] = TOKEN,
) -> int:
    """Ask the server whether a release may be deployed to an environment now.

    Exits 0 when it is cleared, 1 when it is not or the server gives no answer, 2 on wrong usage. Every reason against
    it is printed, with what to do about it. The token is read from the environment only; clearance.read is enough.

    Parameters
    ----------
    environment
        Where it is to be deployed, for example prod.
    fingerprint
        The fingerprint of what is to be deployed, as verdict.json states it.
    bundle
        Take the fingerprint and the system from this bundle instead.
    system
        Id of the system; needed where several systems have one fingerprint.
    server
        Address of the server; default: ROADWORTHY_SERVER.
    token_env
        Name of the environment variable that holds the token.
    """
    wanted, named = _asked(fingerprint, bundle, system)
    address, token = server_address(server), server_token(token_env, "clearance.read")
    query = {"fingerprint": wanted, "environment": environment, **({"system": named} if named else {})}
    told = asyncio.run(_ask(address, token, query))
    if told is None:
        print_line(f"Not cleared for {environment}: {address} gives no answer, and that is no clearance.")
        return EXIT_NOT_CLEARED
    return _say(told, environment)


def _asked(fingerprint: str, bundle: Path | None, system: str) -> tuple[str, str]:
    if (bundle is None) == (not fingerprint):
        raise InputError(
            "name either --fingerprint or --bundle", remedy="Give what 'roadworthy gate' wrote as --bundle."
        )
    if bundle is None:
        if not _FINGERPRINT.fullmatch(fingerprint):
            raise InputError(
                f"{fingerprint[:70]!r} is no fingerprint", remedy="Give the 64 hex digits that verdict.json states."
            )
        return fingerprint, system
    return _of_bundle(bundle, system)


def _of_bundle(path: Path, system: str) -> tuple[str, str]:
    from roadworthy.evidence.bundle import read_bundle
    from roadworthy.evidence.trust import TrustedKeys

    said = read_bundle(path, TrustedKeys.none(), accept_untrusted=True).predicate
    found = str(said.get("fingerprint", ""))
    if not _FINGERPRINT.fullmatch(found):
        raise InputError("the bundle states no fingerprint", place=Place(path), remedy="Run 'roadworthy gate' again.")
    return found, system or str(said.get("system", ""))


async def _ask(address: str, token: str, query: dict[str, str]) -> dict[str, Any] | None:
    """Return the answer; None when there is none to rely on. Raises RoadworthyError when we asked wrongly."""
    from aiohttp import ClientError, ClientSession, ClientTimeout

    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        async with (
            ClientSession(timeout=ClientTimeout(total=_SECONDS), trust_env=True) as session,
            session.get(f"{address}/api/v1/clearance", params=query, headers=headers, allow_redirects=False) as answer,
        ):
            value = await answer.json(content_type=None)
            status = answer.status
    except (ClientError, TimeoutError, OSError, ValueError):
        return None
    said = value if isinstance(value, dict) else {}
    if 400 <= status < 500:
        raise RoadworthyError(
            f"{address} answered {status}: {said.get('detail') or 'it does not understand the question'}",
            remedy=said.get("remedy") or "Check the address and the token.",
        )
    return said if status == 200 and isinstance(said.get("cleared"), bool) else None


def _say(told: dict[str, Any], environment: str) -> int:
    name = f"{told.get('system')} {told.get('name')}" if told.get("system") else str(told.get("fingerprint", ""))[:12]
    against = told.get("reasons") or []
    if told["cleared"] is True and not against:
        print_line(f"Cleared for {environment}: {name}, {told.get('verdict')}, {told.get('decision')}.")
        for condition in told.get("conditions") or []:
            print_line(f"  condition: {condition}")
        if told.get("valid_until"):
            print_line(f"  until {told['valid_until']}, if nothing else changes")
        return EXIT_CLEARED
    print_line(f"Not cleared for {environment}: {name}.")
    for reason in against:
        print_line(f"  {reason.get('reason')} {reason.get('remedy')}")
    return EXIT_NOT_CLEARED
