"""The board: findings by state, the most urgent of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.findings.listing import seen
from roadworthy.server.findings.models import Finding, FindingState

SHOWN = 20
"""Cards of a column; the table has the rest."""
COUNTED = 1000
RECENT = timedelta(days=30)
"""How long a closed finding stays on the board."""


@dataclass(frozen=True)
class BoardColumn:
    """A column of the board."""

    state: FindingState
    cards: list[Finding]
    total: int
    """Counted up to COUNTED."""

    @property
    def total_words(self) -> str:
        """Return the number of findings in words."""
        return f"{COUNTED:,}+" if self.total >= COUNTED else f"{self.total:,}"

    @property
    def more(self) -> bool:
        """Tell whether the table has more of them."""
        return self.total > len(self.cards)


def board(actor: Actor, *, mine: bool = False, line: str = "", system: str = "") -> list[BoardColumn]:
    """Return the columns, in the order of work; two queries each."""
    rows = seen(actor)
    if mine:
        rows = rows.filter(owner=actor.user_id)
    if line:
        rows = rows.filter(system__product_line__slug=line)
    if system:
        rows = rows.filter(system__slug=system)
    return [_column(rows, state) for state in FindingState]


def _column(rows: QuerySet[Finding], state: FindingState) -> BoardColumn:
    order = {FindingState.CLOSED: "-closed_at", FindingState.ACCEPTED: "accepted_until"}.get(state, "due")
    recent = Q(closed_at__gte=timezone.now() - RECENT) if state == FindingState.CLOSED else Q()
    found = rows.filter(recent, state=state)
    total = found.order_by()[:COUNTED].count()
    if total < COUNTED:  # few of many: found by their systems, then ordered, where the order alone would read them all
        found = rows.filter(pk__in=found.order_by().values("pk")[:COUNTED])
    return BoardColumn(state, list(found.order_by(order, "pk")[:SHOWN]), total)
