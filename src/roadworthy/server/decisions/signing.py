"""Sign a decision: one person, one seat, over the digest of what they were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.approval import Refusal, Standing, State
from roadworthy.decide.outcome import VerdictKind
from roadworthy.decide.signature import Choice
from roadworthy.decide.signature import Signature as Signed
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.decisions.case import Case, case_of
from roadworthy.server.decisions.concluding import conclude
from roadworthy.server.decisions.locks import seen_request
from roadworthy.server.decisions.models import DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.refusals import Held, Replayed, Stale
from roadworthy.server.decisions.requests import need_words
from roadworthy.server.decisions.seats import Seat, seat_for
from roadworthy.server.decisions.statement import Said, sign_statement
from roadworthy.server.releases.models import Release

REFUSED = "decision.sign_refused"
MOST_CONDITIONS = 20


@dataclass(frozen=True)
class Decided:
    """What somebody chose, as a form or a program sends it."""

    choice: Choice
    reason: str
    shown: str
    """SHA-256 of what they were shown."""
    conditions: tuple[str, ...] = ()
    role: str = ""
    """In which role; empty: the first of theirs that is still asked for."""


def sign_decision(actor: Actor, pk: int, decided: Decided) -> Signature:
    """Sign a request with the key that the server holds for the person.

    Raises Refused for one's own request, a role that is not held or not asked for, or a token; Stale when something
    else is shown by now; Held when the verdict holds the release; Replayed for a second signature of a person.
    """
    person = need_person(actor)
    key = signer_of(person)
    with transaction.atomic():
        request = seen_request(actor, pk)
        need_signable(actor, request, decided.choice, decided.shown)
        case = case_of(request)
        seat = seat_for(case, person, decided.role)
        moment = timezone.now()
        said = said_by(person, seat, decided, moment)
        after = standing_with(case, person, seat, decided, moment)
        envelope, digest = sign_statement(request, said, key)
        row = keep_signature(request, person, seat, said, envelope, digest)
        conclude(actor, request, after, row)
        return row


def need_person(actor: Actor) -> User:
    """Return the person that the actor is; raises Refused for tokens and for the server: neither signs anything."""
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("a token signs nothing; a person does", remedy="Sign in and sign there.", action=REFUSED)
    return User.objects.get(pk=actor.user_id)


def need_signable(actor: Actor, request: DecisionRequest, choice: Choice, shown: str) -> None:
    """Raise what stands against signing a locked request at all: Stale, Conflict, Held, or Refused."""
    release = request.release
    slug = release.system.slug
    actor.need_on(Permission.DECISION_SIGN, release.system)
    if shown != request.shown_digest or request.shown_digest != release.shown_digest:
        raise Stale(
            f"you were shown {shown[:12]}; what is shown now is {release.shown_digest[:12]}",
            remedy="Load the page again, look at what changed, and decide about that.",
            action="decision.stale_refused",
            system=slug,
        )
    if request.state != RequestState.OPEN:
        raise Conflict(f"the decision is {request.state}; it takes no signature now", remedy="Load it again.")
    if choice.approves and (release.stale or not release.current):
        raise Stale(
            f"the verdict no longer counts: {release.stale or 'a newer release has taken its place'}",
            remedy="Decide about the newest release.",
            action="decision.stale_refused",
            system=slug,
        )
    if choice.approves and release.verdict == VerdictKind.HOLD:
        raise Held(
            "the verdict is hold, and no signature makes it another one",
            remedy="Have what holds it shown, or ask for an exception for each; once it may ship, it can be approved.",
            action=REFUSED,
            system=slug,
        )


def said_by(person: User, seat: Seat, decided: Decided, moment: datetime) -> Said:
    """Return what is signed."""
    return Said(
        str(decided.choice),
        need_words(decided.reason, "reason"),
        seat.role,
        person.name,
        decided.shown,
        moment,
        _conditions(decided),
        seat.behalf.name if seat.behalf else "",
    )


def _conditions(decided: Decided) -> tuple[str, ...]:
    conditions = tuple(dict.fromkeys(text.strip() for text in decided.conditions if text.strip()))
    if len(conditions) > MOST_CONDITIONS:
        raise InputError(f"there are more than {MOST_CONDITIONS} conditions", remedy="Join some of them.")
    return conditions


def standing_with(case: Case, person: User, seat: Seat, decided: Decided, moment: datetime) -> Standing:
    """Return where the request stands with the new signature; raises Refused when it does not count."""
    said = tuple(dict.fromkeys(text.strip() for text in decided.conditions if text.strip()))
    new = Signed(
        str(person.pk),
        seat.role,
        decided.choice,
        decided.shown,
        moment,
        str(seat.behalf.pk) if seat.behalf else None,
        said,
    )
    after = case.standing(new, at=moment)
    why = next((refused.why for refused in after.refused if refused.signature is new), None)
    if after.state is State.FORBIDDEN:
        raise Refused("no rule of authority applies any more", remedy="Ask an administrator.", action=REFUSED)
    if why is not None:
        own = why is Refusal.OWN_REQUEST
        raise Refused(
            str(why),
            remedy="Somebody else has to sign." if own else "Load it again.",
            action=REFUSED,
            system=_slug(case),
        )
    return after


def keep_signature(
    request: DecisionRequest, person: User, seat: Seat, said: Said, envelope: bytes, digest: str
) -> Signature:
    """Store a signature; raises Replayed when the person has signed this round, or the envelope is there already."""
    mine = request.signatures.filter(round=request.round, void="", user=person, shown_digest=said.shown)
    if mine.exists() or Signature.objects.filter(statement_digest=digest).exists():
        raise Replayed(
            "it was signed by you already, and one person takes one seat",
            remedy="Wait for the others, or have a new round begun.",
            action="decision.replay_refused",
            system=request.release.system.slug,
        )
    return Signature.objects.create(
        request=request,
        round=request.round,
        user=person,
        role=seat.role,
        on_behalf_of=seat.behalf,
        choice=said.choice,
        reason=said.reason,
        conditions=list(said.conditions),
        shown_digest=said.shown,
        statement_digest=digest,
        envelope=envelope.decode(),
        at=said.at,
    )


def _slug(case: Case) -> str:
    release: Release = case.request.release
    return release.system.slug


def conditions_from(lines: str) -> Sequence[str]:
    """Read conditions from a text field, one a line."""
    return [line.strip() for line in lines.splitlines() if line.strip()]
