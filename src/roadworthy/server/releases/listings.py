"""The list of releases."""

from __future__ import annotations

from django.db.models import Q
from django.utils.html import format_html

from roadworthy.decide.outcome import VerdictKind
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.shell.components.chip import state_chip, tier_chip, verdict_stamp
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Choice, Column, Filter, Listing
from roadworthy.standard.model import Tier


def _counted(row: Release) -> str:
    total = row.met + row.not_met + row.inconclusive + row.not_shown + row.stale_count + row.waived
    return f"{row.met} of {total}"


def _state(row: Release) -> str:
    if not row.stale:
        return state_chip(row.state)
    return format_html("{} {}", state_chip(row.state), state_chip("stale"))


RELEASES = Listing(
    name="releases",
    columns=[
        Column(
            "verdict",
            "Verdict",
            lambda row: verdict_stamp(row.verdict, row.judged_at, "", size="small"),
            plain=lambda row: row.verdict,
        ),
        Column("name", "Release", lambda row: f"{row.system.title} {row.name}", main=True),
        Column("tier", "Tier", lambda row: tier_chip(row.tier), plain=lambda row: row.tier),
        Column("met", "Requirements met", _counted, number=True),
        Column("holding", "Holding", lambda row: row.holding, number=True),
        Column("state", "State", _state, plain=lambda row: row.state),
        Column("pushed_at", "Pushed", lambda row: when(row.pushed_at), sort="pushed_at", plain=lambda r: r.pushed_at),
    ],
    filters=[
        Filter.on("verdict", "Verdict", [(kind, kind) for kind in VerdictKind]),
        Filter.on("state", "State", ReleaseState.choices),
        Filter.on("tier", "Tier", [(tier, tier) for tier in Tier]),
        Filter("current", "Newest", [Choice("yes", "Newest of its system")], lambda _: Q(current=True)),
    ],
    search=["name__icontains", "system__title__icontains", "fingerprint__startswith"],
    sort="-pushed_at",
    url=lambda row: f"/releases/{row.pk}/",
    empty="No release has arrived yet. Run 'roadworthy gate', then 'roadworthy push' with its bundle.",
)
