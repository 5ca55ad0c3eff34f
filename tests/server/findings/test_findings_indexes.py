"""A million findings: what PostgreSQL finds words and unsolved findings by."""

import pytest
from django.db import connection

from roadworthy.server.findings.models import UNSOLVED, Finding

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL"),
]


def plan(rows) -> str:
    """Return how PostgreSQL would read rows if reading a whole table were out of the question."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


def test_words_are_found_by_their_trigrams():
    rows = Finding.objects.filter(title__icontains="leaks").order_by()
    assert "finding_title_words" in plan(rows)


def test_unsolved_findings_are_read_by_their_own_index():
    rows = Finding.objects.filter(state__in=UNSOLVED).order_by("system", "due").values("system", "due", "requirement")
    assert "finding_unsolved" in plan(rows)
