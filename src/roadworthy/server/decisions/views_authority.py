"""Pages of authority and of vendor changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.role_titles import role_titles
from roadworthy.server.decisions.forms import RuleForm, VendorChangeForm
from roadworthy.server.decisions.listings import VENDOR_CHANGES
from roadworthy.server.decisions.models import AuthorityRule, VendorChange
from roadworthy.server.decisions.reopening import vendor_changed
from roadworthy.server.decisions.rule_changes import RuleTerms, add_rule, change_rule, remove_rule, seen
from roadworthy.server.decisions.views import told

SHOWN = 500
"""Rules on the page; the API lists all."""


def authority(request: Request) -> HttpResponse:
    """Show who may sign what, to everybody; those who may also add a rule."""
    form = RuleForm() if request.actor.may(Permission.AUTHORITY_MANAGE) else None
    return render(request, "decisions/authority.html", {"rules": _rules(), "form": form})


def add(request: Request) -> HttpResponse:
    """Add a rule."""
    form = RuleForm(request.POST)
    if form.is_valid():
        try:
            add_rule(request.actor, _terms(form))
        except InputError as error:
            told(form, error)
        else:
            messages.success(request, "The rule is added. It applies to open requests, too.")
            return redirect("decisions:authority")
    return render(request, "decisions/authority.html", {"rules": _rules(), "form": form}, status=422)


def rule(request: Request, pk: int) -> HttpResponse:
    """Show one rule, and change it."""
    row = AuthorityRule.objects.select_related("unit").filter(pk=pk).first()
    if row is None:
        raise Missing("there is no such rule of authority", remedy="Check the address.")
    initial: dict[str, Any] = {**seen(row), "environments": ", ".join(row.environments), "revision": row.revision}
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_rule(request.actor, pk, _terms(form), revision=form.cleaned_data["revision"] or 0)
        except InputError as error:
            told(form, error)
        else:
            messages.success(request, "The rule is changed. It applies to open requests, too.")
            return redirect("decisions:authority")
    status = 422 if request.method == "POST" else 200
    titled = " or ".join(role_titles(row.roles).values())
    return render(request, "decisions/rule.html", {"form": form, "rule": row, "titled": titled}, status=status)


def remove(request: Request, pk: int) -> HttpResponse:
    """Remove a rule."""
    given = request.POST.get("revision", "")
    remove_rule(request.actor, pk, revision=int(given) if given.isdecimal() and len(given) < 10 else 0)
    messages.success(request, "The rule is removed.")
    return redirect("decisions:authority")


def vendor_changes(request: Request) -> HttpResponse:
    """Show what vendors changed, and report a change."""
    form = VendorChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = vendor_changed(request.actor, given["vendor"], given["note"], given["model"])
        number = f"{made.releases} release{'' if made.releases == 1 else 's'}"
        messages.success(request, f"Reported. {number} went stale by it.")
        return redirect("decisions:vendor_changes")
    page = VENDOR_CHANGES.page(request, VendorChange.objects.select_related("reported_by"))
    status = 422 if request.method == "POST" else 200
    return render(request, "decisions/vendor_changes.html", {"form": form, "page": page}, status=status)


def _rules() -> list[tuple[AuthorityRule, str]]:
    """Return the rules with the names of their roles."""
    rows = list(AuthorityRule.objects.select_related("unit").order_by("action", "pk")[:SHOWN])
    titles = role_titles(role for row in rows for role in row.roles)
    return [(row, " or ".join(titles[role] for role in row.roles)) for row in rows]


def _terms(form: RuleForm) -> RuleTerms:
    given = form.cleaned_data
    return RuleTerms(
        given["action"], given["roles"], given["tiers"], given["environments"], given["quorum"], given["unit"]
    )
