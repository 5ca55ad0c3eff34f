"""Pages of roles and grants."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from roadworthy.server.access.permissions import PERMISSIONS
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import grants, roles
from roadworthy.server.accounts.forms import GrantForm, RoleChangeForm, RoleForm
from roadworthy.server.accounts.grants import Place, left_out, where
from roadworthy.server.accounts.models import Grant, Role
from roadworthy.server.accounts.places import titles_of
from roadworthy.server.accounts.views.form_page import Wording, act, form_page, revision_of
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.wire.revision import found

ROLES = (("/roles/", "Roles"),)
GRANTS = Listing(
    name="grants",
    columns=[
        Column("to", "Who", lambda row: row.user or f"group {row.group}", main=True),
        Column("role", "Role", lambda row: row.role.title),
        Column("where", "Where", lambda row: row.place),
        Column("since", "Since", lambda row: row.created_at, sort="created_at"),
    ],
    filters=[
        Filter.on("to", "To", [("True", "Groups"), ("False", "People")], "user__isnull"),
    ],
    search=["user__name__icontains", "group__name__icontains", "role__title__icontains"],
    sort="-since",
    url=lambda row: f"/people/{row.user_id}/" if row.user_id else f"/groups/{row.group_id}/",
    empty="Nobody holds a role yet. Open a person or a group to give one.",
)


def list_roles(request: Request) -> HttpResponse:
    """Show all roles and how many people and groups hold each."""
    rows = Role.objects.annotate(held=Count("grants")).order_by("built_in", "title")
    return render(request, "accounts/roles.html", {"roles": rows})


def show_role(request: Request, key: str) -> HttpResponse:
    """Show what a role allows."""
    role = found(Role.objects.annotate(held=Count("grants")), slug=key)
    table = [(about, permission, permission in role.permissions) for permission, about in PERMISSIONS.items()]
    return render(request, "accounts/role.html", {"role": role, "table": table, "left_out": left_out(role)})


def new_role(request: Request) -> HttpResponse:
    """Make a role of the organisation's own."""

    def do(given: dict[str, Any]) -> Role:
        return roles.make_role(request.actor, given["id"], given["title"], given["permissions"], given["signs"])

    wording = Wording("New role", "Make the role", "The role is made.", crumbs=ROLES)
    return form_page(request, RoleForm(request.POST or None), do, wording, _page_of)


def change_role(request: Request, key: str) -> HttpResponse:
    """Change a role of the organisation's own."""
    role = found(Role.objects.all(), slug=key)
    if role.built_in:
        raise Conflict("a role that ships with the server does not change", remedy="Make a role of your own.")
    form = RoleChangeForm(
        request.POST or None,
        initial={"title": role.title, "permissions": role.permissions, "signs": role.signs},
    )
    form.revision = role.revision  # type: ignore[attr-defined]

    def do(given: dict[str, Any]) -> Role:
        revision = revision_of(request)
        return roles.change_role(request.actor, key, revision, given["title"], given["permissions"], given["signs"])

    wording = Wording(f"Change {role}", "Save", "Saved.", crumbs=(*ROLES, (_page_of(role), str(role))))
    return form_page(request, form, do, wording, _page_of)


def delete_role(request: Request, key: str) -> HttpResponse:
    """Delete a role that nobody holds."""
    return act(
        request,
        lambda: roles.delete_role(request.actor, key, revision_of(request)),
        "The role is deleted.",
        reverse("people:roles"),
    )


def list_grants(request: Request) -> HttpResponse:
    """Show who holds which role where: the page of an access review."""
    rows = Grant.objects.select_related("role", "user", "group", "unit", "product_line")
    page = GRANTS.page(request, rows)
    titles = titles_of(grant.system_id for grant in page.rows)
    for grant in page.rows:
        grant.place = where(grant, titles)
    return render(request, "accounts/grants.html", {"page": page})


def give_role(request: Request, holder: str, key: int) -> HttpResponse:
    """Give a role to the person or the group of a page."""
    then = reverse(f"people:{holder}", args=[key])
    form = GrantForm(request.POST)
    if not form.is_valid():
        return redirect(then)
    given = form.cleaned_data
    place = Place(given["unit"], given["product_line"], given["system"].strip())
    to = {"person": key} if holder == "person" else {"group": key}
    return act(
        request, lambda: grants.make_grant(request.actor, given["role"], place=place, **to), "The role is given.", then
    )


def take_role(request: Request, key: int) -> HttpResponse:
    """Take a role back."""
    grant = found(Grant.objects.all(), pk=key)
    kind, holder = ("person", grant.user_id) if grant.user_id else ("group", grant.group_id)
    return act(
        request,
        lambda: grants.delete_grant(request.actor, key),
        "The role is taken back.",
        reverse(f"people:{kind}", args=[holder]),
    )


def _page_of(role: Role) -> str:
    return reverse("people:role", args=[role.slug])
