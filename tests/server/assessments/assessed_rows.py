"""Systems that the tests of assessments assess, and what is filed about them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.actor import Actor, server_actor
from roadworthy.server.accounts.models import ProductLine, User
from roadworthy.server.assessments import lifecycle
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.systems.models import System
from roadworthy.server.systems.services import save_version

_NUMBERS = count(1)
AGENT: dict[str, Any] = {
    "system": "mail-agent",
    "title": "Mail agent",
    "kind": "agent",
    "purpose": "Answers customers by mail.",
    "owner": {"team": "Mail", "contact": "mail@example.org"},
    "users": {"who": ["customers"], "monthly": 5000},
    "regions": ["EU"],
    "models": [{"id": "main", "provider": "self-hosted", "name": "small-1"}],
    "tools": [{"id": "send-mail", "effect": "external", "approval": "none", "reversible": False}],
    "data": [{"id": "inbox", "use": "input", "personal": True, "untrusted": True}],
}


def declare(**changes: Any) -> Declaration:
    """Return the agent with some keys changed."""
    return Declaration.model_validate({**AGENT, **changes})


def make_system(slug: str = "mail-agent", owner: User | None = None, **changes: Any) -> System:
    """Register a system of the product line `shop` with one version."""
    line, _ = ProductLine.objects.get_or_create(slug="shop", defaults={"title": "Shop"})
    declaration = declare(system=slug, title=slug.replace("-", " ").capitalize(), product_line="shop", **changes)
    row = save_version(server_actor(), declaration, source="file").system
    System.objects.filter(pk=row.pk).update(owner=owner, product_line=line)
    return System.objects.get(pk=row.pk)


def make_evidence(system: System, until: datetime | None = None, title: str = "Retest") -> EvidenceRecord:
    """File a record of evidence about a system."""
    return EvidenceRecord.objects.create(
        digest=hashlib.sha256(str(next(_NUMBERS)).encode()).hexdigest(),
        system=system,
        kind="attested",
        title=title,
        fingerprint="0" * 64,
        made_at=timezone.now() - timedelta(hours=1),
        until=until,
        envelope="{}",
    )


def in_review(author: Actor, system: System) -> Assessment:
    """Begin an assessment and submit it."""
    row = lifecycle.start(author, system.slug)
    return lifecycle.submit(author, row.pk, row.revision)


def accepted(author: Actor, reviewer: Actor, system: System) -> Assessment:
    """Begin an assessment, submit it and accept it."""
    row = in_review(author, system)
    return lifecycle.accept(reviewer, row.pk, row.revision, "Read and agreed.")
