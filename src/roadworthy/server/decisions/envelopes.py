"""A decision that somebody signed themselves, with a key that the standard lists as theirs, sent as an envelope."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.clock import parse_time
from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.decide.freshness import CLOCK_TOLERANCE
from roadworthy.decide.signature import Choice
from roadworthy.evidence.dsse import Opened
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.decisions.case import case_of
from roadworthy.server.decisions.concluding import conclude
from roadworthy.server.decisions.locks import seen_request
from roadworthy.server.decisions.models import DecisionRequest, Signature
from roadworthy.server.decisions.refusals import Replayed
from roadworthy.server.decisions.seats import seat_for
from roadworthy.server.decisions.signing import (
    REFUSED,
    Decided,
    keep_signature,
    need_person,
    need_signable,
    said_by,
    standing_with,
)
from roadworthy.server.decisions.statement import read_statement, statement_of
from roadworthy.server.standards.in_force import loaded


def sign_with_envelope(actor: Actor, pk: int, envelope: str) -> Signature:
    """Take a signed envelope as the signature of who sends it.

    It must be signed by their own key: the one that the server holds for them, or one that the standard lists under
    their name. Raises Replayed for an envelope that was made for another request, round or server, or sent before;
    else what sign_decision raises.
    """
    person = need_person(actor)
    with transaction.atomic():
        request = seen_request(actor, pk)
        opened, shown, said = _read(envelope)
        _need_own(opened, person, request)
        decided, at = _decided(said, shown)
        _need_this(request, said, opened)
        need_signable(actor, request, decided.choice, decided.shown)
        case = case_of(request)
        seat = seat_for(case, person, decided.role)
        own = said_by(person, seat, decided, at)
        if opened.statement != statement_of(request, own):
            raise _not_this(request, "it says something else than a decision on this request does")
        after = standing_with(case, person, seat, decided, at)
        row = keep_signature(request, person, seat, own, envelope.encode(), opened.payload_digest)
        conclude(actor, request, after, row)
        return row


def _read(envelope: str) -> tuple[Opened, str, dict[str, Any]]:
    try:
        return read_statement(envelope.encode())
    except (RoadworthyError, UnicodeEncodeError) as error:
        problem = getattr(error, "problem", "it is not text")
        raise InputError(f"the envelope cannot be relied on: {problem}", remedy="Sign it again.") from error


def _need_own(opened: Opened, person: User, request: DecisionRequest) -> None:
    listed = loaded(request.release.standard).standard.authority.signers
    own = {one.key for one in listed if one.name.casefold() == person.name.casefold()}
    if person.signing_key_id:
        own.add(person.signing_key_id)
    if not own.intersection(opened.signers):
        raise Refused(
            "the envelope is not signed by a key of yours",
            remedy="Sign with the key that the standard lists under your name, or on the page.",
            action=REFUSED,
            system=request.release.system.slug,
        )


def _decided(said: dict[str, Any], shown: str) -> tuple[Decided, Any]:
    try:
        conditions = tuple(str(text) for text in said["conditions"])
        decided = Decided(Choice(said["choice"]), str(said["reason"]), shown, conditions, str(said["role"]))
        at = parse_time(str(said["at"]))
    except (KeyError, ValueError, TypeError) as error:
        raise InputError("the envelope lacks what a decision says", remedy="Sign it again.") from error
    moment = timezone.now()
    if not moment - 12 * CLOCK_TOLERANCE <= at <= moment:
        raise InputError(
            "the envelope was signed more than an hour ago, or ahead of the clock", remedy="Sign it again."
        )
    return decided, at


def _need_this(request: DecisionRequest, said: dict[str, Any], opened: Opened) -> None:
    if said.get("request") != request.pk or said.get("round") != request.round:
        raise _not_this(request, f"it was signed for request {said.get('request')}, round {said.get('round')}")
    if Signature.objects.filter(statement_digest=opened.payload_digest).exists():
        raise _not_this(request, "it was sent before")


def _not_this(request: DecisionRequest, why: str) -> Replayed:
    return Replayed(
        f"the signature does not count here: {why}",
        remedy="Sign what this request shows.",
        action="decision.replay_refused",
        system=request.release.system.slug,
    )
