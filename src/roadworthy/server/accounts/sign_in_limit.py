"""Limits of failed sign-ins, shared by all processes. One that succeeds counts nowhere.

Whoever came in from an address before is counted by account and address together. So a company behind one address is
not shut out by the mistakes, or the malice, of somebody there, and nobody elsewhere shuts them out by guessing at their
account. All others are counted twice: by address, and by account.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest

from roadworthy.server.accounts.models import User

REMEMBERED = timedelta(days=60)
"""For how long it counts that somebody came in from an address."""
KNOWN = {"login_failed": "5/5m/key"}
"""Limit of an account from an address from which it came in before."""
_APP, _ACTION = "allauth.account", "login_failed"


def take_attempt(request: HttpRequest, account: str) -> ratelimit.RateLimitUsage | None:
    """Count an attempt to sign in as `account`, a mail address; None where it is one too many."""
    address = ratelimit.get_ip(request)
    if cache.get(_came_in(account, address)):
        return ratelimit.consume(request, app=_APP, action=_ACTION, key=f"{account} {address}", config=KNOWN)
    return ratelimit.consume(request, app=_APP, action=_ACTION, key=account)


def remember(request: HttpRequest, user: User) -> None:
    """Remember that somebody came in from the address of the request."""
    seconds = int(REMEMBERED.total_seconds())
    cache.set(_came_in(user.email.lower(), ratelimit.get_ip(request)), True, seconds)


def _came_in(account: str, address: str) -> str:
    """Name the memory by a digest: no list of addresses is kept."""
    return f"came-in:{hashlib.sha256(f'{account} {address}'.encode()).hexdigest()}"
