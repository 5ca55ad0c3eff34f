"""What is posted from the page of a release: it was shipped, it was withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from roadworthy.core.errors import InputError
from roadworthy.server.access.request import Request
from roadworthy.server.releases.shipping import ship, withdraw


def ship_release(request: Request, pk: int) -> HttpResponse:
    """Record that a release was shipped."""
    asked = request.POST
    environments = [*asked.getlist("environment"), *asked.get("other", "").replace(",", " ").split()]
    release = ship(
        request.actor, pk, environments=environments[:50], note=asked.get("note", ""), revision=_revision(request)
    )
    messages.success(request, _("Recorded as shipped to %(places)s.") % {"places": ", ".join(release.environments)})
    return redirect(release.subject.url)


def withdraw_release(request: Request, pk: int) -> HttpResponse:
    """Record that a release was withdrawn."""
    release = withdraw(request.actor, pk, reason=request.POST.get("reason", ""), revision=_revision(request))
    messages.success(request, _("Recorded as withdrawn."))
    return redirect(release.subject.url)


def _revision(request: Request) -> int:
    given = request.POST.get("revision", "")
    if not (given.isdecimal() and len(given) < 10):
        raise InputError("the form does not say which revision it changes", remedy="Load the page again.")
    return int(given)
