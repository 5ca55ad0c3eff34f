"""The second factor: who must have one, and what is recorded when somebody adds or removes one."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.audit.services import record
from roadworthy.server.configuration import configuration

ALWAYS = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "shell:healthz",
        "shell:readyz",
    }
)
"""Doors that stay open to who must set up a second factor first."""


def lacks_second_factor(request: HttpRequest, actor: Actor, door: str) -> bool:
    """Tell whether a person came in with a password alone where the server asks for more."""
    if not configuration().require_mfa or not actor.signed_in or actor.token_id is not None or door in ALWAYS:
        return False
    if actor.door not in {Door.PAGE, Door.API}:
        return False
    came = get_authentication_records(request, request.user)
    if any(one.get("method") == "socialaccount" for one in came):
        return False
    return not Authenticator.objects.filter(user=actor.user_id, type=Authenticator.Type.TOTP).exists()


def has_second_factor(user: Any) -> bool:
    """Tell whether somebody has one."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def note_added(request: HttpRequest, user: Any, authenticator: Authenticator, **_: Any) -> None:
    """Record that somebody added a second factor."""
    _note(request, user, "user.second_factor_added", authenticator)


def note_removed(request: HttpRequest, user: Any, authenticator: Authenticator, **_: Any) -> None:
    """Record that somebody removed their own second factor."""
    _note(request, user, "user.second_factor_removed", authenticator)


def _note(request: HttpRequest, user: Any, action: str, authenticator: Authenticator) -> None:
    with transaction.atomic():
        record(request.actor, action, user.subject, row=user, type=authenticator.type)  # type: ignore[attr-defined]
