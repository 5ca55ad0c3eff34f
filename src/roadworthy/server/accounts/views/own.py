"""Pages about oneself: account, tokens, delegations; and the lists of everybody's for who manages accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import delegations, people, tokens
from roadworthy.server.accounts.forms import DelegationForm, OwnForm, TokenForm, person_by_address
from roadworthy.server.accounts.models import ApiToken, Delegation, User
from roadworthy.server.accounts.places import name_systems, system_key
from roadworthy.server.accounts.views.form_page import Wording, act, form_page, keep_once, shown_once
from roadworthy.server.accounts.views.people import grants_of
from roadworthy.server.shell.listing import Column, Filter, Listing

ALL_TOKENS = Listing(
    name="tokens",
    columns=[
        Column("name", "Token", lambda row: row.name, main=True),
        Column("person", "Of", lambda row: row.user.name),
        Column("permissions", "May", lambda row: ", ".join(row.permissions)),
        Column("used", "Last used", lambda row: row.used_at or "never"),
        Column("ends", "Ends", lambda row: row.expires_at, sort="expires_at"),
        Column("state", "State", lambda row: "revoked" if row.revoked_at else "in force"),
    ],
    filters=[Filter.on("revoked", "State", [("True", "In force"), ("False", "Revoked")], "revoked_at__isnull")],
    search=["name__icontains", "user__name__icontains"],
    sort="-ends",
    url=lambda row: f"/people/{row.user_id}/",
    empty="Nobody has made a token yet.",
)


def account(request: Request) -> HttpResponse:
    """Show one's own account, and change one's name."""
    me = User.objects.get(pk=request.actor.person)
    form = OwnForm(request.POST or None, initial={"name": me.name})
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        return act(request, lambda: people.rename_self(request.actor, None, name), "Saved.", reverse("people:account"))
    content = {
        "me": me,
        "form": form,
        "factors": list(Authenticator.objects.filter(user=me).values_list("type", flat=True)),
        "grants": grants_of(me),
    }
    return render(request, "accounts/account.html", content, status=422 if request.method == "POST" else 200)


def leave_everywhere(request: Request) -> HttpResponse:
    """End all of one's own sessions, this one too."""
    people.end_sessions(request.actor, request.actor.person)
    return redirect("account_login")


def own_tokens(request: Request) -> HttpResponse:
    """Show one's own tokens."""
    rows = ApiToken.objects.filter(user=request.actor.person).order_by("revoked_at", "-pk")[:200]
    content = {"tokens": name_systems(rows), "once": shown_once(request), "now": timezone.now()}
    return render(request, "accounts/own_tokens.html", content)


def new_token(request: Request) -> HttpResponse:
    """Make a token; its secret is shown once, on the next page."""
    held = [str(permission) for permission in Permission if request.actor.may(permission)]

    def do(given: dict[str, Any]) -> None:
        ends = timezone.now() + timedelta(days=given["days"])
        chosen = {Permission(one) for one in given["permissions"]}
        system = system_key(given["system"].strip()) if given["system"].strip() else None
        _, secret = tokens.make_token(request.actor, given["name"], chosen, ends, system)
        keep_once(request, secret)

    wording = Wording(
        "New token",
        "Make the token",
        "Made. Copy the token now.",
        "A token lets a program do some of what you may do. Give it as little as it needs.",
        ((reverse("people:own_tokens"), "Tokens"),),
    )
    form = TokenForm(held, request.POST or None)
    return form_page(request, form, do, wording, lambda _: reverse("people:own_tokens"))


def revoke_token(request: Request, key: int) -> HttpResponse:
    """End a token of one's own, or anybody's for who manages accounts."""
    then = reverse("people:tokens" if "all" in request.POST else "people:own_tokens")
    return act(request, lambda: tokens.revoke_token(request.actor, key), "The token has ended.", then)


def all_tokens(request: Request) -> HttpResponse:
    """Show everybody's tokens."""
    rows = ApiToken.objects.select_related("user")
    return render(request, "accounts/tokens.html", {"page": ALL_TOKENS.page(request, rows)})


def list_delegations(request: Request) -> HttpResponse:
    """Show who stands in for whom: one's own, all for who manages accounts."""
    rows = Delegation.objects.select_related("giver", "receiver", "role").order_by("-pk")
    manages = request.actor.may(Permission.ACCOUNT_MANAGE)
    if not manages:
        rows = rows.filter(Q(giver=request.actor.person) | Q(receiver=request.actor.person))
    content = {"delegations": rows[:200], "now": timezone.now(), "manages": manages}
    return render(request, "accounts/delegations.html", content)


def new_delegation(request: Request) -> HttpResponse:
    """Let somebody stand in for oneself."""

    def do(given: dict[str, Any]) -> Delegation:
        ends = timezone.now() + timedelta(days=given["days"])
        receiver = person_by_address(given["email"])
        return delegations.delegate(request.actor, given["role"], receiver, ends, given["reason"])

    wording = Wording(
        "Delegate a role",
        "Delegate",
        "Delegated.",
        "Somebody signs in your stead, in this role and as far as you may, until the last day.",
        ((reverse("people:delegations"), "Delegations"),),
    )
    form = DelegationForm(list(request.actor.roles), request.POST or None)
    return form_page(request, form, do, wording, lambda _: reverse("people:delegations"))


def revoke_delegation(request: Request, key: int) -> HttpResponse:
    """End a delegation now."""
    then = reverse("people:delegations")
    return act(request, lambda: delegations.revoke_delegation(request.actor, key), "The delegation has ended.", then)
