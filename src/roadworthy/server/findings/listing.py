"""The table of findings: columns, filters, search; also what its CSV holds."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.findings.models import RANK, UNSOLVED, Finding, FindingSource, FindingState, Severity
from roadworthy.server.shell.components.chip import person, severity_chip, state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Bulk, Choice, Column, Filter, Listing


def seen(actor: Actor) -> QuerySet[Finding]:
    """Return the findings that an actor may see, with what lists show of them."""
    rows = Finding.objects.select_related("system", "owner").defer("detail", "system__purpose")
    return actor.visible(rows, Permission.FINDING_READ)


def _severe(values: list[str]) -> Q:
    """Choose by rank, which indexes hold."""
    return Q(severity_rank__in=[RANK[value] for value in values])


def _lines(request: Request) -> list[Choice]:
    return [Choice(line.slug, line.title) for line in ProductLine.objects.all()[:50]]


def _due(values: list[str]) -> Q:
    found = Q()
    if "overdue" in values:
        found |= Q(state__in=UNSOLVED, due__lte=timezone.now())
    if "coming" in values:
        found |= Q(state__in=UNSOLVED, due__gt=timezone.now())
    return found


def _owned(values: list[str]) -> Q:
    return Q(owner=None) if "nobody" in values else Q(owner__isnull=False)


def _state(row: Finding) -> Any:
    return state_chip(row.get_state_display())


FINDINGS = Listing(
    name="findings",
    columns=[
        Column(
            "severity",
            "Severity",
            lambda row: severity_chip(row.severity),
            sort="severity_rank",
            plain=lambda row: row.severity,
        ),
        Column("state", "State", _state, plain=lambda row: row.state),
        Column("title", "Finding", lambda row: row.title, main=True),
        Column("system", "System", lambda row: row.system.title),
        Column("requirement", "Requirement", lambda row: row.requirement),
        Column("source", "Source", lambda row: row.get_source_display().capitalize(), plain=lambda row: row.source),
        Column(
            "owner",
            "Owner",
            lambda row: person(row.owner),
            plain=lambda row: row.owner.name if row.owner else "",
        ),
        Column(
            "due",
            "Due",
            lambda row: when(row.due, due=row.state in UNSOLVED),
            sort="due",
            plain=lambda row: row.due.isoformat(),
        ),
        Column(
            "opened",
            "Opened",
            lambda row: when(row.opened_at),
            sort="opened_at",
            plain=lambda row: row.opened_at.isoformat(),
        ),
    ],
    filters=[
        Filter.on("state", "State", FindingState.choices, first=[str(state) for state in UNSOLVED]),
        Filter("severity", "Severity", [Choice(*pair) for pair in Severity.choices], _severe),
        Filter.on("source", "Source", FindingSource.choices),
        Filter("due", "Due", [Choice("overdue", "Overdue"), Choice("coming", "Not yet")], _due),
        Filter("owned", "Owner", [Choice("nobody", "Nobody"), Choice("somebody", "Somebody")], _owned),
        Filter("line", "Product line", _lines, lambda values: Q(system__product_line__slug__in=values)),
    ],
    search=["title__icontains", "requirement__icontains", "system__title__icontains"],
    sort="due",
    url=lambda row: f"/findings/{row.pk}/",
    bulk=[Bulk("change", "Assign or rate", "/findings/bulk")],
    empty="No finding is there. Findings come from gates, red teams and people; push a bundle, or file the first one.",
    empty_action=("File a finding", "/findings/new"),
)
