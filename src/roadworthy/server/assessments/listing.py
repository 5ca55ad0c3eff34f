"""The lists of assessments and of briefs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from roadworthy.assess.risk import Band
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.assessments.models import Assessment, AssessmentState
from roadworthy.server.assessments.range_plot import band_chip
from roadworthy.server.shell.components.chip import state_chip, tier_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Choice, Column, Filter, Listing
from roadworthy.server.systems.models import System


def _lines(request: Request) -> Sequence[Choice]:
    seen = request.actor.visible(System.objects.all(), Permission.ASSESSMENT_READ)
    return [
        Choice(line.slug, line.title)
        for line in ProductLine.objects.filter(pk__in=seen.order_by().values("product_line"))[:50]
    ]


def _residual(row: Assessment) -> str:
    return "" if row.residual_high is None else f"{row.residual_low:,.0f} to {row.residual_high:,.0f}"


ASSESSMENTS = Listing(
    name="assessments",
    columns=[
        Column("state", "State", lambda row: state_chip(row.get_state_display()), plain=lambda row: row.state),
        Column("system", "System", lambda row: row.system.title, sort="system__title", main=True),
        Column("number", "No.", lambda row: row.number, number=True),
        Column("worst", "Worst", lambda row: band_chip(row.worst), plain=lambda row: row.worst),
        Column("critical", "Critical", lambda row: row.band_critical, sort="band_critical", number=True),
        Column("high", "High", lambda row: row.band_high, number=True),
        Column("residual", "Residual, in sum", _residual, sort="residual_high", number=True),
        Column("version", "Version", lambda row: row.version.number, number=True),
        Column(
            "owed",
            "Up to date",
            lambda row: state_chip("stale") if row.refresh_owed else "",
            plain=lambda row: "stale" if row.refresh_owed else "",
        ),
        Column(
            "updated",
            "Changed",
            lambda row: when(row.updated_at),
            sort="updated_at",
            plain=lambda row: row.updated_at.isoformat(),
        ),
    ],
    filters=[
        Filter.on("state", "State", AssessmentState.choices),
        Filter.on("worst", "Worst band", [(str(band), str(band).capitalize()) for band in Band]),
        Filter("owed", "Up to date", [Choice("stale", "Stale")], lambda values: Q(refresh_owed=True)),
        Filter("line", "Product line", _lines, lambda values: Q(system__product_line__slug__in=values)),
    ],
    search=["system__title__icontains", "system__slug__icontains"],
    sort="-updated",
    url=lambda row: reverse("assessments:show", args=[row.pk]),
    empty="No system was assessed yet. An assessment proposes harm scenarios from what is declared; people decide.",
    empty_action=("Begin an assessment", "/assessments/start/"),
)


def _tiers(row: Any) -> Any:
    return tier_chip(row.tier)


BRIEFS = Listing(
    name="briefs",
    columns=[
        Column("title", "Brief", lambda row: row.title, sort="title", main=True),
        Column("tier", "Tier at most", _tiers, plain=lambda row: row.tier),
        Column("known", "At least", lambda row: tier_chip(row.known_tier), plain=lambda row: row.known_tier),
        Column("system", "System", lambda row: row.system or ""),
        Column("owner", "By", lambda row: row.owner.name),
        Column(
            "created",
            "Drafted",
            lambda row: when(row.created_at),
            sort="created_at",
            plain=lambda row: row.created_at.isoformat(),
        ),
    ],
    search=["title__icontains"],
    sort="-created",
    url=lambda row: reverse("assessments:brief", args=[row.pk]),
    empty="No brief yet. From a page of text the tier, the top risks and a plan are drafted, each fact with its quote.",
    empty_action=("Draft from a brief", "/briefs/new/"),
)
