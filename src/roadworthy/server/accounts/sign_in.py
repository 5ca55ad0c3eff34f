"""What is recorded when somebody signs in or sets a password on allauth's pages."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from roadworthy.server.access.actor import Door
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.accounts.sign_in_limit import remember
from roadworthy.server.audit.services import record


def note_sign_in(request: HttpRequest, user: Any, **given: Any) -> None:
    """Record a sign-in, and by what."""
    by = "single sign-on" if given.get("sociallogin") else "password"
    remember(request, user)
    _note(request, user, "user.signed_in", by=by)


def note_password(request: HttpRequest, user: Any, **_: Any) -> None:
    """Record that somebody changed their password."""
    _note(request, user, "user.password_set")


def _note(request: HttpRequest, user: Any, action: str, **detail: Any) -> None:
    actor = actor_of(user, Door.PAGE, getattr(request, "request_id", None))
    with transaction.atomic():
        record(actor, action, user.subject, row=user, **detail)
