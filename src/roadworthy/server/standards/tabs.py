"""Tabs on the page of a version: requirements, rules, what changes, policy tests, impact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from roadworthy.core.errors import InputError
from roadworthy.decide.policy_test import PolicyResult
from roadworthy.decide.standard_diff import compare_standards
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.shell.tabs import Tab, add_tab
from roadworthy.server.standards.impact import IMPACT_SOURCES, latest_preview, visible_rows
from roadworthy.server.standards.in_force import loaded
from roadworthy.server.standards.layer import load_layer, run_tests
from roadworthy.server.standards.models import StandardVersion
from roadworthy.server.standards.reading import requirement_rows
from roadworthy.server.standards.views import loaded_of
from roadworthy.server.wire.form_values import said
from roadworthy.standard.model import Tier


@dataclass(frozen=True)
class SourceShown:
    """What a preview says of one source, as far as the actor may see it."""

    title: str
    about: str
    none: str
    noun: str
    looked_at: int
    changed: int
    kinds: dict[str, int]
    rows: list[dict[str, Any]]


def requirements(request: Request, row: StandardVersion) -> str:
    """Draw the requirements with their thresholds by tier."""
    words, tier = request.GET.get("q", "")[:200], request.GET.get("tier", "")
    shown = {
        "row": row,
        "rows": requirement_rows(loaded_of(row).standard, words, tier),
        "words": words,
        "tier": tier,
        "tiers": [str(one) for one in Tier],
    }
    return render_to_string("standards/requirements_tab.html", shown, request)


def rules(request: Request, row: StandardVersion) -> str:
    """Draw the tier rules and the regulatory rules."""
    return render_to_string("standards/rules_tab.html", {"standard": loaded_of(row).standard}, request)


def changes(request: Request, row: StandardVersion) -> str:
    """Draw what differs from the version below."""
    found = compare_standards(loaded(row.base), loaded_of(row)) if row.base else []
    return render_to_string("standards/changes_tab.html", {"row": row, "changes": found}, request)


def tests(request: Request, row: StandardVersion) -> str:
    """Run the policy tests and draw how they went."""
    results: list[PolicyResult] = []
    problems: list[str] = []
    try:
        results = run_tests(load_layer(row.layer) if row.layer else loaded_of(row), row.layer)
    except InputError as error:
        problems = said(error)
    failed = sum(not one.passed for one in results)
    shown = {"results": results, "failed": failed, "problems": problems}
    return render_to_string("standards/tests_tab.html", shown, request)


def impact(request: Request, row: StandardVersion) -> str:
    """Draw what the version would change."""
    preview = latest_preview(row)
    sources = []
    if preview is not None:
        for name, source in IMPACT_SOURCES.items():
            found = preview.result.get(name)
            if found:
                seen = visible_rows(request.actor, preview, name)
                told = (found["looked_at"], found["changed"], found["kinds"])
                sources.append(SourceShown(source.title, source.about, source.none, source.noun, *told, seen))
    return render_to_string("standards/impact_tab.html", {"row": row, "preview": preview, "sources": sources}, request)


def put_up() -> None:
    """Add the tabs of this app."""
    for order, (slug, title, draw) in enumerate(
        [
            ("requirements", "Requirements", requirements),
            ("rules", "Rules", rules),
            ("changes", "Changes", changes),
            ("tests", "Policy tests", tests),
            ("impact", "Impact", impact),
        ]
    ):
        add_tab("standard", Tab(slug, title, Permission.STANDARD_READ, draw, 10 * (order + 1)))
