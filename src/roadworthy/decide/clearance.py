"""Clearance: whether this very release may be deployed to this environment now. Whatever is not shown refuses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roadworthy.core.clock import format_time
from roadworthy.core.digests import sha256_json
from roadworthy.decide.approval import Standing, State
from roadworthy.decide.outcome import Verdict, VerdictKind


class ClearanceCheck(StrEnum):
    """What a clearance asks, in the order in which it is asked."""

    VERDICT = "verdict"
    """The gate says ship, also with conditions."""
    FINGERPRINT = "fingerprint"
    """What is to be deployed is what was judged."""
    STANDARD = "standard"
    """It was judged by the standard that is in force."""
    VALIDITY = "validity"
    """No evidence, attestation or exception has ended since."""
    DECISION = "decision"
    """People with the authority have approved it."""
    DIGEST = "digest"
    """What they approved is what is shown now."""
    ENVIRONMENT = "environment"
    """They approved it for this environment."""


@dataclass(frozen=True)
class Obstacle:
    """Why there is no clearance, and what to do about it."""

    check: ClearanceCheck
    reason: str
    remedy: str


@dataclass(frozen=True)
class Clearance:
    """The answer. Without an obstacle it is allowed; there is no other way to say so."""

    obstacles: tuple[Obstacle, ...]
    conditions: tuple[str, ...]
    """Of the verdict and of those who approved; they go with the release."""
    until: datetime | None
    """First moment at which time alone may end it; None when nothing ends."""

    @property
    def allowed(self) -> bool:
        """Tell whether the release may be deployed."""
        return not self.obstacles


@dataclass(frozen=True)
class Asked:
    """What somebody wants to deploy, and where."""

    environment: str
    fingerprint: str
    """SHA-256 of the fingerprint of what is to be deployed; see fingerprint_digest."""
    at: datetime


def fingerprint_digest(parts: dict[str, str]) -> str:
    """Return the SHA-256 that a verdict states of a fingerprint, given the digest of each part."""
    return sha256_json(parts)


def clearance(
    asked: Asked,
    verdict: Verdict | None,
    decision: Standing | None,
    *,
    shown_digest: str,
    environments: Collection[str],
    valid_until: datetime | None,
    standard_digest: str,
) -> Clearance:
    """Say whether a release is cleared, with every reason against it.

    `verdict` is the newest one on the release, `decision` where its approval stands, `shown_digest` the SHA-256 of what
    people are shown of it now, `environments` those for which it was approved (none means none), `valid_until` the
    moment up to which the verdict holds (see validity), `standard_digest` that of the standard in force.
    """
    against = [
        _of_verdict(verdict),
        _of_fingerprint(asked, verdict),
        _of_standard(verdict, standard_digest),
        _of_validity(asked, verdict, valid_until),
        _of_decision(decision),
        _of_digest(decision, shown_digest),
        _of_environment(asked, environments),
    ]
    conditions = (*(verdict.conditions if verdict else ()), *(decision.conditions if decision else ()))
    return Clearance(tuple(obstacle for obstacle in against if obstacle), tuple(dict.fromkeys(conditions)), valid_until)


def _of_verdict(verdict: Verdict | None) -> Obstacle | None:
    if verdict is None:
        return Obstacle(
            ClearanceCheck.VERDICT, "The release has no verdict.", "Run 'roadworthy gate' and send the bundle."
        )
    if verdict.verdict in {VerdictKind.SHIP, VerdictKind.SHIP_WITH_CONDITIONS}:
        return None
    why = verdict.reasons[0] if verdict.reasons else "No reason is stated."
    return Obstacle(
        ClearanceCheck.VERDICT, f"The verdict is {verdict.verdict}. {why}", "Settle what holds it, and judge it again."
    )


def _of_fingerprint(asked: Asked, verdict: Verdict | None) -> Obstacle | None:
    if verdict is None or verdict.fingerprint == asked.fingerprint:
        return None
    return Obstacle(
        ClearanceCheck.FINGERPRINT,
        f"What is to be deployed is {_short(asked.fingerprint)}; judged was {_short(verdict.fingerprint)}.",
        "Deploy what was judged, or evaluate and judge what is to be deployed.",
    )


def _of_standard(verdict: Verdict | None, digest: str) -> Obstacle | None:
    if verdict is None or verdict.standard_digest == digest:
        return None
    return Obstacle(
        ClearanceCheck.STANDARD,
        f"It was judged by {verdict.standard} ({_short(verdict.standard_digest)}), which is not in force.",
        "Judge it again by the standard in force, and have it approved.",
    )


def _of_validity(asked: Asked, verdict: Verdict | None, until: datetime | None) -> Obstacle | None:
    if verdict is None:
        return None
    if verdict.as_of > format_time(asked.at):
        reason = f"It was judged at {verdict.as_of}, which is after the present: a clock is wrong."
        return Obstacle(ClearanceCheck.VALIDITY, reason, "Set the clocks right.")
    if until is None or asked.at < until:
        return None
    return Obstacle(
        ClearanceCheck.VALIDITY,
        f"The verdict of {verdict.as_of} held until {format_time(until)}; evidence or a statement has ended.",
        "Renew what has ended, and judge it again.",
    )


def _of_decision(decision: Standing | None) -> Obstacle | None:
    if decision is None:
        return Obstacle(ClearanceCheck.DECISION, "Nobody has been asked to approve it.", "Ask for approval.")
    if decision.approved and decision.decided:
        return None
    missing = "; ".join(f"{free.seats} of {' or '.join(free.roles)}" for free in decision.missing)
    reason = f"The approval stands at '{decision.state}'{f', missing: {missing}' if missing else ''}."
    return Obstacle(ClearanceCheck.DECISION, reason, _REMEDIES[decision.state])


_REMEDIES = {
    State.OPEN: "Have those sign who are missing.",
    State.PAUSED: "Make the changes that were asked for, and ask for approval again.",
    State.REJECTED: "Settle why it was rejected, and ask for approval of another release.",
    State.FORBIDDEN: "Nobody may approve this. Change the system, or have the rules of authority changed.",
    State.APPROVED: "Ask for approval again.",
    State.APPROVED_WITH_CONDITIONS: "Ask for approval again.",
}


def _of_digest(decision: Standing | None, shown: str) -> Obstacle | None:
    if decision is None or decision.digest == shown:
        return None
    return Obstacle(
        ClearanceCheck.DIGEST,
        f"People decided about {_short(decision.digest)}; what is shown now is {_short(shown)}.",
        "Ask for approval of what is shown now.",
    )


def _of_environment(asked: Asked, environments: Collection[str]) -> Obstacle | None:
    if asked.environment in environments:
        return None
    known = ", ".join(sorted(environments)) or "no environment"
    return Obstacle(
        ClearanceCheck.ENVIRONMENT,
        f"It is approved for {known}, not for {asked.environment or 'one without a name'}.",
        "Ask for approval for this environment.",
    )


def _short(digest: str) -> str:
    return digest[:12] or "nothing"
