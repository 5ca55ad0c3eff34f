"""The standard in force: seeded once, read by digest, never replaced in silence, and altered content is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from roadworthy.core.errors import EvidenceError
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.audit.models import Entry
from roadworthy.server.standards.in_force import accepted, in_force, loaded_content
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.server.standards.seed import seed_standard
from roadworthy.standard.load import load_standard

pytestmark = pytest.mark.django_db


def test_a_new_server_judges_by_the_default_standard():
    row = StandardVersion.objects.get()
    assert (row.state, row.in_force, row.accepted) == (StandardState.PUBLISHED, True, True)
    assert in_force().digest == load_standard().digest == row.digest
    assert in_force() is in_force()
    assert accepted(row.digest) == row
    assert accepted("0" * 64) is None


def test_seeding_again_adds_nothing():
    seed_standard()
    assert StandardVersion.objects.count() == 1


def test_a_newer_default_is_proposed_and_never_silently_in_force(monkeypatch):
    old = StandardVersion.objects.get()
    newer = load_standard()
    newer = type(newer)(
        newer.standard.model_copy(update={"version": "2099.1"}), "f" * 64, newer.predicates, newer.places
    )
    monkeypatch.setattr("roadworthy.server.standards.seed.load_standard", lambda: newer)
    seed_standard()
    row = StandardVersion.objects.get(version="2099.1")
    assert (row.state, row.in_force, row.accepted, row.base) == (StandardState.PROPOSED, False, False, old)
    assert StandardVersion.objects.get(in_force=True) == old
    assert Entry.objects.get().action == "standard.proposed"
    assert accepted("f" * 64) is None


def test_an_earlier_version_is_accepted_until_its_day():
    row = StandardVersion.objects.get()
    now = timezone.now()
    StandardVersion.objects.filter(pk=row.pk).update(in_force=False, accepted_until=now + timedelta(days=1))
    assert accepted(row.digest) == row
    StandardVersion.objects.filter(pk=row.pk).update(accepted_until=now - timedelta(seconds=1))
    assert accepted(row.digest) is None
    StandardVersion.objects.filter(pk=row.pk).update(accepted_until=None, accepted=False)
    assert accepted(row.digest) is None


def test_without_a_standard_in_force_nothing_is_judged():
    StandardVersion.objects.update(in_force=False)
    with pytest.raises(Conflict):
        in_force()


def test_altered_content_is_refused():
    row = StandardVersion.objects.get()
    with pytest.raises(EvidenceError, match="altered"):
        loaded_content(row.content.replace("0.95", "0.55", 1), row.digest)


def test_two_versions_are_never_in_force():
    row = StandardVersion.objects.get()
    row.pk, row.version = None, "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
