"""Run on the data of a server: make the demo, and beyond it whatever the demo has not, so that no page is empty.

Prints as JSON the addresses of every page with what it shows (see `visits`), what is missing there, and secrets.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "assessments")]
PASSWORD = "a long enough password"
BRIEFS = Path(__file__).parents[2] / "assess" / "briefs"
DOCUMENTS = {
    "Data protection impact assessment of the support agent, final version 3.pdf": b"%PDF-1.7\0",
    "card.md": b"# Card\n\n### Purpose\n\nIt `helps` [us](https://a.example).\n\n| a | b |\n| - | - |\n| "
    + b"x" * 90
    + b" | 2 |\n",
    "settings.json": b'{"temperature": 0.2, "stop": [], "url": "' + b"x" * 200 + b'"}',
    "labels.csv": b",".join(b"column %d" % place for place in range(40)) + b"\n" + b"value,other\n" * 60,
    "long.txt": b"An answer, word by word.\n" * 20_000,
    "dot.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000100000001001000000003788c2cc000000134944415478da63e0ffc000"
        "471ff811088738007ebf0ff1f73a2a020000000049454e44ae426082"
    ),
}
"""Name -> content of what is uploaded: one of each kind of preview."""
HOUSE_RULE = """requirements:
  - id: house-rule
    title: House rule
    control: GOV-01
    because: We say so.
    shown_by: document
    tiers: [high, medium, low]
    document: {kind: house rule}
"""


def main() -> None:
    """Fill the database, and print what is to be visited."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from roadworthy.server.portfolio.demo.make import make_demo

    demo = make_demo(Path(os.environ["ROADWORTHY_DATA"]) / "demo", lambda *_: None)
    everything = Everything()
    for act in ("people", "webhooks", "systems", "assess", "write_briefs", "draft_standards", "decide", "run_jobs"):
        getattr(everything, act)()
    from visits import missing, visits

    found = visits() if not missing() else []
    said = {"visits": found, "missing": missing(), "password": demo.password, "codes": everything.codes}
    sys.stdout.write("\n" + json.dumps(said))


class Everything:
    """Somebody in every role, and what they and the people of the demo do beside the story of the demo."""

    def __init__(self) -> None:
        from django.utils import timezone

        from roadworthy.server.access.actor import server_actor
        from roadworthy.server.access.roles import ROLES
        from roadworthy.server.accounts.grants import make_grant
        from roadworthy.server.accounts.models import User

        self.server, self.now = server_actor(), timezone.now()
        self.codes: list[str] = []
        self.eve = User.objects.create_user("eve@example.com", "Eve Everywhere", PASSWORD)
        for role in ROLES:
            make_grant(self.server, role, person=self.eve.pk)

    def actor(self, key: str) -> Any:
        """Return somebody of the demo, or Eve, at a page."""
        from roadworthy.server.access.actor import Door
        from roadworthy.server.accounts.models import User
        from roadworthy.server.accounts.reach import actor_of

        user = self.eve if key == "eve" else User.objects.get(email=f"{key}@fernhill.example")
        return actor_of(user, Door.PAGE)

    def days(self, number: int) -> Any:
        """Return the moment so many days from now."""
        return self.now + timedelta(days=number)

    def people(self) -> None:
        """A group with a role, an invitation, somebody who left, one with a second factor, tokens, delegations."""
        from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
        from allauth.mfa.totp.internal.auth import TOTP

        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.accounts import delegations, groups, people, roles, tokens
        from roadworthy.server.accounts.grants import Place, make_grant
        from roadworthy.server.accounts.models import User
        from roadworthy.server.shell.saved_views import save_view

        eve = self.actor("eve")
        ada, tom = (User.objects.get(email=f"{key}@fernhill.example") for key in ("ada", "tom"))
        group = groups.make_group(eve, "Reviewers of releases in the regulated product lines")
        for person in (ada, tom):
            groups.add_member(eve, group.pk, person.pk)
        make_grant(eve, "viewer", group=group.pk, place=Place(product_line="payments"))
        roles.make_role(eve, "launch-lead", "Launch lead", [Permission.PORTFOLIO_READ, Permission.RELEASE_READ])
        people.invite(eve, "nina@fernhill.example", "Nina Newcomer")
        left = people.add_person(eve, "lars@fernhill.example", "Lars Left")
        people.deactivate(eve, left.pk, left.revision)
        User.objects.create_user("noa@example.com", "Noa Nothing", PASSWORD)
        sam = User.objects.create_user("sam@example.com", "Sam Second-Factor", PASSWORD)
        TOTP.activate(sam, "JBSWY3DPEHPK3PXP")
        self.codes = RecoveryCodes.activate(sam).get_unused_codes()
        held = [Permission.RELEASE_PUSH, Permission.RELEASE_READ, Permission.CLEARANCE_READ]
        tokens.make_token(eve, "Pipeline of the web shop", held, self.days(90))
        old, _ = tokens.make_token(eve, "An older pipeline", held[:1], self.days(5))
        tokens.revoke_token(eve, old.pk)
        delegations.delegate(eve, "security", ada.pk, self.days(12), "On leave until after the holidays.")
        delegations.delegate(self.actor("ada"), "responsible-ai", self.eve.pk, self.days(30), "Parental leave.")
        ended = delegations.delegate(eve, "privacy", tom.pk, self.days(3), "Away at a conference.")
        delegations.revoke_delegation(eve, ended.pk)
        save_view(eve, "systems", "High tier", "tier=high")

    def webhooks(self) -> None:
        """One that answers, one that does not."""
        from answering_model import answering_model

        from roadworthy.server.webhooks import services
        from roadworthy.server.webhooks.models import Delivery
        from roadworthy.server.webhooks.sending import attempt

        eve = self.actor("eve")
        with answering_model() as there:
            services.make_endpoint(eve, "Chat of the release managers", there.url, ["finding.opened", "release.judged"])
            services.make_endpoint(eve, "Ticket system", "http://127.0.0.1:9/hook", [])
            self._file("support-agent", "Recommends a discontinued product when asked for spare parts", "medium")
            self._discuss()
            for row in Delivery.objects.all()[:4]:
                attempt(row.pk)

    def _file(self, slug: str, title: str, severity: str) -> None:
        from roadworthy.server.findings import services

        services.file_finding(
            self.actor("ada"), services.Filed(slug, title, severity, "Seen in transcripts.", "person")
        )

    def _discuss(self) -> None:
        """Somebody says something, somebody answers and mentions Eve, and Eve takes something back."""
        from roadworthy.server.findings.comments import comment, retract
        from roadworthy.server.findings.models import Finding

        eve = self.actor("eve")
        for finding in Finding.objects.all()[:40]:
            comment(self.actor("tom"), finding.pk, "Seen with `temperature: 0` as well.\nThe catalogue is a week old.")
            comment(self.actor("ada"), finding.pk, "@eve@example.com, who keeps the catalogue? " + "x" * 120)
            retract(eve, finding.pk, comment(eve, finding.pk, "I do.").pk)
            comment(eve, finding.pk, "The team of the web shop does; I asked them.")

    def systems(self) -> None:
        """Intakes at the beginning and at the end, a tier set by a person, a retired system, documents."""
        from io import BytesIO

        from roadworthy.declare.load import system_value
        from roadworthy.server.evidence.documents import upload
        from roadworthy.server.systems.declaration import declared
        from roadworthy.server.systems.intake import hand_over, start_intake
        from roadworthy.server.systems.models import System
        from roadworthy.server.systems.override import set_tier
        from roadworthy.server.systems.properties import retire

        eve = self.actor("eve")
        start_intake(eve, {"title": "Order desk", "kind": "agent", "regions": ["EU"], "tools": [{"id": "refund"}]})
        agent = System.objects.select_related("version").get(slug="support-agent")
        answers = json.loads(json.dumps(system_value(declared(agent.version)), default=str))
        start_intake(eve, {**answers, "system": "support-agent-next", "title": "Support agent, next"})
        handed = start_intake(self.actor("tom"), {"title": "Returns desk"})
        hand_over(self.actor("tom"), handed.pk, handed.revision, self.eve.pk)
        start_intake(self.actor("tom"), {"title": "Parcel tracker"}, system="support-agent")
        search = System.objects.get(slug="policy-search")
        reason = "It answers from published policies only, and every answer cites them."
        higher = next(tier for tier in ("medium", "high") if tier != search.tier)
        set_tier(self.actor("ada"), search.slug, search.revision, tier=higher, reason=reason, until=self.days(40))
        recommender = System.objects.get(slug="shop-recommender")
        retire(eve, recommender.slug, recommender.revision, "Replaced by the ranking of the search team.")
        for name, content in DOCUMENTS.items():
            upload(eve, "support-agent", BytesIO(content), name=name)

    def assess(self) -> None:
        """One accepted and begun anew, one in review."""
        from roadworthy.assess.scale import Range, Rating
        from roadworthy.server.assessments import lifecycle, scenarios, treatments
        from roadworthy.server.assessments.content import content_of

        tom, ada = self.actor("tom"), self.actor("ada")
        row = lifecycle.start(tom, "support-agent")
        first, second, third, *_ = (item.id for item in content_of(row).scenarios)
        row = scenarios.accept_scenario(tom, row.pk, row.revision, first, "As seen in the pilot.")
        row = scenarios.dismiss_scenario(tom, row.pk, row.revision, second, "It has no access to such data.")
        treatment = next(item for item in content_of(row).scenarios if item.id == first).treatments[0]
        progress = treatments.Progress("planned", "tom@fernhill.example", self.days(20).date())
        row = treatments.set_treatment(tom, row.pk, row.revision, first, treatment.mitigation, progress)
        row = scenarios.accept_rest(tom, row.pk, row.revision, "Read one by one.")
        row = lifecycle.submit(tom, row.pk, row.revision)
        lifecycle.accept(ada, row.pk, row.revision, "Read and agreed.")
        row = lifecycle.start(tom, "support-agent")
        wide = Range(low=2, high=4)
        rating = Rating(severity=wide, likelihood=wide, exposure=wide, detectability=wide)
        row = scenarios.edit_scenario(tom, row.pk, row.revision, third, "It reaches more people by now.", rating=rating)
        added = scenarios.Added(
            "Refunds are promised to people who did not buy", "The company pays twice.", "legal", "Seen twice.", rating
        )
        scenarios.add_scenario(tom, row.pk, row.revision, added)
        review = lifecycle.start(tom, "maths-tutor")
        lifecycle.submit(tom, review.pk, review.revision)

    def write_briefs(self) -> None:
        """A brief as it was read, and one about which a model suggested something."""
        from answering_model import answering_model

        from roadworthy.server.assessments import briefs
        from roadworthy.server.configuration import configuration

        eve = self.actor("eve")
        briefs.draft_brief(eve, (BRIEFS / "vague.txt").read_text("utf-8"), "An idea")
        text = (BRIEFS / "meeting-summariser.txt").read_text("utf-8")
        row = briefs.draft_brief(eve, text, "Summaries of meetings")
        with answering_model() as model:
            os.environ["ROADWORTHY_DRAFTER_URL"], os.environ["ROADWORTHY_DRAFTER_MODEL"] = model.url, "tiny"
            configuration.cache_clear()
            model.suggests(("users.internal_only", True, text[:40]), ("autonomy", "suggests", text[20:70]))
            briefs.ask_model(eve, row.pk, row.revision)

    def draft_standards(self) -> None:
        """A version that is published, one that is proposed, and one that is being drafted."""
        from roadworthy.server.standards.authority import shown_digest
        from roadworthy.server.standards.draft import edit_draft, set_threshold, start_draft, withdraw
        from roadworthy.server.standards.publish import decide, propose

        ada = self.actor("ada")
        gone = start_draft(ada, "Thresholds of robustness")
        withdraw(ada, gone.pk, gone.revision, "Not before the pilot has ended.")
        row = start_draft(ada, "A rule of the house")
        row = edit_draft(ada, row.pk, row.revision, {**row.layer, "changes.yaml": HOUSE_RULE})
        row = propose(ada, row.pk, row.revision, note="We say so.", in_force_from=self.days(9), grace_days=30)
        decide(self.actor("lena"), row.pk, digest=shown_digest(row), choice="approve", reason="Agreed.")
        draft = start_draft(ada, "Stricter about injection")
        given = {"requirement": "injection-resilience", "tier": "high", "value": 0.05, "confidence": 0.95}
        set_threshold(ada, draft.pk, draft.revision, **given)

    def decide(self) -> None:
        """Exceptions that are asked for, refused and withdrawn; a recommendation; a change of a vendor; a rule."""
        from roadworthy.server.decisions.exceptions import (
            Asked,
            decide_exception,
            request_exception,
            withdraw_exception,
        )
        from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest
        from roadworthy.server.decisions.reopening import vendor_changed
        from roadworthy.server.decisions.requests import recommend
        from roadworthy.server.releases.judgement import verdict_of
        from roadworthy.server.releases.models import Release

        tom = self.actor("tom")
        release = Release.objects.select_related("system__product_line").get(system__slug="maths-tutor", current=True)
        held = [one.requirement for one in verdict_of(release).outcomes if one.holds][:3]
        rows = []
        for requirement in held:
            asked = Asked(
                requirement, "evidence on its way", "Its run ends next week.", "Two people read along.", self.days(20)
            )
            rows.append(request_exception(tom, release.pk, asked))
        withdraw_exception(tom, rows[1].pk, reason="The run has ended.", revision=rows[1].revision)
        decide_exception(self.actor("maria"), rows[2].pk, approve=False, reason="Pupils would bear it.")
        open_request = DecisionRequest.objects.filter(decided_at=None).latest("requested_at")
        recommend(self.actor("ada"), open_request.pk, text="Approve, with a condition on refunds.")
        vendor_changed(self.actor("ada"), "modelworks", "atlas-small was replaced without notice.", "atlas-small")
        AuthorityRule.objects.create(action="release", roles=["director"], tiers=["high"], environments=["prod"])

    def run_jobs(self) -> None:
        """Every job once."""
        from roadworthy.core.clock import format_time
        from roadworthy.server.jobs.board import board
        from roadworthy.server.jobs.scheduler import tick
        from roadworthy.server.jobs.tasks import run_job

        tick("everything", self.now)
        for name in board():
            run_job.call(name, format_time(self.now))


if __name__ == "__main__":
    main()
