"""Lists of requests, exceptions and vendor changes, as pages show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roadworthy.server.decisions.case import UNDECIDED
from roadworthy.server.decisions.models import DecisionRequest, ExceptionState, RequestState
from roadworthy.server.shell.components.chip import state_chip, tier_chip, verdict_stamp
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.standard.model import Tier

TIERS = [(str(tier), str(tier).capitalize()) for tier in Tier]


def _at(name: str) -> Callable[[Any], str]:
    return lambda row: getattr(row, name).isoformat()


def _due(row: DecisionRequest) -> Any:
    return when(row.due, due=True) if row.state in UNDECIDED else when(row.due)


REQUESTS = Listing(
    name="decisions",
    columns=[
        Column("state", "State", lambda row: state_chip(row.state), sort="state", plain=lambda row: row.state),
        Column("title", "Release", lambda row: str(row.release), main=True),
        Column("tier", "Tier", lambda row: tier_chip(row.tier), sort="tier", plain=lambda row: row.tier),
        Column(
            "verdict",
            "Verdict",
            lambda row: verdict_stamp(row.release.verdict, size="small"),
            plain=lambda row: row.release.verdict,
        ),
        Column("environments", "For", lambda row: ", ".join(row.environments)),
        Column("asked", "Asked by", lambda row: row.requested_by.name),
        Column(
            "requested_at", "Asked", lambda row: when(row.requested_at), sort="requested_at", plain=_at("requested_at")
        ),
        Column("due", "Due", lambda row: _due(row), sort="due", plain=_at("due")),
    ],
    filters=[
        Filter.on("state", "State", RequestState.choices),
        Filter.on("tier", "Tier", TIERS),
    ],
    search=["release__system__title__icontains", "release__name__icontains", "requested_by__name__icontains"],
    sort="-requested_at",
    url=lambda row: f"/decisions/{row.pk}/",
    empty="No decision was asked for yet. Open a release that is ready, and ask for one there.",
)
EXCEPTIONS = Listing(
    name="exceptions",
    columns=[
        Column("state", "State", lambda row: state_chip(row.state), sort="state", plain=lambda row: row.state),
        Column("requirement", "Requirement", lambda row: row.requirement, sort="requirement", main=True),
        Column("system", "System", lambda row: str(row.system)),
        Column("tier", "Tier", lambda row: tier_chip(row.tier), plain=lambda row: row.tier),
        Column("category", "Why", lambda row: row.category),
        Column(
            "requested_at", "Asked", lambda row: when(row.requested_at), sort="requested_at", plain=_at("requested_at")
        ),
        Column("until", "Until", lambda row: when(row.until), sort="until", plain=_at("until")),
    ],
    filters=[
        Filter.on("state", "State", ExceptionState.choices),
        Filter.on("tier", "Tier", TIERS),
    ],
    search=["requirement__icontains", "system__title__icontains", "reason__icontains"],
    sort="-requested_at",
    url=lambda row: f"/exceptions/{row.pk}/",
    empty="No exception was asked for yet. Open a release that a requirement holds, and ask for one there.",
)
VENDOR_CHANGES = Listing(
    name="vendor-changes",
    columns=[
        Column("vendor", "Vendor", lambda row: str(row), main=False),
        Column("note", "What changed", lambda row: row.note),
        Column("releases", "Releases gone stale", lambda row: row.releases, number=True),
        Column("reported_by", "Reported by", lambda row: row.reported_by.name if row.reported_by else ""),
        Column("reported_at", "When", lambda row: when(row.reported_at), sort="reported_at", plain=_at("reported_at")),
    ],
    search=["vendor__icontains", "model__icontains", "note__icontains"],
    sort="-reported_at",
    empty="No change of a vendor was reported yet. Report one when a provider changes a model under its old name.",
)
