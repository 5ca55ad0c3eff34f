"""What can be done with people: invite, change, deactivate, end sessions; each is one recorded transaction."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused, Taken
from roadworthy.server.accounts.models import ApiToken, SetupLink, User
from roadworthy.server.accounts.setup import link_for
from roadworthy.server.accounts.texts import address, name
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked


def need_to_manage(actor: Actor) -> None:
    """Raise Refused unless the actor manages accounts; over SCIM, provisioning is enough."""
    if actor.door is Door.SCIM and actor.may(Permission.SCIM_MANAGE):
        return
    actor.need(Permission.ACCOUNT_MANAGE)


def person_behind(actor: Actor) -> int:
    """Return the key of the person who acts themselves; raises Refused for a token and for the server."""
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("a token does not do this", remedy="Sign in as a person.")
    return actor.user_id


@transaction.atomic
def add_person(actor: Actor, email: str, shown: str, **fields: Any) -> User:
    """Add somebody without a password; they come in by a setup link or by single sign-on.

    Raises Taken for a mail address that is taken.
    """
    need_to_manage(actor)
    user = User(email=address(email), name=name(shown, "a name"), password=make_password(None), **fields)
    _save(user, force_insert=True)
    record(actor, "user.added", user.subject, after={"email": user.email, "name": user.name}, row=user)
    return user


@transaction.atomic
def invite(actor: Actor, email: str, shown: str) -> tuple[User, str]:
    """Add somebody and return them with the secret of their one-time link, which is not kept."""
    user = add_person(actor, email, shown)
    return user, link_for(user)


@transaction.atomic
def make_link(actor: Actor, key: int) -> str:
    """Return the secret of a new one-time link with which somebody sets a password; earlier links end."""
    need_to_manage(actor)
    user = locked(User.objects.all(), None, pk=key)
    if not user.is_active:
        raise Conflict(f"{user.name} is deactivated", remedy="Reactivate the account first.")
    secret = link_for(user)
    record(actor, "user.link_made", user.subject, row=user)
    return secret


@transaction.atomic
def change_person(actor: Actor, key: int, revision: int | None, **values: Any) -> User:
    """Change name, mail address or what the identity provider said of somebody.

    Raises Taken for a mail address that is taken.
    """
    need_to_manage(actor)
    user = locked(User.objects.all(), revision, pk=key)
    return _change(actor, user, values)


@transaction.atomic
def rename_self(actor: Actor, revision: int | None, shown: str) -> User:
    """Change one's own name."""
    user = locked(User.objects.all(), revision, pk=person_behind(actor))
    return _change(actor, user, {"name": shown})


def _change(actor: Actor, user: User, values: dict[str, Any]) -> User:
    if "name" in values:
        values["name"] = name(values["name"], "a name")
    if "email" in values:
        values["email"] = address(values["email"])
    before = {field: getattr(user, field) for field, value in values.items() if getattr(user, field) != value}
    if not before:
        return user
    for field in before:
        setattr(user, field, values[field])
    user.revision += 1
    _save(user)
    after = {key: values[key] for key in before}
    told, attributes = before.pop("scim", {}), after.pop("scim", {})
    detail = {"attributes": _differing(told, attributes)} if told or attributes else {}
    record(actor, "user.changed", user.subject, before=before, after=after, row=user, **detail)
    return user


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the names of what differs; the trail, which forgets nothing, does not keep the personal data itself."""
    return sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))


@transaction.atomic
def deactivate(actor: Actor, key: int, revision: int | None) -> User:
    """Shut somebody out at once: sessions, tokens and open links end. What they did stays in their name.

    Raises Refused when they are the last administrator.
    """
    need_to_manage(actor)
    user = locked(User.objects.all(), revision, pk=key)
    if not user.is_active:
        return user
    tokens = shut_out(user)
    changes = {"before": {"active": True}, "after": {"active": False}}
    record(actor, "user.deactivated", user.subject, **changes, row=user, tokens_revoked=tokens)
    return user


def shut_out(user: User) -> int:
    """Deactivate somebody whose row is locked; returns how many tokens of theirs ended. The caller records it."""
    moment = timezone.now()
    user.is_active = False
    user.session_epoch += 1
    user.revision += 1
    user.save()
    SetupLink.objects.filter(user=user, used_at=None, expires_at__gt=moment).update(expires_at=moment)
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=moment)


@transaction.atomic
def reactivate(actor: Actor, key: int, revision: int | None) -> User:
    """Let somebody in again; their old sessions and tokens stay ended."""
    need_to_manage(actor)
    user = locked(User.objects.all(), revision, pk=key)
    if not user.is_active:
        user.is_active, user.scim_removed_at = True, None
        user.revision += 1
        user.save()
        record(actor, "user.reactivated", user.subject, before={"active": False}, after={"active": True}, row=user)
    return user


@transaction.atomic
def end_sessions(actor: Actor, key: int) -> User:
    """End every session of somebody, or one's own."""
    if key != actor.user_id or actor.token_id is not None:
        need_to_manage(actor)
    user = locked(User.objects.all(), None, pk=key)
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    record(actor, "user.sessions_ended", user.subject, row=user)
    return user


@transaction.atomic
def remove_second_factor(actor: Actor, key: int) -> User:
    """Remove the second factor of somebody who lost it; every session of theirs ends."""
    need_to_manage(actor)
    user = locked(User.objects.all(), None, pk=key)
    removed = Authenticator.objects.filter(user=user).delete()[0]
    if not removed:
        raise Conflict(f"{user.name} has no second factor", remedy="Nothing is to be done.")
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
    record(actor, "user.second_factor_removed", user.subject, row=user)
    return user


def _save(user: User, **options: Any) -> None:
    try:
        with transaction.atomic():
            user.save(**options)
    except IntegrityError as error:
        raise Taken("this mail address is taken", remedy="Look the person up in the list of people.") from error
