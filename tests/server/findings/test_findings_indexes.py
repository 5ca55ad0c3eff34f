"""A million findings: what the database finds words and unsolved findings by."""

import pytest
from django.db import connection

from roadworthy.server.findings.models import UNSOLVED, Finding

pytestmark = pytest.mark.django_db
ON_POSTGRESQL = connection.vendor == "postgresql"


def indexes() -> set[str]:
    """Return the indexes that the table has in the database."""
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, Finding._meta.db_table))


def plan(rows) -> str:
    """Return how the database would read rows if reading a whole table were out of the question."""
    if ON_POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return rows.explain()


def test_words_are_found_by_their_trigrams_where_the_database_has_them():
    rows = Finding.objects.filter(title__icontains="leaks").order_by()
    assert ("finding_title_words" in indexes()) is ON_POSTGRESQL
    assert ("finding_title_words" in plan(rows)) is ON_POSTGRESQL


def test_unsolved_findings_are_read_by_an_index():
    rows = Finding.objects.filter(state__in=UNSOLVED).order_by("system", "due").values("system", "due", "requirement")
    assert "finding_unsolved" in indexes()
    assert ("finding_unsolved" if ON_POSTGRESQL else "USING INDEX") in plan(rows)
