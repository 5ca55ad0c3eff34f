"""People around a release, and what they do: push, sign, ask, decide."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from pushed_bundles import Works
from server_people import People

from roadworthy.decide.signature import Choice
from roadworthy.evidence.predicate import DocumentRef
from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.roles import SIGN
from roadworthy.server.accounts.models import Role, User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.decisions.exceptions import Asked, request_exception
from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest, Signature
from roadworthy.server.decisions.requests import request_decision
from roadworthy.server.decisions.signing import Decided, sign_decision
from roadworthy.server.decisions.signoffs import Signing, sign_requirement
from roadworthy.server.evidence.files import keep_bytes
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.receive import receive

CARD = b"# Order helper\n\nAnswers questions about orders.\n"


@dataclass
class Cast:
    """The people around one system. Roles of the small standard are risk-lead (sign-off, exceptions) and writer."""

    people: People
    works: Works
    engineer: User
    lead: User
    writer: User
    approver: User
    """Responsible-AI specialist, who approves by the rules that ship."""
    release_pk: int

    @property
    def release(self) -> Release:
        return Release.objects.select_related("system", "standard").get(pk=self.release_pk)

    def push(self, **bundle: Any) -> Release:
        path = self.works.bundle(**bundle)
        with path.open("rb") as stream:
            release = receive(actor(self.engineer), stream, declared_size=path.stat().st_size).release
        self.release_pk = release.pk
        return release

    def sign_off(self, person: User | None = None, **said: Any) -> EvidenceRecord:
        given = {"requirement": "go-live", "text": "I agree.", "shown": self.release.shown_digest, **said}
        return sign_requirement(actor(person or self.lead), self.release_pk, Signing(**given))

    def document(self, person: User | None = None, **said: Any) -> EvidenceRecord:
        digest = hashlib.sha256(CARD).hexdigest()
        keep_bytes(CARD, digest)
        Blob.objects.get_or_create(pk=digest, defaults={"size": len(CARD), "name": "card.md"})
        card = DocumentRef(name="card.md", sha256=digest)
        return self.sign_off(person or self.writer, requirement="system-card", document=card, **said)

    def show_something_else(self) -> None:
        """Have a newer document take the place of the one there is; statements are told apart by the second."""
        before = self.release.shown_digest
        while self.release.shown_digest == before:
            time.sleep(0.1)
            self.document(self.lead, text=f"As of {time.time_ns()}.")

    def settle(self) -> Release:
        """Sign what is missing, so that it may ship."""
        self.document()
        self.sign_off()
        return self.release

    def ask(self, *environments: str, person: User | None = None) -> DecisionRequest:
        return request_decision(
            actor(person or self.engineer),
            self.release_pk,
            environments=environments or ("prod",),
            note="Please decide.",
            shown=self.release.shown_digest,
        )

    def sign(
        self, request: DecisionRequest, person: User | None = None, choice: Choice = Choice.APPROVE, **said: Any
    ) -> Signature:
        given = {"choice": choice, "reason": "It holds up.", "shown": self.release.shown_digest, **said}
        return sign_decision(actor(person or self.approver), request.pk, Decided(**given))

    def approved(self, *environments: str) -> DecisionRequest:
        self.settle()
        request = self.ask(*environments)
        self.sign(request)
        request.refresh_from_db()
        return request

    def exception(self, person: User | None = None, **asked: Any) -> ExceptionRequest:
        given = {
            "requirement": "go-live",
            "category": "too hard",
            "reason": "No data yet.",
            "compensating_control": "A person reads every answer.",
            "until": timezone.now() + timedelta(days=30),
            **asked,
        }
        return request_exception(actor(person or self.engineer), self.release_pk, Asked(**given))


def actor(person: User) -> Actor:
    """Return a person as they act on pages, with the roles that they hold at this moment."""
    return actor_of(User.objects.get(pk=person.pk), Door.PAGE)


def make_cast(people: People, works: Works) -> Cast:
    """Make the people and push the release."""
    for slug in ("risk-lead", "writer"):
        permissions = sorted(map(str, SIGN))
        Role.objects.get_or_create(slug=slug, defaults={"title": slug, "permissions": permissions, "signs": True})
    cast = Cast(
        people,
        works,
        people.person("engineer", name="Eva Engineer"),
        people.person("risk-lead", name="Rosa Lead"),
        people.person("writer", name="Wim Writer"),
        people.person("responsible-ai", name="Ada Approver"),
        0,
    )
    cast.push()
    return cast


def actions(*, refused: bool = False) -> list[str]:
    """Return the names of what was recorded, oldest first."""
    rows = Entry.objects.filter(outcome="refused" if refused else "done").order_by("number")
    return list(rows.values_list("action", flat=True))
