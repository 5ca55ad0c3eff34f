"""Decisions made by hand for the tests of memos: signatures of every choice, and names that are hostile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from documents_samples import HOSTILE

from roadworthy.decide.approval import Missing, Refusal, Refused, Standing, State
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.signature import Choice, Signature
from roadworthy.documents.memo import Memo

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
DIGEST = "a" * 64


def signature(person: str, choice: Choice, hour: int = 1, **changes: str) -> Signature:
    """Make a signature of a director."""
    conditions = (f"{person} wants a monitor",) if choice is Choice.APPROVE_WITH_CONDITIONS else ()
    at = START + timedelta(hours=hour)
    return Signature(person, "director", choice, DIGEST, at, changes.get("on_behalf_of"), conditions)


APPROVED = Standing(
    State.APPROVED_WITH_CONDITIONS,
    DIGEST,
    decided_at=START + timedelta(hours=2),
    counted=(
        signature("Ada Example", Choice.APPROVE_WITH_CONDITIONS),
        signature("Eve Example", Choice.APPROVE, 2, on_behalf_of=HOSTILE),
    ),
    refused=(Refused(signature(HOSTILE, Choice.REJECT, 3), Refusal.AFTER_DECISION),),
    conditions=("Ada Example wants a monitor", HOSTILE),
)
WAITING = Standing(State.OPEN, DIGEST, missing=(Missing(("director", "board"), 2, ("Dora",)),))


def decided(verdict: Verdict) -> Memo:
    """Make the memo of a verdict on which people have decided."""
    return Memo(verdict, HOSTILE, "Ada Example", APPROVED, START + timedelta(days=30))
