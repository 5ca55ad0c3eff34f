"""The store: every read verifies, and neither a crash, a full disk nor a second process loses a record."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from evidence_samples import attested, measured

from roadworthy.core.digests import sha256_bytes
from roadworthy.core.errors import EvidenceError, StorageError
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.durable import append_lines
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import Kind
from roadworthy.evidence.record import record_statement
from roadworthy.evidence.store import EvidenceStore
from roadworthy.evidence.trust import Trust, TrustedKeys

SAMPLES = Path(__file__).parent


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    """Run Python in a process of its own, with the records of evidence_samples at hand."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(SAMPLES)},
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a process that must succeed, and return what it printed."""
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


def test_records_come_back_in_the_order_they_were_added(store: EvidenceStore, signer: Signer) -> None:
    table = store.put_object(b"table")
    added = [store.add(measured(table), signer), store.add(attested(), signer)]
    assert store.records() == added
    assert [record.kind for record in added] == [Kind.MEASURED, Kind.ATTESTED]
    assert store.object_path(table).read_bytes() == b"table"
    assert store.unlisted() == []


def test_adding_the_same_again_changes_nothing(store: EvidenceStore, signer: Signer) -> None:
    store.add(attested(), signer)
    before = {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()}
    store.add(attested(), signer)
    assert {path: path.read_bytes() for path in store.root.rglob("*") if path.is_file()} == before


def test_an_empty_store_holds_nothing(store: EvidenceStore, signer: Signer) -> None:
    assert store.records() == []
    assert store.unlisted() == []
    assert store.repair(signer) == []


def test_objects_are_kept_by_digest_from_bytes_and_from_files(store: EvidenceStore, tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes(b"x" * 3_000_000)
    digest = store.put_object(tmp_path / "table")
    assert digest == store.put_object(b"x" * 3_000_000) == sha256_bytes(b"x" * 3_000_000)
    assert [path.name for path in (store.root / "objects").iterdir()] == [digest]


def test_a_measurement_without_its_table_is_no_evidence(store: EvidenceStore, signer: Signer) -> None:
    with pytest.raises(EvidenceError, match="the object cannot be read"):
        store.add(measured("d" * 64), signer)
    assert store.records() == []


def test_an_altered_object_is_named(store: EvidenceStore) -> None:
    path = store.object_path(store.put_object(b"table"))
    path.write_bytes(b"tablE")
    with pytest.raises(EvidenceError, match=f"{path}: the object has been altered"):
        store.object_path(path.name)
    store.put_object(b"table")
    assert store.object_path(path.name) == path


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "a" * 64 + "\n"])
def test_only_digests_name_files(name: str, store: EvidenceStore) -> None:
    with pytest.raises(StorageError, match="is not a SHA-256 digest"):
        store.object_path(name)


def test_an_altered_record_is_named(store: EvidenceStore, signer: Signer) -> None:
    path = store.record_path(store.add(attested(), signer).digest)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EvidenceError, match=f"{path}: "):
        store.records()


def test_a_missing_record_is_named(store: EvidenceStore, signer: Signer) -> None:
    path = store.record_path(store.add(attested(), signer).digest)
    path.unlink()
    with pytest.raises(EvidenceError, match=f"{path}: the ledger lists this record as entry 0"):
        store.records()


def test_swapped_records_are_named(store: EvidenceStore, signer: Signer) -> None:
    one, two = (store.record_path(store.add(attested(signer=name), signer).digest) for name in ("Ada", "Bob"))
    one.write_bytes(two.read_bytes())
    with pytest.raises(EvidenceError, match=f"{one}: the record is not the one that its name"):
        store.records()


def test_a_cut_ledger_stops_reading_and_writing(store: EvidenceStore, signer: Signer) -> None:
    for name in ("Ada", "Bob", "Eve"):
        store.add(attested(signer=name), signer)
    whole = store.entries_path.read_bytes()
    store.entries_path.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    for action in (store.records, lambda: store.add(attested(), signer), lambda: store.repair(signer)):
        with pytest.raises(EvidenceError, match=r"the ledger has been cut: .* covers 3 entries, only 2"):
            action()
    store.entries_path.write_bytes(whole)
    assert len(store.records()) == 3


def test_cutting_both_files_of_the_ledger_does_not_hide_a_record(store: EvidenceStore, signer: Signer) -> None:
    store.add(attested(signer="Ada"), signer)
    hidden = store.add(attested(signer="Bob"), signer)
    for path in (store.entries_path, store.heads_path):
        path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    assert len(store.records()) == 1
    assert store.unlisted() == [hidden.digest]
    assert store.repair(signer) == [hidden.digest]
    assert hidden in store.records()


def test_a_planted_record_is_not_believed(store: EvidenceStore, signer: Signer, foreign_signer: Signer) -> None:
    store.add(attested(), signer)
    envelope = seal(record_statement(attested(signer="Mallory")), foreign_signer)
    planted = sha256_of_payload(envelope)
    store.record_path(planted).write_bytes(envelope)
    assert len(store.records()) == 1
    assert store.repair(signer) == []
    assert store.unlisted() == [planted]


def sha256_of_payload(envelope: bytes) -> str:
    """Return the digest under which an envelope is kept."""
    from roadworthy.evidence.record import open_record

    return open_record(envelope, TrustedKeys.none()).digest


def test_a_record_signed_by_somebody_else_is_kept_as_foreign(
    store: EvidenceStore, signer: Signer, foreign_signer: Signer
) -> None:
    envelope = seal(record_statement(attested()), foreign_signer)
    assert store.add_envelope(envelope, signer).trust is Trust.FOREIGN
    assert [record.trust for record in store.records()] == [Trust.FOREIGN]
    assert store.add(attested(), signer).trust is Trust.TRUSTED
    assert [record.trust for record in store.records()] == [Trust.TRUSTED]
    store.add_envelope(envelope, signer)
    assert [record.trust for record in store.records()] == [Trust.TRUSTED]


def test_an_unsigned_record_is_refused(store: EvidenceStore, signer: Signer) -> None:
    with pytest.raises(EvidenceError, match="the record is not signed"):
        store.add_envelope(seal(record_statement(attested())), signer)


def test_a_ledger_signed_by_somebody_else_is_named(
    store: EvidenceStore, signer: Signer, foreign_signer: Signer
) -> None:
    EvidenceStore(store.root, TrustedKeys.of(foreign_signer)).add(attested(), foreign_signer)
    with pytest.raises(EvidenceError, match=f"signed by {foreign_signer.key_id[:12]}, which is not trusted"):
        store.records()
    both = EvidenceStore(store.root, TrustedKeys.of(signer, foreign_signer))
    assert len(both.records()) == 1


def test_a_clock_set_back_is_named_and_loses_nothing(
    store: EvidenceStore, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROADWORTHY_NOW", "2026-11-23T06:00:00Z")
    store.add(attested(signer="Ada"), signer)
    monkeypatch.setenv("ROADWORTHY_NOW", "2026-11-23T05:59:01Z")
    store.add(attested(signer="Bob"), signer)
    assert [entry.at for entry in store.ledger().entries] == ["2026-11-23T06:00:00Z"] * 2
    monkeypatch.setenv("ROADWORTHY_NOW", "2026-11-23T05:58:59Z")
    with pytest.raises(EvidenceError, match="clock was set back: it says 2026-11-23T05:58:59Z, the ledger was last"):
        store.add(attested(signer="Eve"), signer)
    monkeypatch.setenv("ROADWORTHY_NOW", "2026-11-23T06:01:00Z")
    assert len(store.repair(signer)) == 1
    assert len(store.records()) == 3


ADD_MANY = """
    import sys
    from pathlib import Path
    from evidence_samples import attested
    from roadworthy.evidence.keys import load_signer
    from roadworthy.evidence.store import EvidenceStore

    store, name, count = EvidenceStore(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
    for number in range(count):
        print(store.add(attested(signer=f"{name} {number}"), load_signer()).digest, flush=True)
"""


def test_two_processes_append_at_once(store: EvidenceStore) -> None:
    running = [start(ADD_MANY, store.root, name, 50) for name in ("Ada", "Bob")]
    added = [finish(process).split() for process in running]
    listed = [record.digest for record in store.records()]
    assert sorted(listed) == sorted(added[0] + added[1])
    assert [digest for digest in listed if digest in added[0]] == added[0]
    assert store.unlisted() == []


def test_a_process_killed_while_it_appends_loses_nothing(store: EvidenceStore, signer: Signer) -> None:
    acknowledged: list[str] = []
    for round_ in range(6):
        process = start(ADD_MANY, store.root, f"round {round_}", 1000)
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(0.011 * round_)
        process.kill()
        acknowledged += (first + process.communicate(timeout=60)[0]).split()
        assert set(acknowledged) <= {record.digest for record in store.records()}
        store.repair(signer)
        assert store.unlisted() == []
    assert len(acknowledged) >= 6
    assert not store.ledger().torn


KILL_AT_EACH_STEP = """
    import os, signal, sys
    from pathlib import Path
    from evidence_samples import attested
    from roadworthy.evidence.keys import load_signer
    from roadworthy.evidence.store import EvidenceStore

    root, signer = Path(sys.argv[1]), load_signer()

    def killing(name, step, seen):
        original = getattr(os, name)
        def call(*arguments, **options):
            seen[0] += 1
            if seen[0] == step:
                if name == "write":  # half of the line reaches the disk
                    original(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **options)
        setattr(os, name, call)

    step = killed = 0
    while True:
        step += 1
        pid = os.fork()
        if not pid:
            seen = [0]
            for name in ("write", "fsync", "replace", "open", "chmod", "close"):
                killing(name, step, seen)
            EvidenceStore(root).add(attested(signer=f"step {step}"), signer)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0:
            break
        killed += 1
        store = EvidenceStore(root)
        before = len(store.records())
        left = store.unlisted()
        assert len(left) <= 1, left
        assert store.repair(signer) == left
        assert len(store.records()) == before + len(left)
        assert store.unlisted() == [] and not store.ledger().torn
    print(killed, len(EvidenceStore(root).records()))
"""


def test_a_kill_at_each_step_of_an_append_leaves_a_store_that_loads(store: EvidenceStore) -> None:
    killed, kept = map(int, finish(start(KILL_AT_EACH_STEP, store.root)).split())
    assert killed >= 12
    assert 1 < kept <= killed + 1


FILL_THE_DISK = """
    import resource, sys
    from pathlib import Path
    from evidence_samples import attested
    from roadworthy.core.errors import StorageError
    from roadworthy.evidence.keys import load_signer
    from roadworthy.evidence.store import EvidenceStore

    store, signer = EvidenceStore(Path(sys.argv[1])), load_signer()
    kept = 0
    while kept < 8:
        store.add(attested(signer=f"before {kept}"), signer)
        kept += 1
    # no file may grow past the heads plus half a line: a real EFBIG after a short write
    limit = store.heads_path.stat().st_size + 100
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for action in (
        lambda: store.put_object(bytes(limit * 2)),
        lambda: store.add(attested(signer="too late"), signer),
        lambda: store.add(attested(statement="x" * 5000), signer),
    ):
        try:
            action()
        except StorageError as error:
            print(str(error).splitlines()[0])
        else:
            raise SystemExit("nothing was refused")
"""


def test_a_full_disk_is_named_and_loses_nothing(store: EvidenceStore, signer: Signer) -> None:
    messages = finish(start(FILL_THE_DISK, store.root)).splitlines()
    assert len(messages) == 3
    assert all(message.startswith(f"cannot write {store.root}") for message in messages)
    assert all(message.endswith("File too large") for message in messages)
    assert str(store.heads_path) in messages[1]
    assert len(store.records()) == 8
    assert len(store.repair(signer)) == 1
    assert len(store.records()) == 9
    assert not store.ledger().torn
    assert not list((store.root / "objects").iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, signer: Signer, trusted: TrustedKeys) -> None:
    (tmp_path / "file").write_text("in the way")
    store = EvidenceStore(tmp_path / "file" / "store", trusted)
    with pytest.raises(StorageError, match=f"cannot write {store.root}/objects: Not a directory"):
        store.put_object(b"table")
    with pytest.raises(StorageError, match=f"cannot write {store.root}/lock: Not a directory"):
        store.add(attested(), signer)
    with pytest.raises(StorageError, match="cannot read"):
        store.records()


@pytest.mark.parametrize("torn", [b"half a line", b"x" * 3_000_000])
def test_appending_drops_a_torn_line(torn: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"whole\n" + torn)
    append_lines(path, [b"next"])
    assert path.read_bytes() == b"whole\nnext\n"
    path.write_bytes(torn)
    append_lines(path, [b"first"])
    assert path.read_bytes() == b"first\n"
