"""The doctor names an audit trail that was tampered with."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from examined_server import amiss

from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.models import Entry, Tip
from roadworthy.server.doctor import database
from roadworthy.server.doctor.check import Level
from roadworthy.server.doctor.examination import LITTLE


def alter_entry(home: Path) -> None:
    Entry.objects.filter(number=3).update(title="Another title")


def delete_entry(home: Path) -> None:
    Entry.objects.filter(number=3).delete()


def cut_off(home: Path) -> None:
    Entry.objects.filter(number__gt=3).delete()
    last = Entry.objects.get(number=3)
    from roadworthy.evidence.audit_chain import signed_head
    from roadworthy.server.secrets import server_signer

    head = signed_head(last.number, last.digest, server_signer())
    Tip.objects.update(number=head.number, digest=head.digest, key=head.key, signature=head.signature)


def add_by_hand(home: Path) -> None:
    last = Entry.objects.first()
    assert last
    last.number += 1
    last.save(force_insert=True)


def forge_tip(home: Path) -> None:
    Tip.objects.update(signature="00" * 64)


def lose_the_tip(home: Path) -> None:
    Tip.objects.all().delete()


def lose_the_key(home: Path) -> None:
    (home / "server-key.pem").unlink()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (alter_entry, "entry 3 was altered"),
        (delete_entry, "entry 4 does not follow entry 2"),
        (cut_off, "the trail ends at entry 3, but entry 4 was signed once: cut off"),
        (add_by_hand, "does not follow"),
        (forge_tip, "the tip bears no true signature"),
        (lose_the_tip, "no signed tip"),
        (lose_the_key, "server-key.pem, which signed the trail, is gone"),
    ],
)
def test_a_trail_that_was_tampered_with_is_named_at_once(sound, harm, told):
    harm(sound)
    found = amiss(LITTLE)
    assert set(found) - {"keys"} == {"audit"}
    assert found["audit"].level is Level.FAILED
    assert told in found["audit"].detail


def test_what_was_altered_long_ago_is_found_when_the_whole_trail_is_read(sound, monkeypatch):
    from roadworthy.server.doctor import trail

    monkeypatch.setattr(trail, "LAST", 2)
    alter_entry(sound)
    heads_path().unlink()
    found = amiss()
    assert found["audit"].level is Level.WARNING
    assert "no signed heads are kept" in found["audit"].detail
    assert "entry 3 was altered" in found["audit-whole"].detail


def test_heads_that_cannot_be_read_are_named(sound):
    heads_path().write_text("what is this\n")
    assert {name for name, answer in amiss().items() if "no heads" in answer.detail} == {"audit", "audit-whole"}


def test_a_trail_that_comes_from_the_future_is_named(sound):
    Entry.objects.filter(number=Entry.objects.count()).update(at=timezone.now() + timedelta(days=1))
    assert "still to come" in database.clock().detail
