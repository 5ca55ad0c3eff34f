"""Lists of the portfolio: launches, decisions that wait, systems by risk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from roadworthy.decide.authority_rule import Action
from roadworthy.server.business_days import business_calendar
from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest, RequestState, Signature
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.selection import FRESH
from roadworthy.server.releases.models import Release
from roadworthy.server.shell.components.chip import state_chip, tier_chip, verdict_stamp
from roadworthy.server.shell.components.moment import day, when
from roadworthy.server.shell.listing import Column, Filter, Listing
from roadworthy.server.systems.models import Governance, System
from roadworthy.standard.model import Tier

PAST = timedelta(days=30)
"""Launches are shown from so long ago."""
TIERS = [(str(tier), str(tier).capitalize()) for tier in Tier]
WAITING = (RequestState.OPEN, RequestState.CHANGES_REQUESTED, RequestState.REOPENED)


def launches(part: Part) -> QuerySet[System]:
    """Return the systems with a day of launch, with their newest release."""
    edge = business_calendar().day(timezone.now()) - PAST
    rows = part.systems().filter(launch__gte=edge)
    return with_release(rows)


def with_release(rows: QuerySet[System]) -> QuerySet[System]:
    """Read systems with their product line and newest release."""
    current = Release.objects.filter(current=True).only(
        "system_id", "name", "verdict", "holding", "stale", "state", "shipped_at", "valid_until", "current"
    )
    found = rows.select_related("product_line").defer("purpose")
    return found.prefetch_related(Prefetch("releases", current, to_attr="newest"))


def release_of(row: Any) -> Release | None:
    """Return the newest release of a system that was read with it."""
    return row.newest[0] if row.newest else None


def days_left(row: Any) -> int | None:
    """Return the business days until a launch; negative when it is past."""
    calendar = business_calendar()
    return calendar.business_days_between(calendar.day(timezone.now()), row.launch) if row.launch else None


def _verdict(row: Any) -> Any:
    release = release_of(row)
    if release is None:
        return format_html('<span class="soft">{}</span>', _("no release"))
    stamp = verdict_stamp(release.verdict, size="small")
    return format_html("{} {}", stamp, state_chip("stale")) if release.stale else stamp


def _plain_verdict(row: Any) -> str:
    release = release_of(row)
    return "no release" if release is None else f"{release.verdict}{' (stale)' if release.stale else ''}"


def _holding(row: Any) -> Any:
    release = release_of(row)
    return "" if release is None else release.holding


def _governance(row: Any) -> Any:
    return state_chip(row.get_governance_display())


SYSTEM_COLUMNS = (
    Column("tier", "Tier", lambda row: tier_chip(row.tier), sort="tier", plain=lambda row: row.tier),
    Column("title", "System", lambda row: row.title, sort="title", main=True),
    Column("line", "Product line", lambda row: row.product_line.title if row.product_line else ""),
    Column("governance", "Governance", _governance, sort="governance", plain=lambda row: row.governance),
    Column("verdict", "Verdict", _verdict, plain=_plain_verdict),
    Column("holding", "Holding", _holding, number=True),
)
LAUNCHES = Listing(
    name="launches",
    columns=[
        Column("launch", "Launch", lambda row: day(row.launch, due=True), sort="launch", plain=lambda row: row.launch),
        Column("left", "Business days left", days_left, number=True),
        *SYSTEM_COLUMNS,
    ],
    filters=[Filter.on("tier", "Tier", TIERS), Filter.on("governance", "Governance", Governance.choices)],
    search=["title__icontains"],
    sort="launch",
    url=lambda row: f"/systems/{row.slug}/",
    empty="No launch is declared. Give `launch:` in a declaration, and it is listed here.",
)
READY = Listing(
    name="readiness",
    columns=[
        *SYSTEM_COLUMNS,
        Column("launch", "Launch", lambda row: day(row.launch), plain=lambda row: row.launch),
    ],
    filters=[Filter.on("tier", "Tier", TIERS), Filter.on("governance", "Governance", Governance.choices)],
    search=["title__icontains"],
    sort="title",
    url=lambda row: f"/systems/{row.slug}/",
    empty="No system is registered here yet. Register one, or push its first bundle.",
)


def waiting(part: Part) -> QuerySet[DecisionRequest]:
    """Return the requests for a decision that wait, with what was signed."""
    rows = DecisionRequest.objects.filter(part.condition("release__system__"), state__in=WAITING)
    signed = Signature.objects.filter(void="").select_related("user")
    found = rows.select_related("release__system__product_line", "requested_by").defer("release__system__purpose")
    return found.prefetch_related(Prefetch("signatures", signed, to_attr="signed"))


class WaitingOn:
    """On whom requests wait: roles that a rule asks for and that nobody has signed in yet; the rules are read once."""

    def __init__(self) -> None:
        self._rules: list[AuthorityRule] | None = None

    def __call__(self, row: Any) -> str:
        """Name the roles, or who has to act."""
        if row.state == RequestState.CHANGES_REQUESTED:
            return str(_("the team: %s") % row.requested_by.name)
        if self._rules is None:
            self._rules = list(AuthorityRule.objects.filter(action=str(Action.RELEASE)))
        signed = {one.role for one in row.signed if one.round == row.round}
        asked = [" or ".join(rule.roles) for rule in self._rules if self._applies(rule, row, signed)]
        return ", ".join(dict.fromkeys(asked)) or str(_("nobody: ask for it again"))

    @staticmethod
    def _applies(rule: AuthorityRule, row: Any, signed: set[str]) -> bool:
        tier = not rule.tiers or row.tier in rule.tiers
        place = not rule.environments or not row.environments or bool(set(rule.environments) & set(row.environments))
        return tier and place and not signed & set(rule.roles)


def days_waiting(row: Any) -> int:
    """Return the business days since a decision was asked for."""
    calendar = business_calendar()
    return calendar.business_days_between(calendar.day(row.requested_at), calendar.day(timezone.now()))


def days_promised(row: Any) -> int:
    """Return the business days that were promised for a decision."""
    calendar = business_calendar()
    last = calendar.day(row.due - timedelta(microseconds=1))
    return calendar.business_days_between(calendar.day(row.requested_at), last)


def waiting_list() -> Listing:
    """Return the list of decisions that wait, made anew for each page since it reads the rules."""
    on = WaitingOn()
    return Listing(
        name="waiting",
        columns=[
            Column("state", "State", lambda row: state_chip(row.get_state_display()), plain=lambda row: row.state),
            Column("release", "Release", lambda row: str(row.release), main=True),
            Column("tier", "Tier", lambda row: tier_chip(row.tier), sort="tier", plain=lambda row: row.tier),
            Column("on", "Waits on", on),
            Column(
                "since",
                "Since",
                lambda row: when(row.requested_at),
                sort="requested_at",
                plain=lambda row: row.requested_at.isoformat(),
            ),
            Column("days", "Business days", days_waiting, number=True),
            Column("promised", "Promised", days_promised, number=True),
            Column(
                "due",
                "Due",
                lambda row: when(row.due, due=True),
                sort="due",
                plain=lambda row: row.due.isoformat(),
            ),
        ],
        filters=[Filter.on("tier", "Tier", TIERS), Filter.on("state", "State", [(one, one.label) for one in WAITING])],
        search=["release__system__title__icontains"],
        sort="due",
        url=lambda row: f"/decisions/{row.pk}/",
        empty="No decision waits. Requests for a decision are listed here until everybody has signed.",
    )


def by_risk(part: Part) -> QuerySet[System]:
    """Return systems with their product line; the weighted residual risk stands in their rows, null where unknown."""
    return part.systems().select_related("product_line").defer("purpose")


def _risk(row: Any) -> Any:
    if row.portfolio_risk_high is None:
        return format_html('<span class="soft">{}</span>', _("unknown: no accepted assessment"))
    return f"{row.portfolio_risk_low:,.0f} to {row.portfolio_risk_high:,.0f}"


def _assessed(row: Any) -> Any:
    if row.portfolio_risk_at is None:
        return ""
    old = row.portfolio_risk_at < timezone.now() - FRESH
    return (
        format_html("{} {}", when(row.portfolio_risk_at), state_chip("stale")) if old else when(row.portfolio_risk_at)
    )


def _assessed_plainly(row: Any) -> str:
    return row.portfolio_risk_at.isoformat() if row.portfolio_risk_at else "unknown"


RISKS = Listing(
    name="risks",
    columns=[
        Column("risk", "Weighted risk", _risk, sort="portfolio_risk_high", plain=lambda row: row.portfolio_risk_high),
        Column("title", "System", lambda row: row.title, sort="title", main=True),
        Column("tier", "Tier", lambda row: tier_chip(row.tier), sort="tier", plain=lambda row: row.tier),
        Column("line", "Product line", lambda row: row.product_line.title if row.product_line else ""),
        Column("assessed", "Assessed", _assessed, plain=_assessed_plainly),
    ],
    filters=[Filter.on("tier", "Tier", TIERS)],
    search=["title__icontains"],
    sort="-risk",
    url=lambda row: f"/systems/{row.slug}/",
    empty="No system is registered here yet. Register one, or push its first bundle.",
)
