"""From a case and its reply to a row: run the scorers, and keep what could not be judged apart."""

from __future__ import annotations

import math

import msgspec

from roadworthy.core.digests import sha256_bytes
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.scorers.scorer import Score

_SHOWN = 400


def judge(case: Case, epoch: int, reply: Reply, scores: dict[str, Score]) -> Row:
    """Score a reply. A scorer that returns None or raises leaves the sample `unscored`."""
    values: dict[str, float | None] = {}
    problems: list[str] = []
    for name, value in reply.recorded.items():
        values[name] = _checked(name, value, problems)
    for name, score in scores.items():
        try:
            values[name] = _checked(name, score(case, reply), problems)
        except Exception as error:
            values[name] = None
            problems.append(f"{name}: {type(error).__name__}: {error}"[:_SHOWN])
    return Row(
        sample=case.id,
        epoch=epoch,
        unit=case.unit,
        slices=case.slices,
        status=SampleStatus.UNSCORED if None in values.values() or not values else SampleStatus.SCORED,
        scores=values,
        error="; ".join(problems) or None,
        seconds=reply.seconds,
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        response_digest=sha256_bytes(reply.text.encode()) if reply.text else None,
        response=reply.text,
        steps=None if reply.steps is None else msgspec.json.encode(reply.steps).decode(),
        model=reply.model,
        finish=reply.finish,
        response_id=reply.response_id,
        system_fingerprint=reply.system_fingerprint,
        asked_at=reply.asked_at,
        round=case.round,
    )


def errored(case: Case, epoch: int, error: str, known: dict[str, float | None]) -> Row:
    """Make the row of a sample without a usable answer; `known` scores, such as its label, are kept."""
    return Row(
        sample=case.id,
        epoch=epoch,
        unit=case.unit,
        slices=case.slices,
        status=SampleStatus.ERRORED,
        scores=known,
        error=error.encode("utf-8", "replace").decode("utf-8")[:_SHOWN],
        round=case.round,
    )


def _checked(name: str, value: float | None, problems: list[str]) -> float | None:
    if value is None:
        problems.append(f"{name}: could not be judged")
        return None
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        problems.append(f"{name}: {value} is not in [0, 1]")
        return None
    return float(value)
