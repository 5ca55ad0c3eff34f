"""What the search finds of the standard: requirements, controls, versions."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.urls import reverse

from roadworthy.server.access.actor import Actor
from roadworthy.server.shell.search import SHOWN, Hit
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.models import StandardVersion
from roadworthy.server.standards.reading import control_rows, requirement_rows


def requirements(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find requirements of the standard in force."""
    del actor
    rows = requirement_rows(in_force().standard, " ".join(words))[:SHOWN]
    return [
        Hit(row.requirement.title, reverse("standards:requirement", args=[row.requirement.id]), row.requirement.id)
        for row in rows
    ]


def controls(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find controls of the standard in force."""
    del actor
    rows = control_rows(in_force().standard, words=" ".join(words))[:SHOWN]
    return [Hit(row.control.title, reverse("standards:control", args=[row.control.id]), row.control.id) for row in rows]


def standards(actor: Actor, words: list[str]) -> Sequence[Hit]:
    """Find versions of the standard."""
    del actor
    rows = StandardVersion.objects.defer("content", "layer")
    for word in words:
        rows = rows.filter(Q(standard__icontains=word) | Q(version__icontains=word) | Q(title__icontains=word))
    return [Hit(str(row), row.subject.url, row.state) for row in rows[:SHOWN]]
