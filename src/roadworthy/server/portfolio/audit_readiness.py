"""Audit readiness: for how many systems the record is complete, check by check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.findings.models import UNSOLVED, Finding
from roadworthy.server.portfolio.models import RiskFact
from roadworthy.server.portfolio.part import Part
from roadworthy.server.portfolio.selection import FRESH
from roadworthy.server.releases.models import Release

_OURS = OuterRef("pk")
_APPROVED = (RequestState.APPROVED, RequestState.CONDITIONALLY_APPROVED)


@dataclass(frozen=True)
class Check:
    """Something that an auditor will ask of every system."""

    slug: str
    title: str
    remedy: str
    """What to do about those that fall short."""
    holds: Callable[[], Q | Exists]


@dataclass(frozen=True)
class CheckResult:
    """For how many systems a check holds."""

    check: Check
    done: int
    total: int

    @property
    def missing(self) -> int:
        """Return for how many it does not."""
        return self.total - self.done


def _assessed() -> Exists:
    return Exists(RiskFact.objects.filter(system=_OURS, accepted_at__gte=timezone.now() - FRESH))


def _judged() -> Exists:
    lasting = Q(valid_until=None) | Q(valid_until__gt=timezone.now())
    return Exists(Release.objects.filter(lasting, system=_OURS, current=True, stale=""))


def _decided() -> Q:
    shipped = Release.objects.filter(system=_OURS, shipped_at__isnull=False)
    decided = DecisionRequest.objects.filter(release=_OURS, state__in=_APPROVED)
    return Q(~Exists(shipped.filter(~Exists(decided.filter(release=OuterRef("pk"))))))


def _no_late_finding() -> Q:
    return Q(~Exists(Finding.objects.filter(system=_OURS, state__in=UNSOLVED, due__lte=timezone.now())))


CHECKS = (
    Check("declared", "Declared", "Save a version of the declaration.", lambda: Q(version__isnull=False)),
    Check("owned", "Somebody answers for it", "Name an owner who has an account here.", lambda: Q(owner__isnull=False)),
    Check("assessed", "Risk assessed within a year", "Accept a risk assessment.", _assessed),
    Check("judged", "Newest release has a verdict that counts", "Push a bundle of the newest release.", _judged),
    Check("decided", "Whatever shipped was decided", "Ask for a decision on what shipped.", _decided),
    Check("findings", "No finding is overdue", "Close what is overdue, or have its risk accepted.", _no_late_finding),
)


def audit_readiness(part: Part) -> list[CheckResult]:
    """Return each check with for how many systems of a part it holds; one query each."""
    total = part.systems().count()
    return [CheckResult(check, sum(done_by_line(check, part).values()), total) for check in CHECKS]


def done_by_line(check: Check, part: Part) -> dict[int | None, int]:
    """Return for how many systems of each product line a check holds."""
    systems = part.systems().order_by().filter(check.holds())
    return dict(systems.values_list("product_line").annotate(number=Count("pk")))


def missing(part: Part, slug: str) -> tuple[Check, object] | None:
    """Return a check with the systems for which it does not hold; None for no check of ours."""
    check = next((one for one in CHECKS if one.slug == slug), None)
    return (check, part.systems().exclude(check.holds())) if check else None
