"""Saved views: filters and order of a list under a name, each person their own."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import QueryDict

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Missing, Refused
from roadworthy.server.shell.models import SavedView

MOST = 20
"""Views of one person for one list."""
NOT_KEPT = ("after", "before", "format")


def normal_query(query: str) -> str:
    """Return a query string without place in the list, its keys in one order, so that equal ones are equal."""
    asked = QueryDict(query.lstrip("?")[:4000])
    pairs = [(key, value) for key, values in asked.lists() for value in values if key not in NOT_KEPT and value]
    kept = QueryDict(mutable=True)
    for key, value in sorted(pairs):
        kept.appendlist(key, value)
    return kept.urlencode()


def views_of(actor: Actor, page: str) -> Sequence[SavedView]:
    """Return what a person saved for a list; nothing for programs and strangers."""
    if actor.user_id is None or actor.token_id is not None:
        return []
    return list(SavedView.objects.filter(user_id=actor.user_id, page=page))


@transaction.atomic
def save_view(actor: Actor, page: str, name: str, query: str) -> SavedView:
    """Keep a view; one of the same name is replaced. Raises InputError for a bad name or too many views."""
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("only people save views", remedy="Sign in.")
    title, kept = " ".join(name.replace("\0", "").split()), normal_query(query.replace("\0", ""))
    if not title or len(title) > 100:
        raise InputError("a view has a name of at most 100 characters", remedy="Choose a short name.")
    if not page or len(page) > 64 or len(kept) > 1000:
        raise InputError("this view cannot be saved", remedy="Choose fewer filters.")
    mine = SavedView.objects.filter(user_id=actor.user_id, page=page)
    if mine.exclude(name=title).count() >= MOST:
        raise InputError(f"a list has at most {MOST} saved views", remedy="Remove one first.")
    view, _ = SavedView.objects.update_or_create(user_id=actor.user_id, page=page, name=title, defaults={"query": kept})
    return view


@transaction.atomic
def remove_view(actor: Actor, number: int) -> None:
    """Remove a view of one's own; raises Missing for those of others."""
    mine = SavedView.objects.filter(pk=number, user_id=actor.user_id) if actor.user_id else SavedView.objects.none()
    removed, _ = mine.delete()
    if not removed:
        raise Missing("there is no such saved view of yours", remedy="Load the list again.")
