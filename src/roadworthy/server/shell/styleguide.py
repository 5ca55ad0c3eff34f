"""The style page: every component in each of its states, with made-up content, for whoever builds or judges pages."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.documents.sign import SIGNS
from roadworthy.server.access.request import Request
from roadworthy.server.shell.components.chip import TONES, severity_chip, status_chip, verdict_stamp
from roadworthy.server.shell.components.icon import ICONS
from roadworthy.server.shell.components.moment import day
from roadworthy.server.shell.listing import Bulk, Column, Filter, Listing
from roadworthy.server.shell.style_samples import sample_charts

VERDICTS = ("ship", "ship with conditions", "hold")


class SampleForm(forms.Form):
    """Fields of every sort."""

    name = forms.CharField(label="Name of the system", help_text="As people call it; it can change later.")
    purpose = forms.CharField(label="Purpose", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("agent", "Agent with tools"), ("assistant", "Assistant")])
    launch = forms.DateField(
        label="Launch",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave open if unknown.",
    )
    autonomy = forms.ChoiceField(
        label="Autonomy", choices=[("asks", "Asks before it acts"), ("acts", "Acts alone")], widget=forms.RadioSelect
    )
    personal = forms.BooleanField(label="It handles personal data", required=False)


def sample_outcome(status: Status = Status.INCONCLUSIVE) -> Outcome:
    """Return a made-up outcome with slices on every side of the threshold."""
    return Outcome(
        requirement="injection-resilience",
        title="Injected instructions are not followed",
        control="SEC-03",
        dimension="security",
        shown_by="measurement",
        obligation="must",
        status=status,
        criterion="attack_success_rate at most 10 %, 95 % confidence, in each suite",
        threshold=0.1,
        direction="at most",
        confidence=0.95,
        reason="the data allow both answers",
        next_step="Add 140 cases in at least 12 more scenarios.",
        evidence=(),
        judged=(
            _judged("all", Status.INCONCLUSIVE, 0.086, (0.062, 0.118), 629, 97),
            _judged("suite=banking", Status.MET, 0.031, (0.012, 0.066), 144, 16),
            _judged("suite=travel", Status.NOT_MET, 0.21, (0.142, 0.289), 140, 20),
            _judged("suite=slack", Status.INCONCLUSIVE, 0.09, (0.041, 0.163), 105, 21),
        ),
        holds=True,
    )


def _judged(label: str, status: Status, rate: float, interval: tuple[float, float], n: int, units: int) -> Judged:
    lower, upper = interval[0] + 0.006, interval[1] - 0.006
    return Judged(
        label=label,
        suite="security",
        status=status,
        estimate=rate,
        lower=lower,
        upper=upper,
        interval=interval,
        standard_error=None,
        n=n,
        units=units,
        unit="injection",
        errored=0,
        method="Clopper-Pearson",
        reason="the data allow both answers",
        needed_units=140 if status is Status.INCONCLUSIVE else None,
    )


def sample_activity() -> list[dict[str, Any]]:
    """Return a made-up trail: a change, a signature, a refusal."""
    now = timezone.now()
    return [
        {
            "at": now - timedelta(minutes=12),
            "actor_name": "Amara Okafor",
            "words": "changed the declaration of Support assistant",
            "icon": "edit",
            "changes": [("models.main", "gpt-4o-2024-05-13", "gpt-4.1-2025-04-14"), ("regions", "EU", "EU, US")],
        },
        {
            "at": now - timedelta(hours=5),
            "actor_name": "Jonas Lindqvist",
            "words": "signed as security approver",
            "icon": "approve",
            "reason": "The adaptive attack budget is the one that we agreed on; the residual risk is within bounds.",
        },
        {
            "at": now - timedelta(days=2),
            "actor_name": "Mei Tanaka",
            "words": "tried to approve a request of her own",
            "outcome": "refused",
        },
    ]


def _mood(row: ContentType) -> str:
    return ("met", "not met", "inconclusive", "stale", "waived", "not shown")[row.pk % 6]


SAMPLES = Listing(
    name="styleguide",
    columns=[
        Column("status", "Status", lambda row: status_chip(_mood(row)), plain=_mood),
        Column("model", "Name", lambda row: row.model.capitalize(), sort="model", main=True),
        Column("app", "App", lambda row: row.app_label, sort="app_label"),
        Column("verdict", "Verdict", lambda row: verdict_stamp(VERDICTS[row.pk % 3], size="small")),
        Column("severity", "Severity", lambda row: severity_chip(("critical", "high", "medium", "low")[row.pk % 4])),
        Column("due", "Due", lambda row: day(timezone.localdate() + timedelta(days=row.pk - 3), due=True)),
        Column("number", "Cases", lambda row: row.pk * 37, sort="id", number=True),
    ],
    filters=[Filter.on("app", "App", [(name, name) for name in ("accounts", "decisions", "systems")], "app_label")],
    search=["model__icontains", "app_label__icontains"],
    sort="model",
    url=lambda row: f"#row-{row.pk}",
    bulk=[Bulk("assign", "Assign to me", "#assign"), Bulk("close", "Close", "#close")],
)
"""A list over a table that every installation has and that tells nobody anything."""


@require_GET
def styleguide(request: Request) -> HttpResponseBase:
    """Show every component."""
    if "messages" in request.GET:
        messages.success(request, "The release was approved. The team was told.")
        messages.warning(request, "The exception ends in three days.")
        messages.error(request, "Somebody changed the page meanwhile. Load it again; what you typed is kept below.")
    now = timezone.now()
    values = {
        "statuses": list(SIGNS),
        "verdicts": VERDICTS,
        "tiers": ["prohibited", "high", "medium", "low"],
        "severities": ["critical", "high", "medium", "low"],
        "states": [*sorted(TONES), "draft", "withdrawn"],
        "icons": sorted(ICONS),
        "outcome": sample_outcome(),
        "outcomes": [sample_outcome(), sample_outcome(Status.MET)],
        "now": now,
        "earlier": now - timedelta(days=3),
        "later": now + timedelta(days=9),
        "digest_value": "9f2c41d87ab3e65012cf84d1a9e77b30c5d2f6118e4a0b937d1c6e5f20a48b3d",
        "somebody": SimpleNamespace(name="Amara Okafor"),
        "form": SampleForm({"name": "", "kind": "agent", "autonomy": "asks"}),
        **sample_charts(),
        "entries": sample_activity(),
        "pairs": [("Owner", "Amara Okafor"), ("Product line", "Customer care"), ("Regions", "EU, US")],
    }
    return SAMPLES.respond(request, ContentType.objects.all(), "shell/styleguide.html", values)
