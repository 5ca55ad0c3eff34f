"""What the pages of decisions show of a release and of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.decide.signature import Choice
from roadworthy.documents.account import account
from roadworthy.documents.course import courses
from roadworthy.documents.sign import deciding_status
from roadworthy.server.accounts.role_titles import role_titles
from roadworthy.server.decisions.memos import named_standing
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.shell.charts.timeline import Progress, Step

LAST, SHOWN = 40, 8
"""Signatures of a timeline, and names of people who could sign next."""
_AGAINST = {str(Choice.REJECT), str(Choice.REQUEST_CHANGES)}


def shown_of(release: Release) -> dict[str, Any]:
    """Return what whoever asks or decides must see of a release: verdict, what holds it, what is waived, options."""
    verdict: Verdict = verdict_of(release)
    return {
        "release": release,
        "verdict": verdict,
        "account": account(verdict),
        "deciding": deciding_status(verdict),
        "holding": [one for one in verdict.outcomes if one.holds],
        "waived": [one for one in verdict.outcomes if one.status is Status.WAIVED],
        "soft": [one for one in verdict.outcomes if _soft(one)],
        "courses": courses(verdict),
    }


def _soft(outcome: Outcome) -> bool:
    return not outcome.holds and outcome.status in {
        Status.NOT_MET,
        Status.NOT_SHOWN,
        Status.STALE,
        Status.INCONCLUSIVE,
    }


def timeline_of(request: DecisionRequest) -> list[Step]:
    """Return who signed, in order, and who is next; signatures of earlier rounds stand there as lapsed."""
    rows = request.signatures.select_related("user", "on_behalf_of").order_by("-at", "-pk")[:LAST]
    free = list(named_standing(request).missing) if request.state == RequestState.OPEN else []
    titles = role_titles([*(row.role for row in rows), *(role for one in free for role in one.roles)])
    return [*(_signed(row, request, titles) for row in reversed(rows)), *_next(request, free, titles)]


def _signed(row: Signature, request: DecisionRequest, titles: Mapping[str, str]) -> Step:
    if row.void or row.round != request.round or request.state in {RequestState.REOPENED, RequestState.WITHDRAWN}:
        progress = Progress.LAPSED
    else:
        progress = Progress.REFUSED if row.choice in _AGAINST else Progress.SIGNED
    behalf = f" for {row.on_behalf_of.name}" if row.on_behalf_of else ""
    parts = [row.reason, *(f"Condition: {text}" for text in row.conditions)]
    note = "\n".join([*parts, *([row.void] if row.void else [])])
    return Step(f"{titles[row.role]}{behalf}: {row.choice}", progress, row.user, row.at, note)


def _next(request: DecisionRequest, missing: Iterable[Any], titles: Mapping[str, str]) -> Iterator[Step]:
    for place, free in enumerate(missing):
        people = ", ".join(free.people[:SHOWN]) or "Nobody holds the role; ask an administrator."
        more = f" and {len(free.people) - SHOWN} more" if len(free.people) > SHOWN else ""
        seats = f"{free.seats} people as " if free.seats > 1 else ""
        progress = Progress.LATER if place else Progress.NEXT
        roles = " or ".join(titles[role] for role in free.roles)
        yield Step(f"{seats}{roles}", progress, None, request.due, f"{people}{more}")
