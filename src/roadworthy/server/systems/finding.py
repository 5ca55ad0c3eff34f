"""What the search finds of systems, questions and interpretations."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.shell.search import SHOWN, Hit
from roadworthy.server.systems.models import System
from roadworthy.server.systems.office_hours import interpretations as settled
from roadworthy.server.systems.office_hours import visible_questions


def systems(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find systems by title, id or team."""
    rows = actor.visible(System.objects.all(), Permission.SYSTEM_READ)
    for word in words:
        rows = rows.filter(Q(title__icontains=word) | Q(slug__icontains=word) | Q(team__icontains=word))
    return [Hit(row.title, row.subject.url, f"{row.tier}, {row.team}") for row in rows.order_by("title", "pk")[:SHOWN]]


def questions(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find questions that the actor may read."""
    rows = visible_questions(actor)
    for word in words:
        rows = rows.filter(Q(title__icontains=word) | Q(body__icontains=word) | Q(answer__icontains=word))
    return [Hit(row.title, row.subject.url, row.state) for row in rows[:SHOWN]]


def interpretations(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find how the standard is read."""
    del actor
    rows = settled()
    for word in words:
        rows = rows.filter(interpretation__icontains=word)
    address = reverse("systems:interpretations")
    return [
        Hit(row.interpretation[:120], f"{address}?{urlencode({'q': ' '.join(words)})}", row.topic)
        for row in rows[:SHOWN]
    ]
