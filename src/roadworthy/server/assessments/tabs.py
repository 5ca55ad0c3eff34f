"""What assessments add to pages: the tab and the block on a system, tabs of an assessment, the block on an intake."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.assess.critique import RULES
from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.register import compare_assessments, register
from roadworthy.assess.threat_model import model_threats
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.assessments.brief_reading import plan_of
from roadworthy.server.assessments.content import content_of, today
from roadworthy.server.assessments.criticising import criticise, settled_at
from roadworthy.server.assessments.mitigation_board import mitigation_board
from roadworthy.server.assessments.models import OPEN, Assessment, AssessmentState, Brief
from roadworthy.server.assessments.register_rows import scenario_url
from roadworthy.server.audit.trail import trail
from roadworthy.server.releases.remarks import draw_remarks
from roadworthy.server.shell.tabs import Panel, Tab, add_panel, add_tab
from roadworthy.server.systems.declaration import declared
from roadworthy.server.wire.form_values import number_of

TOP = 10
SHOWN = 20


def add_tabs() -> None:
    """Add them all."""
    read = Permission.ASSESSMENT_READ
    add_tab("system", Tab("assessment", "Risk", read, _of_system, 30))
    add_panel("system", Panel("risk", read, _risk, 30))
    add_tab("assessment", Tab("critique", "Critique", read, _critique, 5))
    add_tab("assessment", Tab("mitigations", "Mitigations", read, _mitigations, 10))
    add_tab("assessment", Tab("threats", "Threat model", read, _threats, 20))
    add_tab("assessment", Tab("compare", "Compare", read, _compare, 30))
    add_tab("assessment", Tab("activity", "Activity", read, _activity, 40))
    add_panel("intake", Panel("brief", Permission.SYSTEM_CREATE, _of_intake, 30))


def _of_system(request: Request, system: Any) -> str:
    rows = list(system.assessments.select_related("version", "accepted_by").defer("content")[:SHOWN])
    shown = next((row for row in rows if row.state in OPEN), None) or _accepted(rows)
    entries = register(content_of(shown), today(), TOP) if shown else ()
    scope = request.actor.scope(Permission.ASSESSMENT_WRITE)
    content = {
        "system": system,
        "rows": rows,
        "shown": shown,
        "entries": [(entry, scenario_url(shown, entry.scenario)) for entry in entries] if shown else [],
        "open": any(row.state in OPEN for row in rows),
        "writes": scope.reaches(system.pk, system.product_line_id, system.unit_id),
    }
    return render_to_string("assessments/system_tab.html", content, request=request)


def _risk(request: Request, system: Any) -> str:
    rows = Assessment.objects.filter(system=system, state__in=[*OPEN, AssessmentState.ACCEPTED]).defer("content")
    found = list(rows.select_related("version").order_by("-number"))
    content = {
        "system": system,
        "accepted": _accepted(found),
        "open": next((row for row in found if row.state in OPEN), None),
    }
    return render_to_string("assessments/system_panel.html", content, request=request)


def _accepted(rows: list[Assessment]) -> Assessment | None:
    return next((row for row in rows if row.state == AssessmentState.ACCEPTED), None)


def _critique(request: Request, row: Assessment) -> str:
    silent = _("Every scenario was looked at, and every mitigation has an owner, a day and evidence that counts.")
    titles = {rule.id: rule.title for rule in RULES}
    return draw_remarks(request, criticise(row), titles, lambda remark: settled_at(row, remark), silent)


def _mitigations(request: Request, row: Assessment) -> str:
    lanes = mitigation_board(content_of(row), today())
    return render_to_string("assessments/mitigations.html", {"assessment": row, "lanes": lanes}, request=request)


def _threats(request: Request, row: Assessment) -> str:
    titles = {id_: one.title for id_, one in load_mitigations().items()}
    content = {"assessment": row, "threats": model_threats(declared(row.version)), "titles": titles}
    return render_to_string("assessments/threats.html", content, request=request)


def _compare(request: Request, row: Assessment) -> str:
    others = list(Assessment.objects.filter(system=row.system_id).exclude(pk=row.pk).defer("content")[:SHOWN])
    wanted = number_of(request.GET, "with")
    earlier = [other for other in others if other.number < row.number]
    chosen = next((other for other in others if other.number == wanted), earlier[0] if earlier else None)
    found = compare_assessments(content_of(chosen), content_of(row), today()) if chosen else ()
    content = {"assessment": row, "others": others, "chosen": chosen, "differences": found}
    return render_to_string("assessments/compare.html", content, request=request)


def _activity(request: Request, row: Assessment) -> str:
    return render_to_string("assessments/activity.html", {"entries": trail("assessment", str(row.pk))}, request=request)


def _of_intake(request: Request, intake: Any) -> str:
    row = Brief.objects.filter(intake=intake.pk, owner=request.actor.user_id).first()
    if row is None:
        return SafeString("")
    content = {"brief": row, "questions": plan_of(row).draft.questions}
    return render_to_string("assessments/intake_panel.html", content, request=request)
