"""The page of keys that may seal bundles."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Refused
from roadworthy.server.access.request import Request
from roadworthy.server.releases.keys import keys_seen, revoke_key, trust_key

SHOWN = 200


class KeyForm(forms.Form):
    """A public key to enter."""

    name = forms.CharField(
        label=later("Whose it is"), max_length=200, help_text=later("For example: build pipeline of Search.")
    )
    key = forms.CharField(
        label=later("Public key"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=later("64 hex digits, or PEM as openssl writes it. Never a private key."),
    )
    system = forms.CharField(
        label=later("Only for the system"),
        max_length=64,
        required=False,
        help_text=later("Id of a system; empty: for every system."),
    )


def list_keys(request: Request) -> HttpResponse:
    """Show the keys, and enter one."""
    form = KeyForm(request.POST or None)
    if form.is_valid():
        try:
            made = trust_key(request.actor, **form.cleaned_data)
        except Refused:
            raise
        except RoadworthyError as error:
            form.add_error(None, f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}")
        else:
            messages.success(request, _("Bundles that %(name)s seals are received now.") % {"name": made.name})
            return redirect("keys:list")
    rows = keys_seen(request.actor).order_by("revoked_at", "-pk")[:SHOWN]
    may = request.actor.may(Permission.AUTHORITY_MANAGE)
    content = {"keys": rows, "form": form, "may": may}
    return render(request, "releases/keys.html", content, status=422 if request.method == "POST" else 200)


def revoke(request: Request, pk: int) -> HttpResponse:
    """Revoke a key."""
    row = revoke_key(request.actor, pk)
    messages.success(request, _("%(name)s is revoked: nothing new is received from it.") % {"name": row.name})
    return redirect("keys:list")
