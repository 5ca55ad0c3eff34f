"""Whatever is done to the trail behind the server's back is detected, and said."""

from __future__ import annotations

from io import StringIO

import msgspec
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F

from roadworthy.evidence.audit_chain import START, Head, digest_of, signed_head
from roadworthy.evidence.keys import generate_pem, load_signer
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit import append_only
from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.models import Entry, Tip
from roadworthy.server.audit.services import record, record_refusal
from roadworthy.server.audit.verification import verify_trail
from roadworthy.server.secrets import RETIRED, rotate_server_key, server_signer

ENTRIES = 40
ACTOR = server_actor(Door.COMMAND, "Clerk")


def write(count: int = 1) -> None:
    """Record so many entries, each in a transaction of its own."""
    for number in range(count):
        with transaction.atomic():
            record(ACTOR, "group.made", Subject("group", str(number), "Group", "shop"), after={"name": f"G{number}"})


@pytest.fixture
def trail(transactional_db) -> None:
    write(ENTRIES)


def said() -> list[str]:
    result = verify_trail()
    assert result.whole == (not result.faults)
    return [fault.what for fault in result.faults]


def test_a_trail_that_nobody_touched_holds(trail):
    assert said() == []
    assert verify_trail().entries == ENTRIES


def test_an_empty_trail_holds(transactional_db):
    assert said() == []


def undone(count: int) -> None:
    """Record in a transaction that is undone."""
    with transaction.atomic():
        write(count)
        transaction.set_rollback(True)


def test_refusals_and_undone_changes_keep_it_whole(trail):
    undone(2)
    record_refusal(ACTOR, "access.refused", Subject("door", "x", "y"), "no")
    with transaction.atomic():
        record(ACTOR, "group.made", Subject("group", "x", "Kept"))
        undone(1)
        record(ACTOR, "group.made", Subject("group", "z", "Kept"))
    assert said() == []
    assert verify_trail().entries == ENTRIES + 3


FIELDS = [field.name for field in Entry._meta.fields if field.name != "number"]


@pytest.mark.parametrize("field", FIELDS)
def test_any_field_that_is_edited_shows(trail, field):
    entry = Entry.objects.get(number=7)
    value = F("at") - (entry.at - Entry.objects.get(number=1).at) * 2 if field == "at" else "changed"
    Entry.objects.filter(number=7).update(**{field: value})
    assert any("entry 7 " in what for what in said())


def test_an_edit_whose_digest_is_mended_too_shows(trail):
    entry = Entry.objects.get(number=7)
    entry.title = "Innocent"
    entry.digest = digest_of(entry.chained)
    Entry.objects.filter(number=7).update(title=entry.title, digest=entry.digest)
    assert "entry 8 does not follow the one before it" in said()
    assert "entry 7 is not the one whose digest was signed and kept" in said()


def test_a_deleted_entry_is_named(trail):
    Entry.objects.filter(number=7).delete()
    assert "entry 7 is missing" in said()


def test_the_first_entries_deleted_are_named(trail):
    Entry.objects.filter(number__lte=3).delete()
    assert "entries 1 to 3 are missing" in said()


def test_entries_cut_off_at_the_end_show(trail):
    Entry.objects.filter(number__gt=30).delete()
    assert "the trail ends at entry 30, but entry 40 was signed once: it was cut off" in said()
    assert "the tip names another end (entry 40) than the trail has (entry 30)" in said()


def cut_with_tip(number: int) -> None:
    """Cut the trail, and put back the tip that was truly signed then, as the file of heads has it."""
    Entry.objects.filter(number__gt=number).delete()
    head = next(one for one in heads() if one.number == number)
    Tip.objects.update(number=head.number, digest=head.digest, key=head.key, signature=head.signature)


def heads() -> list[Head]:
    return [msgspec.json.decode(line, type=Head) for line in heads_path().read_bytes().splitlines()]


def test_entries_and_tip_cut_off_together_show(trail):
    cut_with_tip(30)
    assert said() == ["the trail ends at entry 30, but entry 40 was signed once: it was cut off"]


def test_a_trail_that_was_cut_off_and_went_on_shows(trail):
    cut_with_tip(30)
    write(15)
    assert "entry 31 is not the one whose digest was signed and kept" in said()


def test_everything_cut_off_shows(trail):
    Entry.objects.all().delete()
    Tip.objects.all().delete()
    assert said() == ["the trail ends at entry 0, but entry 40 was signed once: it was cut off"]


def test_two_entries_swapped_show(trail):
    first, second = Entry.objects.get(number=7), Entry.objects.get(number=9)
    Entry.objects.filter(number__in=[7, 9]).delete()
    first.number, second.number = 9, 7
    first.save(force_insert=True)
    second.save(force_insert=True)
    assert {"entry 7 does not follow the one before it", "entry 9 does not follow the one before it"} <= set(said())


def test_an_inserted_entry_shows(trail):
    for entry in Entry.objects.filter(number__gt=7).order_by("-number"):
        Entry.objects.filter(number=entry.number).update(number=entry.number + 1)
    extra = Entry.objects.get(number=7)
    extra.number, extra.title, extra.previous = 8, "Forged", extra.digest
    extra.digest = digest_of(extra.chained)
    extra.save(force_insert=True)
    assert "entry 8 is not the one whose digest was signed and kept" in said()
    assert "entry 9 does not follow the one before it" in said()


def test_an_entry_after_the_tip_shows(trail):
    extra = Entry.objects.get(number=ENTRIES)
    extra.number, extra.previous = ENTRIES + 1, extra.digest
    extra.digest = digest_of(extra.chained)
    extra.save(force_insert=True)
    assert said() == [f"entries up to {ENTRIES + 1} stand after the end that was signed"]


def rechain() -> Entry:
    """Alter an entry and chain everything after it anew."""
    previous = START
    entry = None
    for entry in Entry.objects.order_by("number"):
        if entry.number == 7:
            entry.title = "Innocent"
        entry.previous = previous
        entry.digest = previous = digest_of(entry.chained)
        Entry.objects.filter(number=entry.number).update(
            title=entry.title, previous=entry.previous, digest=entry.digest
        )
    assert entry is not None
    return entry


def test_a_trail_chained_anew_without_the_key_shows(trail):
    last = rechain()
    Tip.objects.update(digest=last.digest)
    assert "the tip bears no true signature of a trusted key" in said()
    assert "entry 7 is not the one whose digest was signed and kept" in said()


def test_a_trail_chained_anew_with_another_key_shows(trail, tmp_path):
    path = tmp_path / "other.pem"
    path.write_bytes(generate_pem())
    path.chmod(0o600)
    other = load_signer(path)
    last = rechain()
    head = signed_head(last.number, last.digest, other)
    Tip.objects.update(digest=head.digest, key=head.key, signature=head.signature)
    forged = [signed_head(entry.number, entry.digest, other) for entry in Entry.objects.order_by("number")]
    heads_path().write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in forged))
    found = said()
    assert "the tip bears no true signature of a trusted key" in found
    assert "a kept head of entry 7 bears no true signature of a trusted key" in found


@pytest.mark.parametrize("left", [0, 10])
def test_a_file_of_heads_that_was_cut_shows(trail, left):
    lines = heads_path().read_bytes().splitlines(keepends=True)
    heads_path().write_bytes(b"".join(lines[:left]))
    assert said() == [f"the kept heads of entries {left + 1} to {ENTRIES} are missing: the file of heads was cut"]


def test_a_file_of_heads_cut_at_its_beginning_shows(trail):
    heads_path().write_bytes(b"".join(heads_path().read_bytes().splitlines(keepends=True)[5:]))
    assert said() == ["the kept heads of entries 1 to 5 are missing: the file of heads was cut"]


def test_a_file_of_heads_that_is_gone_shows(trail):
    heads_path().unlink()
    assert said() == [f"the kept heads of entries 1 to {ENTRIES} are missing: the file of heads was cut"]


def test_heads_that_a_crash_lost_are_no_tampering(trail):
    lines = heads_path().read_bytes().splitlines(keepends=True)
    heads_path().write_bytes(b"".join([*lines[:20], *lines[23:-1], lines[-1][:30]]))
    assert said() == []


def test_an_older_copy_of_the_database_shows(trail):
    copy = [list(Entry.objects.all()), list(Tip.objects.all())]
    write(5)
    Entry.objects.all().delete()
    Tip.objects.all().delete()
    for rows in copy:
        for row in rows:
            row.save(force_insert=True)
    assert said() == [f"the trail ends at entry {ENTRIES}, but entry {ENTRIES + 5} was signed once: it was cut off"]


def test_a_forged_head_shows(trail):
    forged = Head(ENTRIES + 9, "f" * 64, heads()[0].key, "00" * 64)
    with heads_path().open("ab") as stream:
        stream.write(msgspec.json.encode(forged) + b"\n")
    assert said() == [f"a kept head of entry {ENTRIES + 9} bears no true signature of a trusted key"]


def test_a_tip_that_is_gone_shows(trail):
    Tip.objects.all().delete()
    assert "the trail has no signed tip" in said() or any("stand after the end" in what for what in said())


def test_a_rotated_key_keeps_the_trail_whole(trail, server_data):
    old = server_signer().key_id
    call_command("rotate_server_key", stdout=StringIO())
    assert server_signer().key_id != old
    assert said() == []
    write(3)
    assert said() == []
    (server_data / RETIRED).unlink()
    assert "a kept head of entry 1 bears no true signature of a trusted key" in said()


def test_a_rotated_key_is_trusted_before_anything_is_written(trail):
    rotate_server_key()
    assert said() == []


def test_the_command_says_what_is_wrong(trail):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "40 entries, nothing altered" in out.getvalue()
    Entry.objects.filter(number=7).delete()
    with pytest.raises(SystemExit):
        call_command("verify_audit", stdout=out)
    assert "FAILED entry 7: entry 7 is missing" in out.getvalue()


def test_verification_takes_as_many_queries_as_there_are_batches(trail, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        assert said() == []


@pytest.fixture
def triggers(db):
    append_only.install(connection)
    yield
    append_only.remove(connection)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_itself_refuses_changes(triggers, change):
    write(1)
    rows = Entry.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(title="x") if change == "update" else rows.delete()
    write(1)
    assert Entry.objects.count() == 2
