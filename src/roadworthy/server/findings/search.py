"""Findings in the search, and filing one among the actions."""

from __future__ import annotations

from collections.abc import Sequence

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.findings.listing import seen
from roadworthy.server.shell.search import SHOWN, Hit, SearchSource, offer, offer_action


def offer_findings() -> None:
    """Let findings be found."""
    offer(SearchSource("finding", "Findings", Permission.FINDING_READ, _find, 40))
    offer_action("File a finding", "findings:new", Permission.FINDING_WRITE, "Findings")


def _find(actor: Actor, words: list[str]) -> Sequence[Hit]:
    rows = seen(actor)
    for word in words:
        rows = rows.filter(title__icontains=word)
    found = rows.order_by("-pk")[:SHOWN]
    return [Hit(row.title, row.subject.url, f"{row.system.title}, {row.get_state_display().lower()}") for row in found]
