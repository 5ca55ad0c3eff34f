"""The page that says how the installation is."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from roadworthy.server.access.request import Request
from roadworthy.server.doctor.check import Level
from roadworthy.server.doctor.examination import LITTLE, examine, worst

SIGNS = {Level.OK: "met", Level.WARNING: "inconclusive", Level.FAILED: "not-met", Level.NOT_ASKED: "not-shown"}
"""The sign and colour of each level."""


@require_GET
def health(request: Request) -> HttpResponse:
    """Show what the checks say that cost little."""
    results = examine(LITTLE)
    rows = [(result.check.title, result.answer, SIGNS[result.answer.level]) for result in results]
    asked = [row for row in rows if row[1].level is not Level.NOT_ASKED or row[1].detail]
    others = [title for title, answer, _ in rows if answer.level is Level.NOT_ASKED and not answer.detail]
    values = {"rows": asked, "others": others, "worst": worst(results).value}
    return render(request, "doctor/health.html", values)
