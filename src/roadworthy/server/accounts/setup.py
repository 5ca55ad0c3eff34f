"""The first administrator: a link that works once, printed where the server is started."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.refusals import Missing
from roadworthy.server.accounts.administrators import ADMINISTRATOR, administrators_exist
from roadworthy.server.accounts.models import Grant, Role, SetupLink, User
from roadworthy.server.accounts.texts import address
from roadworthy.server.accounts.texts import name as shown_name
from roadworthy.server.accounts.tokens import digest_of
from roadworthy.server.audit.services import record
from roadworthy.server.configuration import configuration

LASTS = timedelta(hours=24)
INVITATION_LASTS = timedelta(days=7)


@transaction.atomic
def make_first_link() -> str | None:
    """Make a link for the first administrator; None when there is one already. Earlier links end."""
    if administrators_exist():
        return None
    moment = timezone.now()
    SetupLink.objects.filter(user=None, used_at=None).update(expires_at=moment)
    secret = secrets.token_urlsafe(32)
    SetupLink.objects.create(digest=digest_of(secret), expires_at=moment + LASTS)
    return secret


def link_for(user: User) -> str:
    """Make a link with which somebody sets a password, and return its secret; earlier links of theirs end."""
    moment = timezone.now()
    SetupLink.objects.filter(user=user, used_at=None, expires_at__gt=moment).update(expires_at=moment)
    secret = secrets.token_urlsafe(32)
    SetupLink.objects.create(digest=digest_of(secret), user=user, expires_at=moment + INVITATION_LASTS)
    return secret


def link_address(secret: str) -> str:
    """Return the address of a one-time link."""
    return f"{configuration().base_url.rstrip('/')}/set-up/{secret}"


def valid_link(secret: str) -> SetupLink:
    """Return the link with a secret; raises Missing when it is used, ended, for nobody any more, or none of ours."""
    link = SetupLink.objects.select_for_update(of=("self",)).filter(digest=digest_of(secret)).first()
    if link is None or link.used_at or link.expires_at <= timezone.now() or not _wanted(link):
        raise Missing("this link has been used or has ended", remedy="Ask an administrator for a new one.")
    return link


def _wanted(link: SetupLink) -> bool:
    """Tell whether the one invited is active, or an administrator is still to come."""
    return link.user.is_active if link.user is not None else not administrators_exist()


@transaction.atomic
def use_link(secret: str, email: str, name: str, password: str) -> User:
    """Make the first administrator, or set the password of who was invited; the link ends.

    Raises Missing for a bad link, InputError for a weak password or a mail address that is taken.
    """
    link = valid_link(secret)
    try:
        validate_password(password, link.user)
    except ValidationError as error:
        raise InputError(" ".join(error.messages), remedy="Choose another password.") from error
    actor = server_actor(Door.PAGE, "setup link")
    if link.user is not None:
        user = link.user
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        record(actor, "user.password_set", user.subject)
    else:
        email = address(email)
        if User.objects.filter(email__iexact=email).exists():
            raise InputError("this mail address is taken", remedy="Sign in instead.")
        user = User.objects.create_user(email, shown_name(name, "a name"), password)
        Grant.objects.create(role=Role.objects.get(slug=ADMINISTRATOR), user=user)
        record(actor, "user.first_administrator", user.subject)
    SetupLink.objects.filter(pk=link.pk).update(used_at=timezone.now(), user=user)
    return user
