"""Sign for a requirement of a release: a sign-off, a document, or a vendor review."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.decide.tier_override import PREFIX
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import DocumentRef
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.accounts.models import Role, User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.judging import EXPIRED, judge_again
from roadworthy.server.decisions.locks import seen_release
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.records import Statement, keep_statement
from roadworthy.server.decisions.refusals import Stale
from roadworthy.server.decisions.requests import need_words
from roadworthy.server.decisions.roster import roster_on
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.standards.in_force import loaded
from roadworthy.standard.model import Requirement, ShownBy

REFUSED = "statement.sign_refused"
SIGNED = (ShownBy.SIGN_OFF, ShownBy.DOCUMENT, ShownBy.VENDOR_REVIEW)
"""Kinds of evidence that people sign."""


@dataclass(frozen=True)
class Signing:
    """What somebody signs for, as a form or a program sends it."""

    requirement: str
    text: str
    shown: str
    """SHA-256 of what they were shown of the release."""
    role: str = ""
    """In which role; empty: the one that is asked for, or the first of theirs that may."""
    document: DocumentRef | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class _Asked:
    """What the standard asks of who signs."""

    roles: frozenset[str]
    not_owner: bool
    document: bool


def sign_requirement(actor: Actor, release_pk: int, signing: Signing) -> EvidenceRecord:
    """Sign for a requirement with the key that the server holds for the person, and judge the release again.

    Raises Refused for a token, a role that is not held, or one's own request; Stale when something else is shown by
    now; InputError where a document is missing.
    """
    person = _need_person(actor)
    key = signer_of(person)
    with transaction.atomic():
        release = seen_release(actor, release_pk)
        actor.need_on(Permission.DECISION_SIGN, release.system)
        _need_signable(release, signing.shown)
        asked = asked_by(release, signing.requirement)
        _need_document(asked, signing)
        role = _role_of(person, release, asked, signing.role)
        return _sign(actor, person, key, release, role, signing)


def _sign(actor: Actor, person: User, key: Signer, release: Release, role: str, signing: Signing) -> EvidenceRecord:
    if signing.until is not None and signing.until <= timezone.now():
        raise InputError("the end of the statement has passed", remedy="Choose a later day, or none.")
    text = need_words(signing.text, "statement")
    said = Statement(signing.requirement, text, role, signing.until, signing.document)
    row = keep_statement(release, person, key, said)
    judge_again(actor, release, f"{person.name} ({role}) signed for {signing.requirement}.")
    record(
        actor,
        "statement.signed",
        release.subject,
        after={"requirement": signing.requirement, "role": role, "statement": text, "record": row.digest},
        row=row,
    )
    return row


def requirement_of(release: Release, name: str) -> Requirement:
    """Return a requirement of the standard by which a release is judged. Raises InputError when there is none."""
    if name.startswith(PREFIX):
        raise InputError("a tier is set on the system", remedy="Set it there; its newest release is judged with it.")
    for requirement in loaded(release.standard).standard.requirements:
        if requirement.id == name:
            return requirement
    raise InputError(f"the standard has no requirement {name[:64]!r}", remedy="Choose one that the verdict lists.")


def asked_by(release: Release, name: str) -> _Asked:
    """Return what the standard asks of who signs for a requirement. Raises InputError for one that nobody signs."""
    requirement = requirement_of(release, name)
    if requirement.shown_by not in SIGNED:
        raise InputError(
            f"{name} is shown by {requirement.shown_by}, which nobody signs", remedy=requirement.remedy or "Measure it."
        )
    if requirement.sign_off is None:
        signing = Role.objects.filter(signs=True).values_list("slug", flat=True)
        return _Asked(frozenset(signing), False, requirement.document is not None)
    return _Asked(frozenset({requirement.sign_off.role}), requirement.sign_off.not_owner, False)


def signable(release: Release) -> list[Outcome]:
    """List the outcomes of a release that a signature may settle or renew."""
    shown = {str(kind) for kind in SIGNED}
    outcomes = verdict_of(release).outcomes
    return [one for one in outcomes if one.shown_by in shown and one.status is not Status.NOT_APPLICABLE]


def roles_held(person: User, release: Release, asked: _Asked) -> list[str]:
    """Return the roles in which a person may sign, sorted."""
    roster, moment = roster_on(release.system, asked.roles), timezone.now()
    return sorted(role for role in asked.roles if roster.holds(str(person.pk), role, moment, None))


def _role_of(person: User, release: Release, asked: _Asked, wanted: str) -> str:
    slug = release.system.slug
    if asked.not_owner and person.pk in owners_of(release):
        raise Refused(
            "nobody signs for their own request, nor for a system that they own",
            remedy="Somebody else has to sign.",
            action=REFUSED,
            system=slug,
        )
    held = [role for role in roles_held(person, release, asked) if wanted in ("", role)]
    if not held:
        needed = " or ".join(sorted(asked.roles)) or "a role that nobody has"
        raise Refused(
            f"{person.name} does not hold {wanted or 'the role'}; this needs {needed}",
            remedy="Ask somebody who holds the role.",
            action=REFUSED,
            system=slug,
        )
    return held[0]


def _need_person(actor: Actor) -> User:
    if actor.user_id is None or actor.token_id is not None:
        raise Refused("a token signs nothing; a person does", remedy="Sign in and sign there.", action=REFUSED)
    return User.objects.get(pk=actor.user_id)


def _need_signable(release: Release, shown: str) -> None:
    if not release.current or release.state in {ReleaseState.SUPERSEDED, ReleaseState.WITHDRAWN}:
        raise Conflict("a newer release has taken its place", remedy="Sign on the newest one.")
    if release.stale and release.stale != EXPIRED:
        raise Conflict(f"the verdict no longer counts: {release.stale}", remedy="Push a new bundle.")
    if shown != release.shown_digest:
        raise Stale(
            f"you were shown {shown[:12]}; what is shown of the release now is {release.shown_digest[:12]}",
            remedy="Load the page again, look at what changed, and sign that.",
            action=REFUSED,
            system=release.system.slug,
        )


def _need_document(asked: _Asked, signing: Signing) -> None:
    if not asked.document:
        return
    if signing.document is None:
        raise InputError("this is shown by a document", remedy="Choose the file that you sign for.")
    if not Blob.objects.filter(pk=signing.document.sha256).exists():
        raise InputError(
            f"the document {signing.document.sha256[:12]} is not here", remedy="Upload it first, then sign for it."
        )
