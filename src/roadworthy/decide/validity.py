"""Until when a verdict holds if nothing but time passes: the first moment at which an outcome could be another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from roadworthy.core.clock import parse_time
from roadworthy.decide.authority import doubt_about_signer
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.freshness import CLOCK_TOLERANCE
from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.decide.tier_override import PREFIX
from roadworthy.decide.verdict import SHORTFALLS
from roadworthy.evidence.predicate import Attested, Documented, Measured
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Expiry, Requirement, ShownBy, Tier

FOR_EVER = Expiry()
Statement = tuple[Record, Attested | Documented]


def valid_until(dossier: Dossier, verdict: Verdict) -> datetime | None:
    """Return the first moment after the judgement at which time alone could change an outcome; None when none does.

    `verdict` is what the judge gave for `dossier`. Judged at any moment before, every outcome is the same; from that
    moment on it may not be. It counts when evidence, attestations and exceptions end, when a requirement begins or
    ceases to apply (a planned launch moves that), and when what is dated ahead of the clock begins to count.
    """
    outcomes = {outcome.requirement: outcome for outcome in verdict.outcomes}
    tier = Tier(verdict.tier)
    asked = [item for item in dossier.loaded.standard.requirements if item.applies_to_tier(tier)]
    moments = chain(
        _of_tier(dossier),
        *(_of_effect(requirement, dossier.system.launch) for requirement in asked),
        *(_of_outcome(item, outcomes[item.id], dossier) for item in asked if item.id in outcomes),
    )
    return min((moment for moment in moments if moment > dossier.as_of), default=None)


def _of_tier(dossier: Dossier) -> Iterator[datetime]:
    for tier in Tier:
        yield from _of_statements(dossier.attested(f"{PREFIX}{tier}"), FOR_EVER, dossier)


def _of_effect(requirement: Requirement, launch: date | None) -> Iterator[datetime]:
    """Yield midnight (UTC) of the first day and of the day after the last, where it lies after the launch."""
    first, last, launched = requirement.effective.from_, requirement.effective.until, launch or date.min
    if first and first > launched:
        yield datetime.combine(first, time(), UTC)
    if last and launched <= last < date.max:
        yield datetime.combine(last + timedelta(days=1), time(), UTC)


def _of_outcome(requirement: Requirement, outcome: Outcome, dossier: Dossier) -> Iterator[datetime]:
    if outcome.status is Status.NOT_APPLICABLE:
        return
    if requirement.shown_by is ShownBy.MEASUREMENT:
        yield from _of_measurements(outcome, requirement.expires, dossier)
    statements = dossier.attested(requirement.id)
    if requirement.shown_by in {ShownBy.DOCUMENT, ShownBy.SIGN_OFF, ShownBy.VENDOR_REVIEW}:
        counted = outcome.evidence if outcome.status is Status.MET else ()
        signed = (pair for pair in statements if not _is_exception(pair))
        yield from _of_statements(_through(signed, counted), requirement.expires, dossier)
    if outcome.status in {*SHORTFALLS, Status.WAIVED}:
        waivers = (pair for pair in statements if _is_exception(pair))
        counted = (outcome.waiver,) if outcome.waiver else ()
        yield from _of_statements(_through(waivers, counted), FOR_EVER, dossier)


def _of_measurements(outcome: Outcome, expiry: Expiry, dossier: Dossier) -> Iterator[datetime]:
    for record in dossier.records:
        if record.digest in outcome.evidence and isinstance(record.predicate, Measured):
            yield from _of_span(record.predicate.finished, expiry, None)


def _of_statements(statements: Iterable[Statement], expiry: Expiry, dossier: Dossier) -> Iterator[datetime]:
    """Yield when statements begin and cease to count; what a stranger signed never does."""
    for record, predicate in statements:
        if doubt_about_signer(record, predicate, dossier, roles=None, not_owner=False) is None:
            yield from _of_span(predicate.at, expiry, predicate.until)


def _of_span(made: str, expiry: Expiry, until: str | None) -> Iterator[datetime]:
    """Yield the moments at which doubt_about_time changes its mind."""
    moment = parse_time(made)
    yield moment - CLOCK_TOLERANCE
    if until:
        yield parse_time(until)
    if expiry.days is not None:
        yield moment + timedelta(days=expiry.days)


def _through(statements: Iterable[Statement], counted: tuple[str, ...]) -> Iterator[Statement]:
    """Yield statements, newest first, through the one that counted: older ones are not looked at."""
    for pair in statements:
        yield pair
        if pair[0].digest in counted:
            return


def _is_exception(pair: Statement) -> bool:
    return isinstance(pair[1], Attested) and pair[1].exception is not None
