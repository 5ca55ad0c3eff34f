"""What bench/server.py keeps of decisions, exceptions, rounds and facts: made in the database of the copied rows."""

from __future__ import annotations

from typing import Any

DECIDED = """
INSERT INTO decisions_decisionrequest (release_id, requested_by_id, requested_at, note, environments, shown_digest,
    round, tier, recommendation, state, conditions, decided_at, due, reopened_reason, blocked, revision)
SELECT r.id, r.pushed_by_id, r.pushed_at, '', '["prod"]', r.bundle_digest, 1, r.tier, '',
    CASE r.state WHEN 'in review' THEN 'open' WHEN 'rejected' THEN 'rejected' ELSE 'approved' END, '[]',
    CASE WHEN r.state <> 'in review' THEN r.pushed_at + (r.id % 20) * interval '1 day' END,
    r.pushed_at + interval '12 days', '', false, 1
FROM releases_release r
WHERE r.name LIKE '1.%' AND (r.state IN ('approved', 'shipped', 'rejected') OR (r.state = 'in review' AND r.current))
"""
DECISION_FACTS = """
INSERT INTO portfolio_decisionfact (system_id, product_line_id, tier, release_id, request_id, started_at, requested_at,
    aligned_at, decided_at, approved)
SELECT r.system_id, s.product_line_id, d.tier, r.id, d.id, d.requested_at - interval '9 days', d.requested_at,
    d.requested_at + interval '3 days', d.decided_at, d.state = 'approved'
FROM decisions_decisionrequest d JOIN releases_release r ON r.id = d.release_id
    JOIN systems_system s ON s.id = r.system_id
WHERE d.decided_at IS NOT NULL
"""
RELEASE_FACTS = """
INSERT INTO portfolio_releasefact (system_id, product_line_id, tier, release_id, received_at, compared, regressed,
    shipped_at, owed, assessed, verdict, waived, required, measured, explained_required, explained_met,
    injection_required, resilience)
SELECT r.system_id, s.product_line_id, r.tier, r.id, r.pushed_at, true, r.id % 30 = 0, r.shipped_at, r.id % 3 = 0,
    r.id % 4 > 0, r.verdict, r.id % 2, 9, 6 + r.id % 4, 3, r.id % 4, r.id % 5 = 0, 0.9
FROM releases_release r JOIN systems_system s ON s.id = r.system_id WHERE r.name LIKE '1.%'
"""
VERSION_FACTS = """
INSERT INTO portfolio_versionfact (system_id, product_line_id, tier, version_id, saved_at, data, traced)
SELECT s.id, s.product_line_id, s.tier, s.version_id, s.created_at, 3, s.id % 4
FROM systems_system s WHERE s.slug LIKE 'system-%'
"""
ROUNDS = """
INSERT INTO findings_findinground (finding_id, number, system_id, product_line_id, tier, source, dimension, severity,
    opened_at, due, due_twice, ended_at, ending)
SELECT f.id, 1, f.system_id, s.product_line_id, s.tier, f.source, f.dimension, f.severity, f.opened_at, f.due,
    f.due + interval '20 days', f.closed_at, CASE WHEN f.closed_at IS NULL THEN '' ELSE 'passing re-run' END
FROM findings_finding f JOIN systems_system s ON s.id = f.system_id WHERE f.source <> 'gate'
"""
EXCEPTIONS = """
INSERT INTO decisions_exceptionrequest (system_id, release_id, requirement, category, reason, compensating_control,
    scope, tier, until, requested_by_id, requested_at, state, decided_role, decided_at, decision_reason, ended_reason,
    revision)
SELECT r.system_id, r.id, 'group-error-gap', 'time', 'Shown on the next release.', 'Every answer is read by a person.',
    'release', r.tier, now() + (r.id % 90) * interval '1 day', r.pushed_by_id, r.pushed_at,
    CASE r.id % 3 WHEN 0 THEN 'requested' ELSE 'approved' END, '', r.pushed_at, '', '', 1
FROM releases_release r WHERE r.name LIKE '1.%' AND r.current
"""

ASSESSMENTS = """
INSERT INTO assessments_assessment (number, state, content, inherent_low, inherent_high, residual_low, residual_high,
    worst, band_low, band_moderate, band_high, band_critical, refresh_owed, authors, created_at, updated_at,
    accepted_at, accepted_reason, revision, system_id, version_id)
SELECT 1, 'accepted', '{}', s.risk_low, s.risk_high + 9, s.risk_low, s.risk_high, 'high', 1, 2, 1, 0, s.id % 9 = 0,
    '[]', s.created_at, s.created_at, s.created_at, '', 1, s.id, s.version_id
FROM systems_system s WHERE s.slug LIKE 'system-%' AND s.id % 5 > 0
"""
RISK_FACTS = """
INSERT INTO portfolio_riskfact (system_id, product_line_id, tier, assessment_id, accepted_at, low, high)
SELECT a.system_id, s.product_line_id, s.tier, a.id, a.accepted_at, a.residual_low * 4, a.residual_high * 4
FROM assessments_assessment a JOIN systems_system s ON s.id = a.system_id
"""
RISKS = """
UPDATE systems_system s SET portfolio_risk_low = f.low, portfolio_risk_high = f.high, portfolio_risk_at = f.accepted_at
FROM portfolio_riskfact f WHERE f.system_id = s.id
"""
STATEMENTS = (DECIDED, DECISION_FACTS, RELEASE_FACTS, VERSION_FACTS, ROUNDS, EXCEPTIONS, ASSESSMENTS, RISK_FACTS, RISKS)


def note(cursor: Any) -> None:
    """Make requests for decisions, exceptions, rounds of findings, assessments, and the facts that KPIs count."""
    for statement in STATEMENTS:
        cursor.execute(statement)
