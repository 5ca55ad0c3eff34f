"""The page of provisioning: what to enter at the identity provider, what it sent last, which groups give roles."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.grants import where
from roadworthy.server.accounts.models import ApiToken, Grant, Group, User
from roadworthy.server.accounts.places import titles_of
from roadworthy.server.accounts.scim.description import base
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.trail import happenings

SHOWN = 200
"""Groups on the page; the list of groups has all."""
LATEST = 20
"""Changes on the page; the audit trail has all."""
TOKENS = 2000
"""Tokens that are looked through."""


def provisioning(request: Request) -> HttpResponse:
    """Show how provisioning is set up, and how it goes."""
    tokens = _tokens()
    sent = Entry.objects.filter(actor__in=[f"token:{token.pk}" for token in tokens], door="scim")
    people = User.objects.exclude(scim_id=None)
    content = {
        "base": base(),
        "permission": Permission.SCIM_MANAGE,
        "tokens": tokens,
        "asked_at": max((token.used_at for token in tokens if token.used_at), default=None),
        "sent": happenings(sent.order_by("-number")[:LATEST]),
        "people": people.count(),
        "inactive": people.filter(is_active=False).count(),
        "groups": _groups(),
        "of_groups": Group.objects.exclude(scim_id=None).count(),
    }
    return render(request, "accounts/provisioning.html", content)


def _tokens() -> list[ApiToken]:
    """Return the tokens in force that may provision."""
    rows = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now()).select_related("user")
    return [token for token in rows.order_by("-pk")[:TOKENS] if Permission.SCIM_MANAGE in token.permissions]


def _groups() -> list[tuple[Group, list[tuple[Grant, str]]]]:
    """Return the groups that the provider keeps, each with its roles and where they hold."""
    grants = Grant.objects.select_related("role", "unit", "product_line").order_by("role__title", "pk")
    rows = list(
        Group.objects.exclude(scim_id=None)
        .annotate(people=Count("members", filter=Q(members__is_active=True)))
        .prefetch_related(Prefetch("grants", queryset=grants))
        .order_by("name")[:SHOWN]
    )
    titles = titles_of(grant.system_id for row in rows for grant in row.grants.all())
    return [(row, [(grant, where(grant, titles)) for grant in row.grants.all()]) for row in rows]
