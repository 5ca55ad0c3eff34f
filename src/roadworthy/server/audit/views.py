"""Pages of the audit trail."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from roadworthy.server.access.request import Request
from roadworthy.server.audit import trail
from roadworthy.server.audit.export import export
from roadworthy.server.audit.forms import WantedForm
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.search import find
from roadworthy.server.audit.services import tip_head
from roadworthy.server.wire.revision import found


def list_entries(request: Request) -> HttpResponse:
    """Show the trail, newest first, as far as it is narrowed."""
    form = WantedForm(request.GET)
    page = find(form.wanted(), before=_number(request, "before"), after=_number(request, "after"))
    lines = list(zip(page.entries, trail.happenings(page.entries), strict=True))
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    content = {
        "form": form,
        "lines": lines,
        "head": tip_head(),
        "older": page.older and f"?{urlencode({**asked, 'before': page.older})}",
        "newer": page.newer and f"?{urlencode({**asked, 'after': page.newer})}",
        "narrowed": bool(asked),
    }
    return render(request, "audit/list.html", content)


def show_entry(request: Request, number: int) -> HttpResponse:
    """Show one entry: who, what, before and after, and how it is bound to the one before."""
    entry = found(Entry.objects.all(), number=number)
    (line,) = trail.happenings([entry])
    detail = json.dumps(json.loads(entry.detail), indent=2, ensure_ascii=False, sort_keys=True)
    return render(request, "audit/entry.html", {"entry": entry, "line": line, "detail": detail})


def export_trail(request: Request) -> StreamingHttpResponse:
    """Send the whole trail as a file that can be checked offline."""
    return export_answer(request, _number(request, "after"))


def export_answer(request: Request, after: int) -> StreamingHttpResponse:
    """Answer with an export."""
    answer = StreamingHttpResponse(export(request.actor, after), content_type="application/jsonl")
    name = f"audit-{timezone.now():%Y-%m-%dT%H%M%SZ}.jsonl"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _number(request: Request, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 16 else 0
