"""The board and the filter by severity against the same choice made in Python, with few findings and with many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from server_releases import make_system

from roadworthy.server.findings import board as board_module
from roadworthy.server.findings.board import RECENT, SHOWN, board
from roadworthy.server.findings.models import RANK, Finding, FindingState, Severity

pytestmark = pytest.mark.django_db


@pytest.fixture
def filled():
    """Return two systems with eighty findings in every state, their dates in no order."""
    systems = [make_system(), make_system("other", line="office")]
    now = timezone.now()
    rows = []
    for number in range(80):
        state, day = FindingState.values[number % 4], timedelta(days=number * 37 % 61)
        severity = Severity.values[number * 7 % len(Severity.values)]
        rows.append(
            Finding(
                system=systems[number % 3 == 0],
                title=f"finding {number}",
                severity=severity,
                severity_rank=RANK[severity],
                state=state,
                tier="high",
                due=now + timedelta(days=30) - day,
                opened_at=now - day,
                closed_at=now - day if state == FindingState.CLOSED else None,
                accepted_until=now + day if state == FindingState.ACCEPTED else None,
            )
        )
    Finding.objects.bulk_create(rows)
    return systems


def expected(system: str, state: str) -> list[str]:
    """Choose and order in Python what a column shows."""
    since = timezone.now() - RECENT
    found = [row for row in Finding.objects.select_related("system") if row.state == state]
    found = [row for row in found if system in {"", row.system.slug}]
    if state == FindingState.CLOSED:
        found = [row for row in found if row.closed_at and row.closed_at >= since]
        return [row.title for row in sorted(found, key=lambda row: (-row.closed_at.timestamp(), row.pk))]
    if state == FindingState.ACCEPTED:
        return [row.title for row in sorted(found, key=lambda row: (row.accepted_until, row.pk))]
    return [row.title for row in sorted(found, key=lambda row: (row.due, row.pk))]


@pytest.mark.parametrize("counted", [1000, 15, 1])
@pytest.mark.parametrize("system", ["", "other"])
def test_columns_are_the_same_however_many_there_are(people, filled, monkeypatch, counted, system):
    monkeypatch.setattr(board_module, "COUNTED", counted)
    columns = board(people.actor("engineer"), system=system)
    assert [column.state for column in columns] == list(FindingState)
    for column in columns:
        wanted = expected(system, column.state)
        assert [card.title for card in column.cards] == wanted[:SHOWN], column.state
        assert column.total == min(len(wanted), counted)


def test_the_filter_by_severity_finds_what_is_called_so(signed_in, filled):
    client = signed_in("engineer")
    for chosen in (["critical"], ["low"], ["high", "medium"]):
        query = "&".join(f"severity={one}" for one in chosen)
        page = client.get(f"/findings/?state=any&format=csv&{query}").getvalue().decode()
        wanted = Finding.objects.filter(severity__in=chosen).values_list("title", flat=True)
        found = {row.title for row in Finding.objects.all() if f"{row.title}," in page}
        assert found == set(wanted)
        assert found
