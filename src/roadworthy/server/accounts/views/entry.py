"""The page where the bearer of a one-time link makes their account."""

from __future__ import annotations

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from roadworthy.core.errors import InputError
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.second_factor import has_second_factor
from roadworthy.server.accounts.setup import use_link, valid_link


def set_up(request: Request, secret: str) -> HttpResponse:
    """Let the bearer of a one-time link make their account."""
    with transaction.atomic():
        link = valid_link(secret)
    problem = ""
    if request.method == "POST":
        given = request.POST
        try:
            user = use_link(secret, given.get("email", ""), given.get("name", ""), given.get("password", ""))
        except InputError as error:
            problem = f"{error.problem}. {error.remedy}"
        else:
            if has_second_factor(user):
                return redirect("account_login")
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return redirect("/")
    status = 422 if problem else 200
    return render(request, "accounts/set_up.html", {"link": link, "problem": problem}, status=status)
