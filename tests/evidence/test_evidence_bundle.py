"""Bundles: packed in one way only, so that whatever happens to a byte is detected and named."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import textwrap
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from evidence_samples import attested, measured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.core.digests import canonical_json
from roadworthy.core.errors import EvidenceError, StorageError
from roadworthy.evidence.bundle import (
    ENVELOPE,
    inspect_bundle,
    read_bundle,
    verify_bundle_file,
    write_bundle,
)
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.inventory import ENTRIES, HEADS
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.packing import measure, pack
from roadworthy.evidence.store import EvidenceStore
from roadworthy.evidence.trust import Trust, TrustedKeys

Files = dict[str, bytes | Path]
PREDICATE = {"system": "support-assistant", "release": "2.4.0", "verdict": "hold"}


def bundle_files(store: EvidenceStore, signer: Signer) -> Files:
    """Return what a bundle of three records holds."""
    table = store.put_object(b"PAR1" + bytes(range(256)) * 4)
    records = [
        store.add(measured(table), signer),
        store.add(attested(), signer),
        store.add(attested(signer="Bob"), signer),
    ]
    return {
        "standard.json": canonical_json({"id": "default", "requirements": ["injection-resilience"]}),
        "system.json": canonical_json({"system": "support-assistant"}),
        "verdict.json": canonical_json({"verdict": "hold"}),
        ENTRIES: store.entries_path.read_bytes(),
        HEADS: store.heads_path.read_bytes(),
        f"objects/{table}": store.object_path(table),
        **{f"records/{r.digest}.json": store.record_path(r.digest) for r in records},
    }


@pytest.fixture
def files(store: EvidenceStore, signer: Signer) -> Files:
    """Return what a bundle holds."""
    return bundle_files(store, signer)


@pytest.fixture
def bundle(files: Files, signer: Signer, tmp_path: Path) -> Path:
    """Write a signed bundle."""
    write_bundle(tmp_path / "release.rwb", files, PREDICATE, signer)
    return tmp_path / "release.rwb"


def problems(path: Path, trusted: TrustedKeys) -> list[str]:
    """Return everything that speaks against a bundle, as text."""
    return [str(problem) for problem in verify_bundle_file(path, trusted)]


def test_a_bundle_is_read_as_it_was_written(bundle: Path, files: Files, trusted: TrustedKeys, signer: Signer) -> None:
    assert problems(bundle, trusted) == []
    opened = read_bundle(bundle, trusted)
    assert opened.trust is Trust.TRUSTED
    assert opened.signers == (signer.key_id,)
    assert opened.predicate == PREDICATE
    assert opened.names() == sorted(files)
    for name, source in files.items():
        assert opened.read(name) == (source if isinstance(source, bytes) else source.read_bytes())


def test_its_records_and_ledger_come_back(bundle: Path, store: EvidenceStore, trusted: TrustedKeys) -> None:
    opened = read_bundle(bundle, trusted)
    assert opened.records() == store.records()
    assert opened.ledger() == store.ledger()


def test_a_member_is_extracted_to_a_file(bundle: Path, files: Files, trusted: TrustedKeys, tmp_path: Path) -> None:
    opened = read_bundle(bundle, trusted)
    (name,) = opened.names("objects/")
    source = files[name]
    assert isinstance(source, Path)
    assert opened.extract(name, tmp_path).read_bytes() == source.read_bytes()
    with pytest.raises(StorageError, match="cannot write"):
        opened.extract(name, bundle / "below")


def test_the_same_files_give_the_same_bytes(bundle: Path, files: Files, signer: Signer, tmp_path: Path) -> None:
    again = tmp_path / "again.rwb"
    digest = write_bundle(again, dict(reversed(files.items())), PREDICATE, signer)
    assert again.read_bytes() == bundle.read_bytes()
    assert digest == read_bundle(again, TrustedKeys.of(signer)).digest


def test_any_zip_tool_opens_it(bundle: Path, files: Files) -> None:
    with zipfile.ZipFile(bundle) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [ENVELOPE, *sorted(files)]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("verdict.json") == files["verdict.json"]


def test_a_member_that_changes_after_verification_is_noticed(bundle: Path, trusted: TrustedKeys) -> None:
    opened = read_bundle(bundle, trusted)
    bundle.write_bytes(bundle.read_bytes().replace(b'"verdict":"hold"', b'"verdict":"ship"'))
    with pytest.raises(EvidenceError, match=r"release\.rwb!verdict\.json: it changed since"):
        opened.read("verdict.json")
    with pytest.raises(EvidenceError, match="the bundle does not hold it"):
        opened.read("other.json")


def corruption(data: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Return `data` after one random change."""
    kind = rng.choice(["flip", "flip", "insert", "delete", "truncate", "append", "swap", "zero", "repeat"])
    at = rng.randrange(len(data))
    length = rng.choice([1, 2, 7, 64, 500])
    block = data[at : at + length]
    match kind:
        case "flip":
            changed = data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]
        case "insert":
            changed = data[:at] + rng.randbytes(length) + data[at:]
        case "delete":
            changed = data[:at] + data[at + length :]
        case "truncate":
            changed = data[:at]
        case "append":
            changed = data + rng.randbytes(length)
        case "swap":
            other = rng.randrange(len(data))
            first, second = min(at, other), max(at, other)
            one, two = data[first : first + 1], data[second : second + 1]
            changed = data[:first] + two + data[first + 1 : second] + one + data[second + 1 :]
        case "zero":
            changed = data[:at] + bytes(len(block)) + data[at + len(block) :]
        case _:
            changed = data[: at + len(block)] + data[at:]
    return f"{kind} at {at}", changed


def test_hundreds_of_random_corruptions_are_each_detected_and_named(
    bundle: Path, trusted: TrustedKeys, tmp_path: Path
) -> None:
    whole, rng = bundle.read_bytes(), random.Random(20261123)
    path, tried, members = tmp_path / "broken.rwb", 0, set()
    for _ in range(600):
        what, changed = corruption(whole, rng)
        if changed == whole:
            continue
        path.write_bytes(changed)
        found = verify_bundle_file(path, trusted)
        assert found, what
        assert all(problem.member and problem.what for problem in found)
        with pytest.raises(EvidenceError, match="the bundle cannot be relied on"):
            read_bundle(path, trusted, accept_untrusted=True)
        members |= {problem.member for problem in found}
        tried += 1
    assert tried > 500
    assert {"container", ENVELOPE, "standard.json", "verdict.json", ENTRIES, HEADS} <= members


def test_a_flip_of_any_byte_names_the_member_it_is_in(bundle: Path, trusted: TrustedKeys, tmp_path: Path) -> None:
    whole, path = bundle.read_bytes(), tmp_path / "broken.rwb"
    with zipfile.ZipFile(bundle) as archive:
        spans = {
            info.filename: (info.header_offset + 30 + len(info.filename), info.file_size) for info in archive.infolist()
        }
    for name, (start, size) in spans.items():
        for at in {start, start + size // 2, start + size - 1}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert name in {problem.member for problem in verify_bundle_file(path, trusted)}, (name, at)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=5)), min_size=1, max_size=4))
def test_several_changes_at_once_are_detected(
    changes: list[tuple[int, bytes]], bundle: Path, trusted: TrustedKeys, tmp_path: Path
) -> None:
    whole = changed = bundle.read_bytes()
    for at, text in changes:
        at %= len(whole)
        changed = changed[:at] + text + changed[at + 1 :]
    path = tmp_path / "broken.rwb"
    path.write_bytes(changed)
    assert bool(verify_bundle_file(path, trusted)) == (changed != whole)


def repack(path: Path, files: Files, envelope: bytes) -> None:
    """Write a bundle with an envelope that was made for other files."""
    members: Files = {ENVELOPE: envelope, **{name: files[name] for name in sorted(files)}}
    contents = {
        name: measure(iter([source if isinstance(source, bytes) else source.read_bytes()]))
        for name, source in members.items()
    }
    with path.open("wb") as stream:
        pack(stream, members, contents)


def change_files(files: Files, **changes: bytes | None) -> Files:
    """Return `files` with some replaced or, where None, left out."""
    merged = {**files, **changes}
    return {name: source for name, source in merged.items() if source is not None}


def last_entry_dropped(files: Files) -> Files:
    """Return `files` without the last line of the ledger's entries."""
    entries = files[ENTRIES]
    assert isinstance(entries, bytes)
    return files | {ENTRIES: b"".join(entries.splitlines(keepends=True)[:-1])}


def first(files: Files, folder: str) -> str:
    """Return the first member of a folder."""
    return min(name for name in files if name.startswith(folder))


def swapped(files: Files, one: str, two: str) -> Files:
    """Return `files` with the content of two members exchanged."""
    return files | {one: files[two], two: files[one]}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda f: f | {"standard.json": b'{"id":"lenient"}'}, "standard.json: it has been altered"),
        (lambda f: f | {"verdict.json": b'{"verdict":"ship"}'}, "verdict.json: it has been altered"),
        (lambda f: f | {"extra.json": b"{}"}, "extra.json: the signed statement does not name it"),
        (lambda f: change_files(f, **{"system.json": None}), "system.json: the signed statement names it, but"),
        (last_entry_dropped, f"{ENTRIES}: it has been altered"),
        (lambda f: swapped(f, "standard.json", "system.json"), "system.json: it has been altered"),
    ],
)
def test_a_changed_member_under_the_old_signature_is_named(
    change: Callable[[Files], Files], named: str, files: Files, bundle: Path, trusted: TrustedKeys, tmp_path: Path
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        envelope = archive.read(ENVELOPE)
    path = tmp_path / "repacked.rwb"
    repack(path, change(dict(files)), envelope)
    assert any(problem.startswith(named) for problem in problems(path, trusted))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (last_entry_dropped, f"{ENTRIES}: the ledger has been cut: its head of"),
        (lambda f: f | {HEADS: b""}, f"{HEADS}: no signed head covers the last 3 entries"),
        (lambda f: change_files(f, **{HEADS: None}), f"{HEADS}: there are records, but this part of the ledger"),
        (lambda f: change_files(f, **{ENTRIES: None}), f"{ENTRIES}: there are records, but this part"),
        (lambda f: change_files(f, **{first(f, "objects/"): None}), "rests on it, but it is missing"),
        (lambda f: f | {first(f, "objects/"): b"other"}, "it has been altered: its SHA-256 is not its name"),
        (lambda f: f | {f"records/{'0' * 64}.json": f[first(f, "records/")]}, "not the one that its name says"),
        (lambda f: f | {first(f, "records/"): b"{}"}, "this is not a DSSE envelope"),
        (lambda f: f | {ENTRIES: bytes(f[ENTRIES]) + b"torn"}, "its last line, or that of the heads, is incomplete"),
    ],
)
def test_a_bundle_that_does_not_agree_with_itself_is_named_whoever_signed_it(
    change: Callable[[Files], Files], named: str, files: Files, signer: Signer, trusted: TrustedKeys, tmp_path: Path
) -> None:
    path = tmp_path / "repacked.rwb"
    write_bundle(path, change(dict(files)), PREDICATE, signer)
    assert any(named in problem for problem in problems(path, trusted))
    with pytest.raises(EvidenceError):
        read_bundle(path, trusted, accept_untrusted=True)


def test_an_unsigned_bundle_is_named(files: Files, trusted: TrustedKeys, tmp_path: Path) -> None:
    path = tmp_path / "unsigned.rwb"
    write_bundle(path, files, PREDICATE, None)
    assert problems(path, trusted) == [f"{ENVELOPE}: the bundle is unsigned: anybody could have made it"]
    with pytest.raises(EvidenceError, match="the bundle is unsigned"):
        read_bundle(path, trusted)
    assert read_bundle(path, trusted, accept_untrusted=True).trust is Trust.UNSIGNED


def test_dropping_the_last_entries_and_packing_unsigned_is_named(
    files: Files, trusted: TrustedKeys, tmp_path: Path
) -> None:
    path = tmp_path / "unsigned.rwb"
    write_bundle(path, last_entry_dropped(files), PREDICATE, None)
    found = problems(path, trusted)
    assert any("the ledger has been cut" in problem for problem in found)
    assert any("the bundle is unsigned" in problem for problem in found)


def test_signing_again_by_another_key_is_named(
    files: Files, foreign_signer: Signer, trusted: TrustedKeys, tmp_path: Path
) -> None:
    path = tmp_path / "foreign.rwb"
    write_bundle(path, files | {"standard.json": b'{"id":"lenient"}'}, PREDICATE, foreign_signer)
    named = f"{ENVELOPE}: the bundle is signed by {foreign_signer.key_id[:12]}, a key that nobody here has trusted"
    assert problems(path, trusted) == [named]
    with pytest.raises(EvidenceError, match=r"nobody here has trusted(?s:.*)name it with --trust"):
        read_bundle(path, trusted)
    assert read_bundle(path, trusted, accept_untrusted=True).trust is Trust.FOREIGN


def test_to_somebody_without_keys_everything_is_foreign(bundle: Path) -> None:
    found = problems(bundle, TrustedKeys.none())
    assert len(found) == 3  # the bundle, the one measurement, the head of the ledger
    assert all("trusted" in problem for problem in found)
    assert inspect_bundle(bundle, TrustedKeys.none()).problems == ()


def test_a_statement_of_another_kind_is_no_bundle(files: Files, signer: Signer, tmp_path: Path) -> None:
    path = tmp_path / "other.rwb"
    record = files[first(files, "records/")]
    assert isinstance(record, Path)
    repack(path, files, record.read_bytes())
    assert any("not one of a bundle" in p for p in problems(path, TrustedKeys.of(signer)))
    repack(path, files, seal({"a": 1}, signer))
    assert any("not an in-toto Statement v1" in p for p in problems(path, TrustedKeys.of(signer)))


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "a//b", "a/../b", ".hidden", "a\\b", "C:x", "", "ü", "a" * 201]
)
def test_a_name_that_leads_out_is_never_written_nor_read(
    name: str, files: Files, signer: Signer, trusted: TrustedKeys, tmp_path: Path
) -> None:
    with pytest.raises(EvidenceError, match="cannot be the name of a member"):
        write_bundle(tmp_path / "evil.rwb", files | {name: b"x"}, PREDICATE, signer)
    if name:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr(ENVELOPE, b"{}")
            archive.writestr(name, b"x")
        (tmp_path / "evil.rwb").write_bytes(held.getvalue())
        assert any("its name is not allowed" in problem for problem in problems(tmp_path / "evil.rwb", trusted))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_given_twice_is_named(bundle: Path, trusted: TrustedKeys) -> None:
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("verdict.json", b'{"verdict":"ship"}')
        archive.writestr("STANDARD.json", b"{}")
    found = problems(bundle, trusted)
    assert "verdict.json: its name occurs twice" in found
    assert "STANDARD.json: its name occurs twice" in found


def test_a_compressed_member_is_refused(bundle: Path, trusted: TrustedKeys) -> None:
    with zipfile.ZipFile(bundle, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(10_000_000))
    assert any(problem.startswith("zeros: its header") for problem in problems(bundle, trusted))


def test_members_that_overlap_are_not_read_many_times(trusted: TrustedKeys, tmp_path: Path) -> None:
    body = b"PK\x03\x04" + bytes(26) + b"x" * 100_000
    rows = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 100_000, 100_000, 0, 0, 0, 0, 0, 0, 0)
        for _ in range(60_000)
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 60_000, 60_000, len(rows), len(body), 0)
    path = tmp_path / "overlap.rwb"
    path.write_bytes(body + rows + end)
    assert verify_bundle_file(path, trusted)


@pytest.mark.parametrize("content", [b"", b"rubbish", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 50])
def test_what_is_no_bundle_is_named(content: bytes, trusted: TrustedKeys, tmp_path: Path) -> None:
    path = tmp_path / "x.rwb"
    path.write_bytes(content)
    assert any(problem.startswith(f"{ENVELOPE}: it is not the first member") for problem in problems(path, trusted))


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path, trusted: TrustedKeys) -> None:
    for path in (tmp_path / "gone.rwb", tmp_path):
        with pytest.raises(EvidenceError, match=f"{path}: the bundle cannot be read"):
            verify_bundle_file(path, trusted)


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path, trusted: TrustedKeys) -> None:
    path = tmp_path / "huge.rwb"
    with path.open("wb") as stream:
        stream.truncate(2**33)
    assert any("at most 4,294,967,295 are read" in problem for problem in problems(path, trusted))


def test_packing_and_verifying_need_little_memory(
    files: Files, signer: Signer, trusted: TrustedKeys, tmp_path: Path
) -> None:
    large = tmp_path / "transcripts"
    with large.open("wb") as stream:
        stream.truncate(80_000_000)
    tracemalloc.start()
    try:
        write_bundle(tmp_path / "large.rwb", files | {"transcripts.parquet": large}, PREDICATE, signer)
        assert problems(tmp_path / "large.rwb", trusted) == []
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_a_file_that_changes_while_it_is_packed_is_noticed(tmp_path: Path) -> None:
    source = tmp_path / "table"
    source.write_bytes(b"before")
    contents = {"table": measure(iter([b"before"]))}
    source.write_bytes(b"after!")
    with pytest.raises(EvidenceError, match="table changed while it was being packed"):
        pack(io.BytesIO(), {"table": source}, contents)


FILL_THE_DISK = """
    import resource, sys
    from pathlib import Path
    from roadworthy.core.errors import StorageError
    from roadworthy.evidence.bundle import write_bundle
    from roadworthy.evidence.keys import load_signer

    signer = load_signer()
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        write_bundle(Path(sys.argv[1]), {"a": bytes(200_000)}, {}, signer)
    except StorageError as error:
        print(error)
"""


def test_a_full_disk_leaves_the_old_bundle(bundle: Path, trusted: TrustedKeys) -> None:
    before = bundle.read_bytes()
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FILL_THE_DISK), str(bundle)],
        capture_output=True,
        text=True,
        env=os.environ,
        check=True,
        timeout=60,
    )
    assert run.stdout.startswith(f"cannot write {bundle}: File too large")
    assert bundle.read_bytes() == before
    assert not list(bundle.parent.glob(".release*"))


def test_a_source_that_is_not_there_is_named(signer: Signer, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"gone: table cannot be packed: No such file"):
        write_bundle(tmp_path / "x.rwb", {"table": tmp_path / "gone"}, {}, signer)


def test_a_bundle_of_nothing_is_refused(signer: Signer, tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="about nothing"):
        write_bundle(tmp_path / "empty.rwb", {}, {}, signer)
    assert not (tmp_path / "empty.rwb").exists()
