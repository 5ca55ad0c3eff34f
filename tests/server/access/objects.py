"""One object behind each address that names one: to be added to by whoever adds such an address.

`OBJECTS` says for the name of a URL which arguments lead to an object of system A; `World` has made them. Whoever may
do everything, but only in system B, must not get through. `FREE` names what is not of one system, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from declared_systems import declare
from django.utils import timezone
from server_people import People
from server_releases import evidence_of, judged, make_system, outcome

from roadworthy.core.digests import canonical_json
from roadworthy.decide.outcome import Status
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import ApiToken, Delegation, Grant, Role, User
from roadworthy.server.assessments.models import Assessment, Brief
from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest
from roadworthy.server.evidence.models import Blob, Document
from roadworthy.server.findings.models import Comment, Finding
from roadworthy.server.shell.models import SavedView
from roadworthy.server.systems.models import Intake, System, TierRequest

Arguments = dict[str, Any]
NOT_THERE = "f" * 64


@dataclass
class World:
    """A system with one of everything, somebody who may do all in it, and somebody who may do all in another."""

    people: People

    def __post_init__(self) -> None:
        Role.objects.create(slug="all", title="All", permissions=sorted(map(str, Permission)), signs=True)
        self.system, other = make_system("ours"), make_system("theirs", line="elsewhere")
        declaration = canonical_json(declare(system="ours").model_dump(mode="json", exclude_unset=True)).decode()
        self.system.versions.update(declaration=declaration)
        self.insider, self.outsider = self._everything(self.system), self._everything(other)
        self._fill(timezone.now())

    def _everything(self, system: System) -> User:
        user = self.people.person()
        Grant.objects.create(role=Role.objects.get(slug="all"), user=user, system_id=system.pk)
        return user

    def _fill(self, now: Any) -> None:
        system, owner, later = self.system, self.insider, now + timedelta(days=9)
        self.release = judged(system, outcome("card", Status.NOT_MET))
        self.record = evidence_of(system, now)
        self.request = DecisionRequest.objects.create(
            release=self.release,
            requested_by=owner,
            shown_digest=NOT_THERE,
            tier="high",
            environments=["prod"],
            due=later,
        )
        self.exception = ExceptionRequest.objects.create(
            system=system, release=self.release, requirement="card", tier="high", requested_by=owner, until=later
        )
        self.finding = Finding.objects.create(
            system=system, source="person", title="F", severity="high", opened_at=now, due=later, opened_by=owner
        )
        self.comment = Comment.objects.create(finding=self.finding, author=owner, text="C")
        self.intake = Intake.objects.create(owner=owner, system=system)
        self.brief = Brief.objects.create(owner=owner, title="B", text="x", system=system)
        self.assessment = Assessment.objects.create(system=system, version=system.version, number=1, content="{}")
        blob = Blob.objects.create(sha256="a" * 64, size=1)
        self.document = Document.objects.create(system=system, blob=blob, name="d.pdf", uploaded_by=owner)
        self.tier_request = TierRequest.objects.create(
            system=system, tier="low", rules_tier="high", reason="Because.", until=later, asked_by=owner
        )
        self.token = ApiToken.objects.create(user=owner, name="t", digest="t", hint="t", expires_at=later)
        self.delegation = Delegation.objects.create(
            giver=owner, receiver=self.people.person(), role=Role.objects.get(slug="all"), starts=now, ends=later
        )
        self.view = SavedView.objects.create(user=owner, page="systems", name="v", query="")


def _each(names: Iterable[str], arguments: Callable[[World], Arguments]) -> dict[str, Callable[[World], Arguments]]:
    return dict.fromkeys(names, arguments)


OBJECTS: dict[str, Callable[[World], Arguments]] = {
    **_each(
        [
            "api:changes",
            "api:declaration",
            "api:declaration_file",
            "api:documents",
            "api:ship_list",
            "api:system",
            "api:system_controls",
            "api:system_retire",
            "api:tier",
            "api:tier_requests",
            "api:versions",
            "documents:upload",
        ],
        lambda world: {"system": world.system.slug},
    ),
    **_each(
        [
            "systems:checklist",
            "systems:compare",
            "systems:edit",
            "systems:edit_form",
            "systems:file",
            "systems:properties",
            "systems:retire",
            "systems:ship_list",
            "systems:show",
            "systems:tier",
            "systems:tier_end",
        ],
        lambda world: {"slug": world.system.slug},
    ),
    **_each(
        ["api:tier_decision", "api:tier_withdrawal"],
        lambda world: {"system": world.system.slug, "pk": world.tier_request.pk},
    ),
    **_each(
        ["systems:tier_decide", "systems:tier_withdraw"],
        lambda world: {"slug": world.system.slug, "pk": world.tier_request.pk},
    ),
    "api:version": lambda world: {"system": world.system.slug, "number": 1},
    "systems:version": lambda world: {"slug": world.system.slug, "number": 1},
    **_each(
        [
            "api:document",
            "api:document_preview",
            "documents:download",
            "documents:picture",
            "documents:preview",
        ],
        lambda world: {"system": world.system.slug, "digest": world.document.blob_id},
    ),
    **_each(
        [
            "api:release",
            "api:release_bundle",
            "api:release_critique",
            "api:release_evidence",
            "api:release_judgements",
            "api:release_shipping",
            "api:release_statements",
            "api:release_verdict",
            "api:release_withdrawal",
            "decisions:ask",
            "decisions:ask_exception",
            "decisions:judge",
        ],
        lambda world: {"release": world.release.pk},
    ),
    **_each(["releases:release", "shipping:ship", "shipping:withdraw"], lambda world: {"pk": world.release.pk}),
    "decisions:statement": lambda world: {"release": world.release.pk, "requirement": "card"},
    **_each(
        [
            "api:decision",
            "api:decision_envelopes",
            "api:decision_memo",
            "api:decision_recommendation",
            "api:decision_rounds",
            "api:decision_signatures",
            "api:decision_withdrawal",
        ],
        lambda world: {"decision": world.request.pk},
    ),
    **_each(
        ["decisions:again", "decisions:recommend", "decisions:show", "decisions:sign", "decisions:withdraw"],
        lambda world: {"pk": world.request.pk},
    ),
    "decisions:memo": lambda world: {"pk": world.request.pk, "kind": "md"},
    **_each(
        ["api:exception", "api:exception_decision", "api:exception_withdrawal"],
        lambda world: {"exception": world.exception.pk},
    ),
    **_each(
        ["decisions:decide_exception", "decisions:exception", "decisions:withdraw_exception"],
        lambda world: {"pk": world.exception.pk},
    ),
    **_each(
        ["api:finding", "api:finding_acceptance", "api:finding_closure", "api:finding_comments"],
        lambda world: {"finding": world.finding.pk},
    ),
    "api:finding_comment_retraction": lambda world: {"finding": world.finding.pk, "comment": world.comment.pk},
    "findings:retract": lambda world: {"pk": world.finding.pk, "number": world.comment.pk},
    **_each(
        [
            "findings:accept",
            "findings:assign",
            "findings:close",
            "findings:comment",
            "findings:edit",
            "findings:show",
            "findings:start",
            "findings:stop",
        ],
        lambda world: {"pk": world.finding.pk},
    ),
    **_each(
        [
            "api:record",
            "api:record_preview",
            "api:record_samples",
            "api:record_slices",
            "evidence:compare",
            "evidence:document",
            "evidence:picture",
            "evidence:preview",
            "evidence:record",
            "evidence:samples",
        ],
        lambda world: {"digest": world.record.digest},
    ),
    **_each(
        [
            "api:intake",
            "api:intake_hand_over",
            "api:intake_submit",
            "systems:intake",
            "systems:intake_discard",
            "systems:intake_hand_over",
            "systems:intake_submit",
        ],
        lambda world: {"pk": world.intake.pk},
    ),
    "systems:intake_step": lambda world: {"pk": world.intake.pk, "slug": "basics"},
    **_each(
        ["api:brief", "api:brief_declaration", "api:brief_intake", "api:brief_suggestions"],
        lambda world: {"brief": world.brief.pk},
    ),
    "api:brief_suggestion": lambda world: {"brief": world.brief.pk, "number": 1},
    **_each(
        [
            "assessments:brief",
            "assessments:brief_ask",
            "assessments:brief_discard",
            "assessments:brief_file",
            "assessments:brief_intake",
        ],
        lambda world: {"pk": world.brief.pk},
    ),
    "assessments:brief_answer": lambda world: {"pk": world.brief.pk, "number": 1},
    **_each(
        [
            "api:assessment",
            "api:assessment_acceptance",
            "api:assessment_comparison",
            "api:assessment_critique",
            "api:assessment_refresh",
            "api:assessment_register",
            "api:assessment_return",
            "api:assessment_submission",
            "api:assessment_threats",
            "api:scenarios",
            "api:scenarios_acceptance",
        ],
        lambda world: {"assessment": world.assessment.pk},
    ),
    **_each(
        ["api:scenario", "api:scenario_acceptance", "api:scenario_dismissal"],
        lambda world: {"assessment": world.assessment.pk, "scenario": "s"},
    ),
    "api:scenario_mitigation": lambda world: {
        "assessment": world.assessment.pk,
        "scenario": "s",
        "mitigation": "m",
    },
    "api:assessment_mitigation": lambda world: {"assessment": world.assessment.pk, "mitigation": "m"},
    **_each(
        [
            "assessments:accept",
            "assessments:accept_rest",
            "assessments:add",
            "assessments:print",
            "assessments:refresh",
            "assessments:return",
            "assessments:show",
            "assessments:submit",
        ],
        lambda world: {"pk": world.assessment.pk},
    ),
    **_each(
        [
            "assessments:scenario",
            "assessments:scenario_accept",
            "assessments:scenario_dismiss",
            "assessments:scenario_edit",
            "assessments:scenario_treat",
        ],
        lambda world: {"pk": world.assessment.pk, "scenario": "s"},
    ),
    "assessments:mitigation": lambda world: {"pk": world.assessment.pk, "mitigation": "m"},
    "api:token": lambda world: {"token": world.token.pk},
    "people:revoke_token": lambda world: {"key": world.token.pk},
    "api:delegation": lambda world: {"delegation": world.delegation.pk},
    "people:revoke_delegation": lambda world: {"key": world.delegation.pk},
    "shell:remove_view": lambda world: {"number": world.view.pk},
}
"""Name of a URL -> arguments that lead to an object of system A, or of somebody else."""
FREE: dict[str, str] = {
    "api:control_systems": "controls are everybody's to read; of systems, those that one sees are listed",
    "api:kpi": "a KPI is computed from the systems that one sees",
    "portfolio:kpi": "a KPI is computed from the systems that one sees",
    "systems:bulk": "the argument is what is set; the systems are in the form, and each is checked",
    "api:role": "roles are everybody's to read",
    "people:role": "roles are everybody's to read",
    "api:unit": "the organisation is everybody's to read",
    "api:product_line": "the organisation is everybody's to read",
    "people:person": "who somebody is and what they may do is everybody's to read",
}
"""Name of a URL -> why what it leads to is not of one system or person."""
_REASON = {"reason": "Because.", "revision": "1"}
SENT: dict[tuple[str, str], Arguments] = {
    ("POST", "decisions:again"): {"shown": NOT_THERE, "note": ""},
    ("POST", "decisions:recommend"): {"text": "Approve.", "revision": "1"},
    ("POST", "decisions:withdraw"): _REASON,
    ("POST", "decisions:withdraw_exception"): _REASON,
}
"""Fields of a form without which the page does not come to look at its object."""
FILES = {("POST", "api:documents"): "document", ("POST", "documents:upload"): "document"}
"""Name of the field of a file that is uploaded."""
QUERY = {("GET", "api:changes"): "old=1&new=1", ("DELETE", "api:tier"): "reason=Because"}
"""Query without which the operation does not come to look at its object."""
