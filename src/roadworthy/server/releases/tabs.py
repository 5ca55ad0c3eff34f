"""Tabs on the page of a release, and what this app adds to the pages of systems and records."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from roadworthy.documents.critique import DOCUMENT_RULES
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.releases.document_critique import criticise_documents
from roadworthy.server.releases.models import Release, ReleaseEvidence
from roadworthy.server.releases.remarks import draw_remarks
from roadworthy.server.shell.tabs import Panel, Tab, add_panel, add_tab
from roadworthy.server.systems.models import System

MOST = 200
"""Rows of a tab; the lists have the rest."""


def evidence(request: Request, row: Release) -> str:
    """Draw what the outcomes rest on, record by record."""
    links = row.rests_on.select_related("record").defer("record__envelope").order_by("record__title", "requirement")
    found: dict[int, tuple[EvidenceRecord, list[str]]] = {}
    for link in links[: MOST * 5]:
        found.setdefault(link.record_id, (link.record, []))[1].append(link.requirement)
    return render_to_string("releases/evidence_tab.html", {"release": row, "records": list(found.values())}, request)


def change(request: Request, row: Release) -> str:
    """Draw what differs from the release that shipped last."""
    kinds: dict[str, list[str]] = {}
    for one in row.changes:
        kinds.setdefault(one["kind"], []).append(one["what"])
    shown = {"release": row, "kinds": sorted(kinds.items())}
    return render_to_string("releases/change_tab.html", shown, request)


def documents(request: Request, row: Release) -> str:
    """Draw what the release's documents lack."""
    silent = _("Every document that the standard asks for is here, kept, and has the words of what it must say.")
    titles = {rule.id: rule.title for rule in DOCUMENT_RULES}
    return draw_remarks(request, criticise_documents(row), titles, lambda remark: f"{row.subject.url}?tab=sign", silent)


def of_system(request: Request, system: System) -> str:
    """Draw the releases of a system, newest first."""
    rows = Release.objects.filter(system=system).select_related("system").order_by("-pushed_at", "-pk")
    return render_to_string("releases/system_tab.html", {"system": system, "releases": rows[:MOST]}, request)


def used_by(request: Request, record: EvidenceRecord) -> str:
    """Draw which releases rest on a record, and for what."""
    links = ReleaseEvidence.objects.filter(record=record).select_related("release__system")
    shown = {"links": links.order_by("-release__pushed_at", "requirement")[:MOST]}
    return render_to_string("releases/used_by.html", shown, request)


def add_parts() -> None:
    """Add them."""
    add_tab("release", Tab("evidence", "Evidence", Permission.EVIDENCE_READ, evidence, 200))
    add_tab("release", Tab("documents", "Documents", Permission.RELEASE_READ, documents, 250))
    add_tab("release", Tab("change", "Change", Permission.RELEASE_READ, change, 300, lambda row: len(row.changes)))
    add_tab("system", Tab("releases", "Releases", Permission.RELEASE_READ, of_system, 100))
    add_panel("evidence", Panel("used-by", Permission.RELEASE_READ, used_by, 100))
