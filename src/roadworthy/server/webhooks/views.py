"""Pages of webhooks."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.events import Event
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.audit.services import record
from roadworthy.server.shell.components.chip import state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.webhooks import outbox, services
from roadworthy.server.webhooks.events import PING
from roadworthy.server.webhooks.models import Delivery, DeliveryState, Endpoint
from roadworthy.server.webhooks.tasks import deliver

WEBHOOKS = Listing(
    name="webhooks",
    columns=[
        Column("active", "State", lambda row: state_chip("active" if row.active else "stopped")),
        Column("title", "Webhook", lambda row: row.title, sort="title", main=True),
        Column("url", "Address", lambda row: row.url),
        Column("events", "Events", lambda row: len(row.events) or "all", number=True),
    ],
    search=["title__icontains", "url__icontains"],
    sort="title",
    url=lambda row: f"/webhooks/{row.pk}/",
    empty="No webhook is set up. Add one below to tell another tool what happens here.",
)
DELIVERIES = Listing(
    name="deliveries",
    columns=[
        Column("state", "State", lambda row: state_chip(row.state)),
        Column("event", "Event", lambda row: row.event, main=True),
        Column("created_at", "When", lambda row: when(row.created_at), sort="created_at"),
        Column("tries", "Tries", lambda row: row.tries, number=True),
        Column("answer", "Answer", lambda row: row.answer),
    ],
    filters=[Filter.on("state", "State", DeliveryState.choices)],
    sort="-created_at",
    empty="Nothing was sent yet. Try the webhook to see whether it is taken.",
)


def list_webhooks(request: Request) -> HttpResponse:
    """Show webhooks, and add one."""
    made, problem = None, ""
    if request.method == "POST":
        given = request.POST
        try:
            made = services.make_endpoint(
                request.actor, given.get("title", ""), given.get("url", ""), given.getlist("events")
            )
        except InputError as error:
            problem = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy}"
    content = {
        "page": WEBHOOKS.page(request, Endpoint.objects.all()),
        "events": services.sendable(),
        "made": made,
        "problem": problem,
        "given": request.POST,
        "chosen": request.POST.getlist("events") if problem else [],
    }
    return render(request, "webhooks/list.html", content, status=422 if problem else 200)


def show_webhook(request: Request, pk: int) -> HttpResponse:
    """Show a webhook with its deliveries, and change it."""
    row = services.find_endpoint(pk)
    problem = ""
    if request.method == "POST":
        given = request.POST
        try:
            services.change_endpoint(
                request.actor,
                pk,
                _number(given.get("revision", "")),
                title=given.get("title", ""),
                url=given.get("url", ""),
                events=given.getlist("events"),
                active="active" in given,
            )
        except InputError as error:
            problem = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy}"
        else:
            messages.success(request, "The webhook is changed.")
            return redirect("webhooks:show", pk)
    rows = Delivery.objects.filter(endpoint=row)
    content = {
        "webhook": row,
        "page": DELIVERIES.page(request, rows),
        "events": services.sendable(),
        "problem": problem,
        "secret": request.session.pop("webhook_secret", ""),
    }
    return render(request, "webhooks/show.html", content, status=422 if problem else 200)


def renew(request: Request, pk: int) -> HttpResponse:
    """Renew the secret, and show it once."""
    _, secret = services.renew_secret(request.actor, pk, _number(request.POST.get("revision", "")))
    request.session["webhook_secret"] = secret
    return redirect("webhooks:show", pk)


def remove(request: Request, pk: int) -> HttpResponse:
    """Remove a webhook."""
    services.remove_endpoint(request.actor, pk, _number(request.POST.get("revision", "")))
    messages.success(request, "The webhook is removed.")
    return redirect("webhooks:list")


@transaction.atomic
def try_out(request: Request, pk: int) -> HttpResponse:
    """Send an event that says nothing, to see whether it is taken."""
    row = services.find_endpoint(pk)
    about = services.subject(row)
    outbox.post(row, Event(PING, about, request.actor))
    record(request.actor, PING, about, row=row)
    messages.success(request, "A ping is on its way; load the page again to see what was answered.")
    return redirect("webhooks:show", pk)


@transaction.atomic
def again(request: Request, pk: int, delivery: int) -> HttpResponse:
    """Deliver something once more, with the same message id."""
    row = Delivery.objects.select_for_update().filter(endpoint_id=pk, pk=delivery).first()
    if row is None:
        raise Missing("there is no such delivery", remedy="Check the address.")
    row.state, row.next_at, row.done_at, row.tries = DeliveryState.WAITING, timezone.now(), None, 0
    row.save()
    deliver.enqueue(row.pk)
    messages.success(request, "It is on its way once more.")
    return redirect("webhooks:show", pk)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
