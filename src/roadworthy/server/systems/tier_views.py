"""The page of a tier that people set: a stricter one is set, a lower one is asked for and decided by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Changed, Conflict
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.role_titles import role_title, role_titles
from roadworthy.server.systems.lowering import ask_lower_tier, decide_lower_tier, withdraw_lower_tier
from roadworthy.server.systems.models import System, TierOverride, TierRequest, TierRequestState
from roadworthy.server.systems.override import end_set_tier, open_override, set_tier
from roadworthy.server.systems.tier_authority import limits_of, lowers, rules_tier
from roadworthy.server.systems.views import back_to, find_system
from roadworthy.server.wire.form_values import day_of, number_of, said
from roadworthy.standard.model import Tier

UNPROCESSABLE = 422
EARLIER = 20


def tier(request: Request, slug: str) -> HttpResponse:
    """Set a stricter tier than the rules give, or ask for a lower one."""
    row = find_system(request, slug, Permission.TIER_SET)
    problems: list[str] = []
    if request.method == "POST":
        try:
            return _set(request, row)
        except (InputError, Conflict, Changed) as error:
            problems = said(error)
    shown = _shown(request, row, problems)
    return render(request, "systems/tier.html", shown, status=UNPROCESSABLE if problems else 200)


def tier_end(request: Request, slug: str) -> HttpResponse:
    """Let the rules hold again."""
    revision, reason = number_of(request.POST, "revision"), request.POST.get("reason", "")
    return _do(request, slug, "The rules hold again.", lambda: end_set_tier(request.actor, slug, revision, reason))


def tier_decide(request: Request, slug: str, pk: int) -> HttpResponse:
    """Approve or reject a lower tier that somebody asked for."""
    given, approve = _given(request), request.POST.get("choice") == "approve"
    told = (
        "It is approved, signed with your key, and the newest release is judged by it."
        if approve
        else "It is rejected."
    )
    return _do(request, slug, told, lambda: decide_lower_tier(request.actor, slug, pk, approve=approve, **given))


def tier_withdraw(request: Request, slug: str, pk: int) -> HttpResponse:
    """Take a request for a lower tier back."""
    given = _given(request)
    return _do(request, slug, "It is withdrawn.", lambda: withdraw_lower_tier(request.actor, slug, pk, **given))


def _set(request: Request, row: System) -> HttpResponse:
    given = request.POST
    terms: dict[str, Any] = {"tier": given.get("tier", ""), "reason": given.get("reason", ""), "until": _until(request)}
    revision = number_of(given, "revision")
    if terms["tier"] in set(map(str, Tier)) and lowers(terms["tier"], rules_tier(row)):
        ask_lower_tier(request.actor, row.slug, revision, **terms)
        return _again(request, row.slug, "It is asked for. Nothing changes before somebody else approves it.")
    set_tier(request.actor, row.slug, revision, **terms)
    return back_to(request, row, "The tier is set, signed with your key, and the newest release is judged by it.")


def _until(request: Request) -> datetime:
    until = day_of(request.POST, "until")
    if until is None:
        raise InputError("the last day is missing", remedy="Choose a day up to a year ahead.")
    return until


def _given(request: Request) -> dict[str, Any]:
    return {"reason": request.POST.get("reason", ""), "revision": number_of(request.POST, "revision")}


def _shown(request: Request, row: System, problems: list[str]) -> dict[str, Any]:
    asked = TierRequest.objects.filter(system=row).select_related("asked_by", "decided_by")
    limits, override = limits_of(row), open_override(row)
    return {
        "system": row,
        "rules_tier": rules_tier(row),
        "override": override,
        "override_role": role_title(override.role if override else ""),
        "request_open": asked.filter(state=TierRequestState.ASKED).first(),
        "requests": asked.exclude(state=TierRequestState.ASKED)[:EARLIER],
        "earlier": TierOverride.objects.filter(system=row).select_related("user")[:EARLIER],
        "tiers": [(str(one), lowers(one, rules_tier(row))) for one in Tier if one != rules_tier(row)],
        "roles": sorted(role_titles(limits.roles).values()),
        "me": request.actor.user_id,
        "given": request.POST,
        "problems": problems,
    }


def _do(request: Request, slug: str, told: str, act: Callable[[], object]) -> HttpResponse:
    """Do something and show the page again; refusals go to the door, which records them."""
    try:
        act()
    except (InputError, Conflict, Changed) as error:
        messages.error(request, " ".join(said(error)))
        return redirect("systems:tier", slug)
    return _again(request, slug, told)


def _again(request: Request, slug: str, told: str) -> HttpResponse:
    messages.success(request, told)
    return redirect("systems:tier", slug)
