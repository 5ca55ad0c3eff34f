"""Pages of groups."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from roadworthy.server.access.request import Request
from roadworthy.server.accounts import groups
from roadworthy.server.accounts.forms import GrantForm, GroupForm, MemberForm, person_by_address
from roadworthy.server.accounts.grants import where
from roadworthy.server.accounts.models import Group
from roadworthy.server.accounts.places import titles_of
from roadworthy.server.accounts.views.form_page import Wording, act, form_page, revision_of
from roadworthy.server.audit.trail import trail
from roadworthy.server.shell.listing import Column, Listing
from roadworthy.server.wire.revision import found

GROUPS = (("/groups/", "Groups"),)
LIST = Listing(
    name="groups",
    columns=[
        Column("name", "Group", lambda row: row.name, sort="name", main=True),
        Column("people", "People", lambda row: row.people, number=True),
        Column("kept", "Kept by", lambda row: "identity provider" if row.scim_id else "administrators"),
    ],
    search=["name__icontains"],
    sort="name",
    url=lambda row: f"/groups/{row.pk}/",
    empty="There is no group yet. Make one to give a role to many people at once.",
)
MEMBERS = Listing(
    name="members",
    columns=[
        Column("name", "Name", lambda row: row.name, sort="name", main=True),
        Column("email", "Mail address", lambda row: row.email),
        Column("state", "State", lambda row: "active" if row.is_active else "deactivated"),
    ],
    search=["name__icontains", "email__icontains"],
    sort="name",
    url=lambda row: f"/people/{row.pk}/",
    empty="Nobody is in this group yet.",
)


def list_groups(request: Request) -> HttpResponse:
    """Show all groups."""
    rows = Group.objects.annotate(people=Count("members"))
    return render(request, "accounts/groups.html", {"page": LIST.page(request, rows)})


def new_group(request: Request) -> HttpResponse:
    """Make a group."""
    wording = Wording("New group", "Make the group", "The group is made.", crumbs=GROUPS)
    return form_page(
        request,
        GroupForm(request.POST or None),
        lambda given: groups.make_group(request.actor, given["name"]),
        wording,
        lambda group: _page(group.pk),
    )


def show_group(request: Request, key: int) -> HttpResponse:
    """Show who is in a group, and what it is granted."""
    group = found(Group.objects.all(), pk=key)
    held = list(group.grants.select_related("role", "unit", "product_line", "group").order_by("role__title"))
    titles = titles_of(grant.system_id for grant in held)
    content = {
        "group": group,
        "grants": [(grant, where(grant, titles)) for grant in held],
        "page": MEMBERS.page(request, group.members.all()),
        "grant_form": GrantForm(),
        "member_form": MemberForm(),
        "trail": trail("group", str(group.pk)),
    }
    return render(request, "accounts/group.html", content)


def change_group(request: Request, key: int) -> HttpResponse:
    """Rename a group."""
    group = found(Group.objects.all(), pk=key)
    form = GroupForm(request.POST or None, initial={"name": group.name})
    form.revision = group.revision  # type: ignore[attr-defined]

    def do(given: dict[str, Any]) -> Group:
        return groups.change_group(request.actor, key, revision_of(request), **given)

    wording = Wording(f"Rename {group}", "Save", "Saved.", crumbs=(*GROUPS, (_page(key), str(group))))
    return form_page(request, form, do, wording, lambda changed: _page(changed.pk))


def delete_group(request: Request, key: int) -> HttpResponse:
    """Delete a group."""
    return act(
        request,
        lambda: groups.delete_group(request.actor, key, revision_of(request)),
        "The group is deleted, with what it was granted.",
        reverse("people:groups"),
    )


def add_member(request: Request, key: int) -> HttpResponse:
    """Put somebody into a group, by mail address."""
    given = request.POST.get("email", "")[:254]
    return act(
        request,
        lambda: groups.add_member(request.actor, key, person_by_address(given)),
        f"{given} is in the group.",
        _page(key),
    )


def remove_member(request: Request, key: int, person: int) -> HttpResponse:
    """Take somebody out of a group."""
    done = "Taken out of the group."
    return act(request, lambda: groups.remove_member(request.actor, key, person), done, _back(request, _page(key)))


def _page(key: int) -> str:
    return reverse("people:group", args=[key])


def _back(request: Request, otherwise: str) -> str:
    """Return the page of the person when the button stood there."""
    person = request.POST.get("person", "")
    return reverse("people:person", args=[int(person)]) if person.isdecimal() and len(person) < 16 else otherwise
