"""The weighted risk in SQL is that of `roadworthy.assess.portfolio`, in two queries however many systems there are."""

from __future__ import annotations

import pytest
from assessed_rows import AGENT, make_system

from roadworthy.assess.portfolio import system_risk, weigh_portfolio
from roadworthy.assess.risk import Band
from roadworthy.server.assessments import lifecycle
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.assessments.risk_rows import risk_total, with_risk
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import System
from roadworthy.standard.model import Tier

USERS = [
    {"who": ["customers"], "monthly": 0},
    {"who": ["staff"], "monthly": 0, "internal_only": True},
    {"who": ["customers", '"internal_only":true'], "monthly": 0},
    {"who": ["customers"], "monthly": 999},
    {"who": ["customers"], "monthly": 1_000},
    {"who": ["customers"], "monthly": 2_000_000},
]


@pytest.fixture
def systems(people):
    author, reviewer = people.actor("engineer"), people.actor("responsible-ai")
    found = [make_system(f"agent-{number}", users={**AGENT["users"], **users}) for number, users in enumerate(USERS)]
    for system in found:
        row = lifecycle.start(author, system.slug)
        row = lifecycle.submit(author, row.pk, row.revision)
        lifecycle.accept(reviewer, row.pk, row.revision, "Fine.")
    make_system("not-assessed")
    return found


def test_sql_and_domain_weigh_alike(systems, django_assert_num_queries):
    risks = []
    for row in Assessment.objects.select_related("system", "version"):
        residual = [item.residual(today()) for item in content_of(row).scenarios if item.counts]
        risks.append(system_risk(declared(row.version), Tier(row.system.tier), residual))
    expected = weigh_portfolio(risks)
    with django_assert_num_queries(2):
        total = risk_total(System.objects.all())
    assert (total.low, total.high) == (expected.low, expected.high)
    assert (total.assessed, total.not_assessed, total.owing) == (len(USERS), 1, 0)
    assert total.bands == {band: expected.bands[band] for band in Band}
    by_slug = {row.slug: row.weighted_high for row in with_risk(System.objects.all())}
    assert by_slug.pop("not-assessed") is None
    assert by_slug == {one.system: one.high for one in expected.systems}


def test_nothing_at_all_is_unknown_and_not_safe(db):
    total = risk_total(System.objects.none())
    assert (total.low, total.high, total.assessed, total.not_assessed) == (0.0, 0.0, 0, 0)
