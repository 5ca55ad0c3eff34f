"""Counts of a large portfolio, kept each minute by product line; a part adds up those that it reaches.

A small one, and a part that reaches single systems, is counted at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from roadworthy.server.access.scope import EVERYWHERE
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.portfolio.audit_readiness import CHECKS, CheckResult, audit_readiness, done_by_line
from roadworthy.server.portfolio.kept import FRESH, LARGE
from roadworthy.server.portfolio.models import PortfolioCount
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.readiness import LineReadiness, readiness

_COUNTED = ("held", "stale", "findings", "overdue", "blockers")


def keep_counts(moment: datetime) -> str:
    """Count the whole portfolio by product line, and keep that in the place of what was counted before."""
    whole = Part(EVERYWHERE)
    done = {check.slug: done_by_line(check, whole) for check in CHECKS}
    lines = [_written(one, done) for one in readiness(whole)]
    systems = sum(sum(one["counts"].values()) for one in lines)
    row = {"lines": lines, "systems": systems, "computed_at": moment}
    PortfolioCount.objects.update_or_create(pk=1, defaults=row)
    return f"{systems} systems of {len(lines)} product lines"


def readiness_of(part: Part) -> tuple[list[LineReadiness], datetime | None]:
    """Return the product lines of a part by title, and as of when; None: counted at this moment."""
    kept = _kept(part)
    if kept is None:
        return readiness(part), None
    known = ProductLine.objects.in_bulk()
    found = [_read(one, known) for one in kept.lines]
    return sorted(found, key=lambda one: (one.line is None, one.title)), kept.computed_at


def audit_of(part: Part) -> tuple[list[CheckResult], datetime | None]:
    """Return each check with for how many systems of a part it holds, and as of when; None: counted at this moment."""
    kept = _kept(part)
    if kept is None:
        return audit_readiness(part), None
    total = sum(sum(one["counts"].values()) for one in kept.lines)
    done = {check: sum(one["checks"][check.slug] for one in kept.lines) for check in CHECKS}
    return [CheckResult(check, number, total) for check, number in done.items()], kept.computed_at


def _kept(part: Part) -> PortfolioCount | None:
    """Return what is kept, with the product lines of the part alone; None where it is to be counted at once."""
    row = PortfolioCount.objects.filter(systems__gte=LARGE, computed_at__gt=timezone.now() - FRESH).first()
    if row is None or part.whole:
        return row
    places = part.places
    if places is None:
        return None
    row.lines = [one for one in row.lines if one["line"] in places]
    return row


def _written(one: LineReadiness, done: dict[str, dict[int | None, int]]) -> dict[str, Any]:
    line = one.line.pk if one.line else None
    checks = {slug: by_line.get(line, 0) for slug, by_line in done.items()}
    return {"line": line, "counts": one.counts, "checks": checks, **{name: getattr(one, name) for name in _COUNTED}}


def _read(one: dict[str, Any], known: dict[int, ProductLine]) -> LineReadiness:
    found = LineReadiness(known.get(one["line"]), **{name: one[name] for name in ("counts", *_COUNTED)})
    found.blockers = [(requirement, number) for requirement, number in found.blockers]
    return found
