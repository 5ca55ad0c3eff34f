"""What the people of the demo do: each is a call of the service that a page would call."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from django.utils import timezone

from roadworthy.decide.signature import Choice
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.case import case_of
from roadworthy.server.decisions.exceptions import Asked, decide_exception, request_exception
from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.requests import request_decision
from roadworthy.server.decisions.signing import Decided, sign_decision
from roadworthy.server.decisions.signoffs import Signing, asked_by, sign_requirement
from roadworthy.server.decisions.uploads import keep_document
from roadworthy.server.findings import closing, services
from roadworthy.server.findings.models import Finding
from roadworthy.server.portfolio.demo.bundles import Bundles
from roadworthy.server.portfolio.demo.catalogue import SYSTEMS, DemoSystem
from roadworthy.server.portfolio.demo.people import Cast
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release, TrustedKey
from roadworthy.server.releases.receive import receive
from roadworthy.server.systems import office_hours
from roadworthy.server.systems.models import Question, System
from roadworthy.standard.model import ShownBy

SIGNED = frozenset({ShownBy.DOCUMENT, ShownBy.SIGN_OFF, ShownBy.VENDOR_REVIEW})
BY_SLUG: dict[str, DemoSystem] = {system.slug: system for system in SYSTEMS}


class Acts:
    """The acts, with who acts and what they have at hand."""

    def __init__(self, cast: Cast, bundles: Bundles) -> None:
        self.cast = cast
        self.bundles = bundles

    def trust_pipeline(self) -> None:
        """Enter the key of the build pipeline."""
        key = TrustedKey.objects.create(key_id=self.bundles.key_id, name="Build pipeline of the demo")
        record(server_actor(Door.COMMAND, "the demo"), "key.trusted", key.subject, row=key)

    def push(self, slug: str, release: str) -> Release:
        """Push a bundle."""
        with self.bundles.path(BY_SLUG[slug], release).open("rb") as stream:
            return receive(self.cast.actor("tom"), stream).release

    def release(self, slug: str) -> Release:
        """Return the newest release of a system."""
        rows = Release.objects.select_related("system__product_line")
        return rows.get(system__slug=slug, current=True)

    def sign_off(self, slug: str) -> None:
        """Sign for whatever holds the newest release and can be signed."""
        held = [one for one in verdict_of(self.release(slug)).outcomes if one.holds and one.shown_by in SIGNED]
        for outcome in held:
            release = self.release(slug)
            asked = asked_by(release, outcome.requirement)
            own = set(owners_of(release)) if asked.not_owner else set()
            found = self.cast.holding(set(asked.roles), own)
            if found is None:
                continue
            person, role = found
            document = None
            if asked.document:
                text = f"# {outcome.title}\n\nOf {release}. Written for the demo."
                document = keep_document(SimpleUploadedFile(f"{outcome.requirement}.md", text.encode()))
            said = f"{outcome.title}: read and agreed."
            signing = Signing(outcome.requirement, said, release.shown_digest, role, document)
            sign_requirement(self.cast.actor(person), release.pk, signing)

    def ask(self, slug: str) -> DecisionRequest:
        """Ask for a decision on the newest release."""
        release = self.release(slug)
        note = "Measured and documented; please decide."
        return request_decision(
            self.cast.actor("tom"), release.pk, environments=["prod"], note=note, shown=release.shown_digest
        )

    def decide(self, slug: str, choice: Choice = Choice.APPROVE, most: int = 9) -> None:
        """Let those who may sign do so, at most so many of them."""
        request = DecisionRequest.objects.filter(release=self.release(slug)).latest("requested_at")
        barred = set(owners_of(request.release)) | {request.requested_by_id}
        for _ in range(most):
            request.refresh_from_db()
            free = case_of(request).standing().missing
            found = self.cast.holding({role for seat in free for role in seat.roles}, barred)
            if found is None or request.decided_at is not None:
                return
            person, role = found
            barred.add(self.cast.user(person).pk)
            reason = (
                "The evidence is there, and what is left is borne by the conditions."
                if choice.approves
                else "See above."
            )
            sign_decision(self.cast.actor(person), request.pk, Decided(choice, reason, request.shown_digest, (), role))

    def waive(self, slug: str, requirement: str, category: str, days: int) -> None:
        """Ask for an exception, and let it be approved."""
        release = self.release(slug)
        until = timezone.now() + timedelta(days=days)
        asked = Asked(
            requirement,
            category,
            "It cannot be shown before the launch, and the reach is small.",
            "Answers are sampled and read by two people every day.",
            until,
        )
        row = request_exception(self.cast.actor("tom"), release.pk, asked)
        person = "maria" if release.tier == "high" else "lena"
        decide_exception(self.cast.actor(person), row.pk, approve=True, reason="Bearable until then.")

    def file(self, slug: str, title: str, severity: str, *, source: str = "person", requirement: str = "") -> Finding:
        """File a finding."""
        filed = services.Filed(slug, title, severity, "Seen in a review of transcripts.", source, requirement)
        return services.file_finding(self.cast.actor("ada"), filed)

    def take(self, slug: str, person: str, number: int = 3) -> None:
        """Let somebody own the most urgent findings of a system, and begin with the first."""
        rows = Finding.objects.filter(system__slug=slug, state="open").order_by("severity_rank", "pk")[:number]
        for place, row in enumerate(rows):
            actor = self.cast.actor("ada")
            owned = services.assign(actor, row.pk, row.revision, self.cast.user(person).pk)
            if place == 0:
                services.start(self.cast.actor(person), owned.pk, owned.revision)

    def accept(self, finding: Finding, days: int) -> None:
        """Accept the risk of a finding."""
        finding.refresh_from_db()
        person = "maria" if finding.system.tier == "high" else "lena"
        until = timezone.now() + timedelta(days=days)
        reason = "Rare, watched, and mended in the next release."
        closing.accept(self.cast.actor(person), finding.pk, finding.revision, reason, until)

    def question(self, title: str, body: str, slug: str = "", topic: str = "process") -> Question:
        """Ask a question at office hours, and have it triaged."""
        asked = office_hours.ask(self.cast.actor("tom"), title=title, body=body, system=slug, topic=topic)
        ada = self.cast.user("ada").pk
        return office_hours.triage(self.cast.actor("lena"), asked.pk, asked.revision, topic=topic, assignee=ada)

    def answer(self, question: Question, answer: str) -> None:
        """Answer a question."""
        question.refresh_from_db()
        actor = self.cast.actor("ada")
        office_hours.answer(actor, question.pk, question.revision, answer=answer, interpretation=answer)

    def own(self) -> None:
        """Give systems without an owner to the product owner."""
        System.objects.filter(Q(owner=None)).update(owner=self.cast.user("olga"))
