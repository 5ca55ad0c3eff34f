"""The door: before any view runs, the table says who may pass; refusals are told and recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from ninja.utils import check_csrf

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.doors import Opening, methods, opening
from roadworthy.server.access.refusals import Missing, NotAllowed, NotSignedIn, Refused, TooLarge
from roadworthy.server.access.subject import Subject
from roadworthy.server.accounts.second_factor import lacks_second_factor
from roadworthy.server.audit.services import record_refusal
from roadworthy.server.shell.problem import for_program, problem_page, program_response
from roadworthy.server.wire.characters import need_storable

log = logging.getLogger("roadworthy.door")
REFUSED = "access.refused"


class DoorMiddleware:
    """Open only what the table of doors opens; turn the errors of services into answers."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.answer(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Stop a request that the table does not let in."""
        match = request.resolver_match
        if match is None:
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        name = match.view_name or match.url_name or ""
        found = opening(str(request.method), name)
        if found is None and (known := methods(name)):
            return self._not_allowed(request, known)
        try:
            self._pass(actor, found, f"{request.method} {name}")
            _need_own_form(request, actor)
            need_storable(request)
            if lacks_second_factor(request, actor, name):
                return _enrol(request)
        except NotSignedIn as error:
            if actor.door is Door.NONE and for_program(request):
                return program_response(request, error)
            return redirect_to_login(request.get_full_path(), settings.LOGIN_URL)
        except (RoadworthyError, RequestDataTooBig) as error:
            return self.process_exception(request, error)
        return None

    @staticmethod
    def _not_allowed(request: HttpRequest, known: list[str]) -> HttpResponse:
        error = NotAllowed(f"{request.method} is not answered here", remedy=f"Use {' or '.join(known)}.")
        shown = program_response if for_program(request) else problem_page
        response = shown(request, error)
        response["Allow"] = ", ".join(known)
        return response

    @staticmethod
    def _pass(actor: Actor, found: Opening | None, door: str) -> None:
        if found is not None and found.shut:
            raise Missing("there is nothing at this address", remedy="Check the address, or search.")
        if found is not None and not found.signed_in:
            return
        if not actor.signed_in:
            raise NotSignedIn("nobody is signed in", remedy="Sign in, or send a token as 'Authorization: Bearer ...'.")
        if found is None:
            raise Refused(f"the door {door} is in no table, so that it stays shut", remedy="Report it.")
        if found.permission is not None:
            actor.need(found.permission)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer an error of the field with its status; what nobody foresaw is left to Django."""
        if isinstance(error, RequestDataTooBig):
            error = TooLarge("more was sent than is received here", remedy="Send less.")
        if not isinstance(error, RoadworthyError):
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if isinstance(error, Refused) and actor.signed_in:
            match = request.resolver_match
            name = match.view_name if match else request.path
            subject = Subject("door", f"{request.method} {name}"[:128], request.path[:300], error.system)
            record_refusal(actor, error.action or REFUSED, subject, error.problem)
        if for_program(request):
            return program_response(request, error)
        return problem_page(request, error)


def _enrol(request: HttpRequest) -> HttpResponse:
    """Send a person to set up the second factor that this server asks for; nothing else is open before."""
    if request.path.startswith("/api/"):
        raise Refused("this server asks for a second factor", remedy="Sign in on a page, and set one up.")
    messages.info(request, "This server asks for a second factor. Set one up to go on.")
    return redirect("mfa_activate_totp")


def _need_own_form(request: HttpRequest, actor: Actor) -> None:
    """Raise Refused for a change over the API that a foreign page could have sent with the cookie of a session."""
    if actor.door is Door.API and actor.signed_in and actor.token_id is None and check_csrf(request) is not None:
        raise Refused("the request did not come from a page of this server", remedy="Send a token, or X-CSRFToken.")
