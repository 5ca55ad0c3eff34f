"""Pages of people: the list, one person, and what is done with them."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import groups, people
from roadworthy.server.accounts.forms import GrantForm, JoinForm, PersonForm
from roadworthy.server.accounts.grants import where
from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.accounts.places import titles_of
from roadworthy.server.accounts.setup import link_address
from roadworthy.server.accounts.views.form_page import Wording, act, form_page, keep_once, revision_of, shown_once
from roadworthy.server.audit.trail import trail
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.wire.revision import found

PEOPLE = (("/people/", "People"),)
LIST = Listing(
    name="people",
    columns=[
        Column("name", "Name", lambda row: row.name, sort="name", main=True),
        Column("email", "Mail address", lambda row: row.email, sort="email"),
        Column("state", "State", lambda row: "active" if row.is_active else "deactivated"),
        Column("factor", "Second factor", lambda row: "yes" if row.has_second_factor else "no"),
        Column("last_login", "Last sign-in", lambda row: row.last_login or "never"),
    ],
    filters=[Filter.on("active", "State", [("True", "Active"), ("False", "Deactivated")], "is_active")],
    search=["name__icontains", "email__icontains"],
    sort="name",
    url=lambda row: f"/people/{row.pk}/",
    empty="Nobody is here yet. Invite somebody, or connect your identity provider.",
)


def list_people(request: Request) -> HttpResponse:
    """Show everybody."""
    factor = Authenticator.objects.filter(user=OuterRef("pk"))
    rows = User.objects.annotate(has_second_factor=Exists(factor))
    return render(request, "accounts/people.html", {"page": LIST.page(request, rows)})


def invite(request: Request) -> HttpResponse:
    """Add somebody; their one-time link is shown on their page."""

    def do(given: dict[str, Any]) -> User:
        user, secret = people.invite(request.actor, given["email"], given["name"])
        keep_once(request, link_address(secret))
        return user

    wording = Wording(
        "Invite somebody",
        "Invite",
        "Invited. Hand over the link below.",
        "They get a link that works once, for seven days. Who signs in by single sign-on needs no invitation.",
        PEOPLE,
    )
    return form_page(request, PersonForm(request.POST or None), do, wording, _page_of)


def show_person(request: Request, key: int) -> HttpResponse:
    """Show one person: what they hold, and to who manages accounts also how they come in."""
    person = found(User.objects.all(), pk=key)
    manages = request.actor.may(Permission.ACCOUNT_MANAGE)
    content = {"person": person, "manages": manages, "grants": grants_of(person), "groups": person.memberships.all()}
    if manages:
        content |= {
            "once": shown_once(request),
            "factors": list(Authenticator.objects.filter(user=person).values_list("type", flat=True)),
            "tokens": person.tokens.filter(revoked_at=None).order_by("-pk")[:50],
            "grant_form": GrantForm(),
            "join_form": JoinForm(),
            "trail": trail("user", str(person.pk)),
        }
    return render(request, "accounts/person.html", content)


def grants_of(person: User) -> list[tuple[Grant, str]]:
    """Return what somebody holds, in person and by groups, each with where."""
    joined = ("role", "unit", "product_line", "group", "user")
    rows = Grant.objects.select_related(*joined)
    rows = (rows.filter(user=person) | rows.filter(group__members=person)).distinct().order_by("role__title", "pk")
    held = list(rows)
    titles = titles_of(grant.system_id for grant in held)
    return [(grant, where(grant, titles)) for grant in held]


def change_person(request: Request, key: int) -> HttpResponse:
    """Change name and mail address."""
    person = found(User.objects.all(), pk=key)
    form = PersonForm(request.POST or None, initial={"name": person.name, "email": person.email})
    wording = Wording(f"Change {person}", "Save", "Saved.", crumbs=(*PEOPLE, (_page_of(person), str(person))))

    def do(given: dict[str, Any]) -> User:
        return people.change_person(request.actor, key, revision_of(request), **given)

    form.revision = person.revision  # type: ignore[attr-defined]
    return form_page(request, form, do, wording, _page_of)


def deactivate(request: Request, key: int) -> HttpResponse:
    """Shut somebody out."""
    done = "Deactivated. Sessions, tokens and open links of theirs have ended."
    return act(request, lambda: people.deactivate(request.actor, key, revision_of(request)), done, _page(key))


def reactivate(request: Request, key: int) -> HttpResponse:
    """Let somebody in again."""
    return act(request, lambda: people.reactivate(request.actor, key, revision_of(request)), "Reactivated.", _page(key))


def make_link(request: Request, key: int) -> HttpResponse:
    """Make a new one-time link, shown once on the person's page."""

    def do() -> None:
        keep_once(request, link_address(people.make_link(request.actor, key)))

    return act(request, do, "Hand over the link below; earlier ones have ended.", _page(key))


def end_sessions(request: Request, key: int) -> HttpResponse:
    """End all sessions of somebody."""
    return act(request, lambda: people.end_sessions(request.actor, key), "All sessions have ended.", _page(key))


def remove_second_factor(request: Request, key: int) -> HttpResponse:
    """Remove the second factor of who lost it."""
    done = "The second factor is removed, and all sessions have ended."
    return act(request, lambda: people.remove_second_factor(request.actor, key), done, _page(key))


def join_group(request: Request, key: int) -> HttpResponse:
    """Put somebody into a group."""
    form = JoinForm(request.POST)
    if form.is_valid():
        group = form.cleaned_data["group"]
        return act(request, lambda: groups.add_member(request.actor, group.pk, key), f"Now in {group}.", _page(key))
    return redirect(_page(key))


def _page(key: int) -> str:
    return reverse("people:person", args=[key])


def _page_of(person: User) -> str:
    return _page(person.pk)
