"""Assessments and briefs in the search, and what can be begun among the actions."""

from __future__ import annotations

from collections.abc import Sequence

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.assessments.briefs import seen_briefs
from roadworthy.server.assessments.rows import seen
from roadworthy.server.shell.search import SHOWN, Hit, SearchSource, offer, offer_action


def offer_assessments() -> None:
    """Let assessments and briefs be found."""
    offer(SearchSource("assessment", "Risk assessments", Permission.ASSESSMENT_READ, _assessments, 45))
    offer(SearchSource("brief", "Briefs", Permission.ASSESSMENT_READ, _briefs, 46))
    offer_action("Begin a risk assessment", "assessments:start", Permission.ASSESSMENT_WRITE, "Assessments")
    offer_action("Draft from a brief", "assessments:brief_new", Permission.ASSESSMENT_WRITE, "Briefs")


def _assessments(actor: Actor, words: list[str]) -> Sequence[Hit]:
    rows = seen(actor)
    for word in words:
        rows = rows.filter(system__title__icontains=word)
    found = rows.order_by("-pk")[:SHOWN]
    return [Hit(str(row), row.subject.url, row.get_state_display().lower()) for row in found]


def _briefs(actor: Actor, words: list[str]) -> Sequence[Hit]:
    rows = seen_briefs(actor)
    for word in words:
        rows = rows.filter(title__icontains=word)
    return [Hit(row.title, row.subject.url, f"tier {row.tier} at most") for row in rows.order_by("-pk")[:SHOWN]]
