"""A page that is one form: what is wrong is told beside the form, what is done leads on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.server.access.refusals import Changed, Conflict
from roadworthy.server.access.request import Request
from roadworthy.server.sealing import seal, unseal

_ONCE = "shown_once"


@dataclass(frozen=True)
class Wording:
    """What the page says."""

    title: str
    submit: str
    done: str
    """Told after it is done."""
    intro: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    """Address and title of the pages above."""


def form_page(
    request: Request, form: Form, do: Callable[[dict[str, Any]], Any], wording: Wording, then: Callable[[Any], str]
) -> HttpResponse:
    """Show a form, or do what was filled in and go on to `then(what do returned)`."""
    if request.method == "POST" and form.is_valid():
        try:
            done = do(form.cleaned_data)
        except (InputError, Conflict, Changed) as error:
            form.add_error(None, sentence(error))
        else:
            messages.success(request, wording.done)
            return redirect(then(done))
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/form.html", {"form": form, "wording": wording}, status=status)


def act(request: Request, do: Callable[[], Any], done: str, then: str) -> HttpResponse:
    """Do what a button asks for and go back; what stands in the way is told there."""
    try:
        do()
    except (InputError, Conflict, Changed) as error:
        messages.error(request, sentence(error))
    else:
        messages.success(request, done)
    return redirect(then)


def sentence(error: RoadworthyError) -> str:
    """Return what a person is told of an error."""
    return f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}".strip()


def keep_once(request: Request, secret: str) -> None:
    """Keep a secret for the next page, sealed even in the session."""
    request.session[_ONCE] = seal(secret, "secret shown once")


def shown_once(request: Request) -> str:
    """Return the secret that was kept for this page, and forget it."""
    kept = request.session.pop(_ONCE, "")
    return unseal(kept, "secret shown once") if kept else ""


def revision_of(request: Request) -> int | None:
    """Return the revision that a form on a page carries along."""
    given = request.POST.get("revision", "")
    return int(given) if given.isdecimal() and len(given) < 10 else None
