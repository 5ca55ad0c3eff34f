"""What a page shows: for each address that names something, the rows that are looked at.

A new address that names something must be added to `OBJECTS`, or to `NOT_PAGES` with the reason; the walk fails until
it is. Addresses that name nothing are found in the table of doors, and tabs on the page itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "access"))

from addresses import addresses, openings
from django.db.models import Model, QuerySet
from django.urls import reverse

from roadworthy.server.accounts.models import Group, ProductLine, Role, Unit, User
from roadworthy.server.assessments.content import content_of
from roadworthy.server.assessments.models import Assessment, Brief
from roadworthy.server.audit.models import Entry
from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest, ExceptionRequest
from roadworthy.server.evidence.models import Blob, Document, EvidenceRecord
from roadworthy.server.findings.models import Finding
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.control_views import coverage_of
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.models import StandardVersion
from roadworthy.server.systems.intake_questions import steps_for
from roadworthy.server.systems.models import Intake, Question
from roadworthy.server.webhooks.models import Endpoint
from roadworthy.standard.model import ShownBy

Arguments = dict[str, Any]
SIGNED = {ShownBy.DOCUMENT, ShownBy.SIGN_OFF, ShownBy.VENDOR_REVIEW}


def one_of_each(rows: QuerySet[Any], *fields: str) -> list[Any]:
    """Return the newest row for each value of some fields."""
    return list({tuple(getattr(row, field) for field in fields): row for row in rows.order_by("pk")}.values())


def keys(rows: Iterable[Model]) -> list[Arguments]:
    return [{"pk": row.pk} for row in rows]


def _releases() -> list[Release]:
    return one_of_each(Release.objects.all(), "verdict", "state", "current")


def _held() -> Release:
    return Release.objects.get(system__slug="maths-tutor", current=True)


def _runs(system: str = "support-agent") -> list[EvidenceRecord]:
    rows = EvidenceRecord.objects.filter(system__slug=system).exclude(results="")
    return one_of_each(rows, "suite")


def _records() -> list[EvidenceRecord]:
    return [*one_of_each(EvidenceRecord.objects.all(), "kind"), *_runs()[:1]]


def _statements() -> Iterator[Arguments]:
    release, kinds = _held(), set()
    for outcome in verdict_of(release).outcomes:
        if outcome.shown_by in SIGNED - kinds:
            kinds.add(outcome.shown_by)
            yield {"release": release.pk, "requirement": outcome.requirement}


def _assessments() -> list[Assessment]:
    return one_of_each(Assessment.objects.all(), "state")


def _scenarios() -> Iterator[Arguments]:
    row = Assessment.objects.get(state="draft")
    for scenario in {(item.standing, item.origin): item for item in content_of(row).scenarios}.values():
        yield {"pk": row.pk, "scenario": scenario.id}


def _mitigations() -> list[Arguments]:
    row = Assessment.objects.get(state="draft")
    found = next(one.mitigation for item in content_of(row).scenarios for one in item.treatments)
    return [{"pk": row.pk, "mitigation": found}]


def _intake_steps() -> Iterator[Arguments]:
    for intake in Intake.objects.filter(system=None).order_by("pk"):
        for step in steps_for(intake.answers):
            yield {"pk": intake.pk, "slug": step.slug}
        yield {"pk": intake.pk, "slug": "summary"}


def _entries() -> list[Arguments]:
    told = ("system.properties_changed", "standard.threshold_set", "release.judged", "decision.signed", "user.added")
    return [{"number": row.number} for row in one_of_each(Entry.objects.filter(action__in=told), "action")]


OBJECTS: dict[str, Callable[[], Iterable[Arguments]]] = {
    "people:person": lambda: (
        [{"key": row.pk} for row in User.objects.all()[:3]]
        + [{"key": row.pk} for row in User.objects.filter(email__regex="eve|sam|nina|lars")]
    ),
    "people:change_person": lambda: [{"key": User.objects.latest("pk").pk}],
    "people:group": lambda: [{"key": row.pk} for row in Group.objects.all()],
    "people:change_group": lambda: [{"key": row.pk} for row in Group.objects.all()[:1]],
    "people:role": lambda: [{"key": slug} for slug in ("administrator", "director", "launch-lead")],
    "people:change_role": lambda: [{"key": Role.objects.get(built_in=False).slug}],
    "people:change_unit": lambda: [{"key": Unit.objects.all()[0].slug}],
    "people:change_product_line": lambda: [{"key": ProductLine.objects.all()[0].slug}],
    "assessments:show": lambda: keys(_assessments()),
    "assessments:print": lambda: keys(_assessments()[:1]),
    "assessments:add": lambda: keys(Assessment.objects.filter(state="draft")),
    "assessments:mitigation": _mitigations,
    "assessments:scenario": _scenarios,
    "assessments:brief": lambda: keys(Brief.objects.all()),
    "audit:entry": _entries,
    "decisions:show": lambda: keys(one_of_each(DecisionRequest.objects.all(), "state")),
    "decisions:ask": lambda: [{"release": _held().pk}],
    "decisions:statement": _statements,
    "decisions:ask_exception": lambda: [{"release": _held().pk}],
    "decisions:exception": lambda: keys(one_of_each(ExceptionRequest.objects.all(), "state")),
    "decisions:rule": lambda: keys(AuthorityRule.objects.all()[:1]),
    "documents:preview": lambda: [
        {"system": row.system.slug, "digest": row.blob_id}
        for row in Document.objects.select_related("system").filter(system__slug="support-agent")
    ],
    "evidence:preview": lambda: [
        {"digest": row.digest} for row in EvidenceRecord.objects.filter(document__in=Blob.objects.values("pk"))[:1]
    ],
    "evidence:record": lambda: [{"digest": row.digest} for row in _records()],
    "evidence:samples": lambda: [{"digest": row.digest} for row in _runs()[:2]],
    "evidence:compare": lambda: [{"digest": row.digest} for row in _runs()[:1]],
    "findings:show": lambda: keys(one_of_each(Finding.objects.all(), "state", "source")),
    "findings:edit": lambda: keys(Finding.objects.filter(state="open")[:1]),
    "portfolio:kpi": lambda: [{"kpi": kpi} for kpi in KPIS],
    "releases:release": lambda: keys(_releases()),
    "standards:requirement": lambda: [{"name": item.id} for item in in_force().standard.requirements[:40:20]],
    "standards:show": lambda: keys(one_of_each(StandardVersion.objects.all(), "state")),
    "standards:edit": lambda: keys(StandardVersion.objects.filter(state="draft")),
    "standards:threshold": lambda: keys(StandardVersion.objects.filter(state="draft")),
    "standards:control": lambda: [{"name": item.id} for item in in_force().standard.controls[:1]],
    "systems:show": lambda: [
        {"slug": slug} for slug in ("support-agent", "policy-search", "shop-recommender", "credit-limit")
    ],
    "systems:version": lambda: [{"slug": "support-agent", "number": 1}, {"slug": "support-agent", "number": 3}],
    "systems:compare": lambda: [{"slug": "support-agent"}],
    "systems:ship_list": lambda: [{"slug": "support-agent"}, {"slug": "code-helper"}],
    "systems:edit": lambda: [{"slug": "support-agent"}],
    "systems:properties": lambda: [{"slug": "support-agent"}],
    "systems:tier": lambda: [{"slug": "policy-search"}, {"slug": "support-agent"}],
    "systems:intake_step": _intake_steps,
    "systems:question": lambda: keys(one_of_each(Question.objects.all(), "state")),
    "webhooks:show": lambda: keys(Endpoint.objects.all()),
}
"""Name of an address -> arguments of everything that is looked at there."""
NOT_PAGES = {
    "assessments:brief_file": "a file",
    "audit:export": "a file",
    "decisions:memo": "a file",
    "documents:download": "a file",
    "documents:picture": "a file",
    "evidence:document": "a file",
    "evidence:picture": "a file",
    "mfa_download_recovery_codes": "a file",
    "shell:healthz": "for machines",
    "shell:readyz": "for machines",
    "standards:layer": "a file",
    "systems:checklist": "a file",
    "systems:file": "a file",
    "systems:intake": "leads to a step",
    "people:set_up": "walked by who has no account yet",
    "account_login": "walked by who is not signed in",
    "account_logout": "asks nothing, and ends the session of the walk",
    "account_inactive": "walked by who is not signed in",
    "mfa_authenticate": "walked by who is not signed in",
    "account_reauthenticate": "walked by who has a second factor",
    "mfa_reauthenticate": "walked by who has a second factor",
    "mfa_deactivate_totp": "walked by who has a second factor",
    "mfa_view_recovery_codes": "walked by who has a second factor",
    "mfa_generate_recovery_codes": "walked by who has a second factor",
    "openid_connect_login": "leads to an identity provider",
    "openid_connect_callback": "comes from an identity provider",
    "socialaccount_login_cancelled": "walked by who is not signed in",
    "socialaccount_login_error": "walked by who is not signed in",
}
"""Name of an address -> why nobody looks at it in the walk of the signed in."""
QUERIES: dict[str, Callable[[], Iterable[str]]] = {
    "evidence:compare": lambda: [f"with={_earlier(_runs()[0]).digest}"],
    "evidence:samples": lambda: ["q=17", "by=topic"],
    "systems:compare": lambda: ["old=1&new=2"],
    "systems:list": lambda: ["tier=high&q=e", "q=nothing-of-this-name"],
    "findings:list": lambda: ["severity=high", "state=any"],
    "standards:framework": lambda: [
        f"framework={one.framework.id}&version={one.framework.version}" for one in coverage_of(in_force().standard)[:2]
    ],
    "standards:threshold": lambda: ["requirement=injection-resilience"],
    "shell:search": lambda: ["q=support", "q=zebra"],
}
"""Name of an address -> queries with which it is looked at as well."""


ONLY_ASKED = {"standards:framework"}
"""Pages that show nothing without a query."""


def _earlier(run: EvidenceRecord) -> EvidenceRecord:
    rows = EvidenceRecord.objects.filter(system=run.system, suite=run.suite).exclude(pk=run.pk)
    return rows.exclude(results="").latest("made_at")


def pages() -> list[str]:
    """Return the name of each page that somebody who is signed in can look at."""
    opened = {name for (method, name), one in openings().items() if method == "GET" and not one.shut}
    return sorted(name for name in opened - NOT_PAGES.keys() if not name.startswith(("api:", "scim:")))


def missing() -> list[str]:
    """Return the pages of which nothing says what they show, and what is said of pages that are gone."""
    named = {one.name for one in addresses() if one.arguments}
    unknown = sorted(named & set(pages()) - OBJECTS.keys())
    gone = sorted((OBJECTS.keys() | NOT_PAGES.keys() | QUERIES.keys()) - {one.name for one in addresses()})
    return [*unknown, *gone]


def visits() -> list[list[str]]:
    """Return name and path of each page that is looked at, with its objects; those that ask for a fresh proof first."""
    found = []
    for name in sorted(pages(), key=lambda one: (":" in one, one)):
        paths = [reverse(name, kwargs=arguments) for arguments in OBJECTS.get(name, lambda: [{}])()]
        assert paths, f"there is nothing to be looked at on {name}: make it in everything.py"
        queries = [f"{paths[0]}?{query}" for query in QUERIES.get(name, list)()]
        paths = [*queries, *paths] if name in ONLY_ASKED else [*paths, *queries]
        found += [[name, path] for path in dict.fromkeys(paths) if name not in ONLY_ASKED or "?" in path]
    return found
