"""The ledger: whatever is cut, altered, reordered or signed by others is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roadworthy.core.digests import canonical_json, sha256_bytes
from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.ledger import HEAD_TYPE, Entry, Ledger, Tail, extend_ledger, next_head, read_ledger, read_tail
from roadworthy.evidence.merkle import leaf_hash, root_hash
from roadworthy.evidence.trust import Trust, TrustedKeys

HEAD = {"at": "2026-11-23T05:42:00Z", "edge": ["a" * 64], "root": "a" * 64, "size": 1}


def entry(index: int, at: str | None = None) -> Entry:
    """Return a distinct entry, one second after the one before."""
    return Entry(index, sha256_bytes(str(index).encode()), at or f"2026-11-23T05:42:{index:02}Z")


def lines(*rows: bytes) -> bytes:
    """Join rows as a file of lines."""
    return b"".join(row + b"\n" for row in rows)


def ledger_files(sizes: Sequence[int], signer: Signer) -> tuple[bytes, bytes]:
    """Return a ledger with a head at each of `sizes`."""
    entries = [entry(i) for i in range(sizes[-1])]
    heads = [head_over(entries[:size], signer) for size in sizes]
    return lines(*(e.line() for e in entries)), lines(*heads)


def head_over(entries: Sequence[Entry], signer: Signer) -> bytes:
    """Return the head of a ledger of `entries`, made from nothing."""
    return next_head(Tail(None, ()), entries, entries[-1].at, signer)


def read(entries: bytes, heads: bytes, signer: Signer) -> Ledger:
    """Read a ledger and trust `signer`."""
    return read_ledger(entries, heads, TrustedKeys.of(signer))


def test_an_intact_ledger_has_no_problems(signer: Signer) -> None:
    entries, heads = ledger_files([1, 2, 5, 8], signer)
    ledger = read(entries, heads, signer)
    assert ledger.problems == ()
    assert ledger.sealed == tuple(entry(i) for i in range(8))
    assert ledger.unsealed == ()
    assert not ledger.torn
    assert ledger.head is not None
    assert ledger.head.trust is Trust.TRUSTED
    assert ledger.head.root == root_hash([leaf_hash(line) for line in entries.splitlines()]).hex()


def test_an_entry_is_a_line_of_canonical_json() -> None:
    assert entry(3).line() == canonical_json({"index": 3, "record": entry(3).record, "at": entry(3).at})


def test_nothing_is_an_empty_ledger(signer: Signer) -> None:
    assert read(b"", b"", signer) == Ledger((), (), (), torn=False)


def test_entries_without_a_head_are_not_sealed(signer: Signer) -> None:
    entries, _ = ledger_files([3], signer)
    ledger = read(entries, b"", signer)
    assert ledger.sealed == ()
    assert len(ledger.unsealed) == 3


@pytest.mark.parametrize("kept", [0, 4, 7])
def test_a_cut_ledger_is_named(kept: int, signer: Signer) -> None:
    entries, heads = ledger_files([4, 8], signer)
    cut = lines(*entries.splitlines()[:kept])
    assert any(
        problem.startswith("the ledger has been cut: its head of 2026-11-23T05:42:0")
        and f"only {kept} are there" in problem
        for problem in read(cut, heads, signer).problems
    )


def test_a_replaced_entry_is_located_between_two_heads(signer: Signer) -> None:
    entries, heads = ledger_files([2, 4, 8], signer)
    rows = entries.splitlines()
    rows[3] = Entry(3, "f" * 64, entry(3).at).line()
    problems = read(lines(*rows), heads, signer).problems
    assert len(problems) == 1
    assert problems[0].startswith("an entry between 2 and 3 is not the one that the head of 2026-11-23T05:42:03Z")


@pytest.mark.parametrize(
    "row",
    [
        b"",
        b"{}",
        b"rubbish",
        entry(2).line(),
        entry(1).line() + b" ",
        entry(1).line().replace(b'"index":1', b'"index":01'),
        entry(1).line().replace(b'":', b'": '),
        entry(1).line().replace(b"2026", b"26"),
    ],
)
def test_an_unreadable_entry_is_named(row: bytes, signer: Signer) -> None:
    entries, heads = ledger_files([3], signer)
    rows = entries.splitlines()
    rows[1] = row
    problems = read(lines(*rows), heads, signer).problems
    assert "entry 1 has been altered: it is not a line of a ledger at this place" in problems


def test_a_record_is_listed_once(signer: Signer) -> None:
    rows = [entry(0), Entry(1, entry(0).record, entry(1).at)]
    problems = read(lines(*(row.line() for row in rows)), b"", signer).problems
    assert problems == ("entry 1 lists the record of entry 0 again",)


def test_heads_that_go_back_are_named(signer: Signer) -> None:
    entries, heads = ledger_files([2, 4], signer)
    first, second = heads.splitlines()
    problems = read(entries, lines(second, first), signer).problems
    assert "a head of 2 entries follows one of 4" in problems
    assert any("a clock was set back: a head of 2026-11-23T05:42:01Z" in problem for problem in problems)
    assert read(entries, lines(first, first, second), signer).problems == ("a head of 2 entries follows one of 2",)


def test_entries_that_go_back_in_time_are_named(signer: Signer) -> None:
    rows = [entry(0), entry(1, "2026-11-22T00:00:00Z")]
    problems = read(lines(*(row.line() for row in rows)), b"", signer).problems
    assert problems == ("a clock was set back: entry 1 of 2026-11-22T00:00:00Z follows one of 2026-11-23T05:42:00Z",)


def test_a_rewritten_past_is_caught_by_an_earlier_head(signer: Signer) -> None:
    entries, heads = ledger_files([2, 4], signer)
    rewritten = [Entry(i, "f" * 63 + str(i), entry(i).at) for i in range(4)]
    new_head = head_over(rewritten, signer)
    files = lines(*(row.line() for row in rewritten)), lines(heads.splitlines()[0], new_head)
    assert read(*files, signer).problems[0].startswith("an entry between 0 and 1 is not the one")
    assert read(entries, heads, signer).problems == ()


def test_a_foreign_head_is_known_as_foreign(signer: Signer, foreign_signer: Signer) -> None:
    entries, heads = ledger_files([2], foreign_signer)
    head = read(entries, heads, signer).head
    assert head is not None
    assert head.trust is Trust.FOREIGN


@pytest.mark.parametrize(
    "head",
    [
        HEAD | {"size": 0, "edge": []},
        HEAD | {"size": True},
        HEAD | {"size": 1.5},
        HEAD | {"size": 3},
        HEAD | {"root": "a"},
        HEAD | {"root": "b" * 64},
        HEAD | {"edge": ["A" * 64]},
        HEAD | {"edge": [7]},
        HEAD | {"edge": []},
        HEAD | {"at": "yesterday"},
        HEAD | {"at": 7},
        HEAD | {"more": 1},
    ],
)
def test_a_malformed_head_is_named(head: dict[str, object], signer: Signer) -> None:
    problems = read(b"", lines(seal(head, signer, payload_type=HEAD_TYPE)), signer).problems
    assert problems[0].startswith("head 0 has been altered: ")


@given(sealed=st.integers(0, 9), unsealed=st.integers(0, 4), fresh=st.integers(1, 4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_a_head_made_from_the_last_one_is_the_head_of_everything(
    sealed: int, unsealed: int, fresh: int, signer: Signer
) -> None:
    entries = [entry(i) for i in range(sealed + unsealed + fresh)]
    before = lines(*(e.line() for e in entries[: sealed + unsealed]))
    heads = lines(head_over(entries[:sealed], signer)) if sealed else b""
    tail = read_tail(before + b"torn", heads + b"torn", TrustedKeys.of(signer))
    assert tail.size == sealed + unsealed
    assert tail.latest == (entries[tail.size - 1].at if tail.size else None)
    assert next_head(tail, entries[tail.size :], entries[-1].at, signer) == head_over(entries, signer)


def test_the_tail_of_a_cut_or_altered_ledger_is_refused(signer: Signer) -> None:
    entries, heads = ledger_files([2, 4], signer)
    rows = entries.splitlines()
    for broken, message in (
        ((lines(*rows[:3]), heads), "the ledger has been cut"),
        ((entries + b"rubbish\n", heads), "an entry after 4 has been altered"),
        ((entries, heads + b"rubbish\n"), "this is not JSON"),
    ):
        with pytest.raises(EvidenceError, match=message):
            read_tail(*broken, TrustedKeys.of(signer))


def test_an_unsigned_head_or_another_statement_is_no_head(signer: Signer) -> None:
    unsigned, statement = seal(HEAD, payload_type=HEAD_TYPE), seal(HEAD, signer)
    assert read(b"", lines(unsigned), signer).problems == ("head 0 has been altered: it is not signed",)
    assert "the payload type is" in read(b"", lines(statement), signer).problems[0]
    assert json.loads(statement)["payloadType"] != HEAD_TYPE


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_no_change_of_a_byte_keeps_a_ledger_whole(data: st.DataObject, signer: Signer) -> None:
    files = [bytearray(file) for file in ledger_files([1, 3, 4], signer)]
    file = data.draw(st.sampled_from(files))
    position = data.draw(st.integers(0, len(file) - 1))
    if data.draw(st.booleans()):
        file[position] ^= data.draw(st.integers(1, 255))
    else:
        del file[position]
    ledger = read(bytes(files[0]), bytes(files[1]), signer)
    assert ledger.problems or ledger.torn or len(ledger.sealed) < 4


LATER = "2026-11-24T00:00:00Z"


def test_another_may_go_on_with_a_ledger_and_all_earlier_heads_still_hold(
    signer: Signer, foreign_signer: Signer
) -> None:
    entries, heads = ledger_files([2, 3], signer)
    known, new = entry(1).record, sha256_bytes(b"new")
    longer, more = extend_ledger(entries, heads, [known, new, new], LATER, foreign_signer)
    assert longer.startswith(entries)
    assert more.startswith(heads)
    ledger = read(longer, more, foreign_signer)
    assert ledger.problems == ()
    assert [head.size for head in ledger.heads] == [2, 3, 4]
    assert ledger.sealed[-1] == Entry(3, new, LATER)
    assert [head.trust for head in ledger.heads] == [Trust.FOREIGN, Trust.FOREIGN, Trust.TRUSTED]
    assert extend_ledger(longer, more, [new], LATER, foreign_signer) == (longer, more)


def test_without_anything_new_the_last_head_is_signed_by_both(signer: Signer, foreign_signer: Signer) -> None:
    entries, heads = ledger_files([2, 3], signer)
    same, signed_twice = extend_ledger(entries, heads, [], LATER, foreign_signer)
    assert same == entries
    ledger = read(same, signed_twice, foreign_signer)
    assert ledger.problems == ()
    assert [head.trust for head in ledger.heads] == [Trust.FOREIGN, Trust.TRUSTED]
    assert read(same, signed_twice, signer).heads[-1].trust is Trust.TRUSTED


def test_an_empty_ledger_begins_with_the_first_record(signer: Signer) -> None:
    assert extend_ledger(b"", b"", [], LATER, signer) == (b"", b"")
    record = sha256_bytes(b"first")
    ledger = read(*extend_ledger(b"", b"", [record], LATER, signer), signer)
    assert (ledger.problems, ledger.sealed) == ((), (Entry(0, record, LATER),))


def test_time_in_the_ledger_never_goes_back(signer: Signer) -> None:
    entries, heads = ledger_files([3], signer)
    ledger = read(*extend_ledger(entries, heads, [sha256_bytes(b"new")], "2020-01-01T00:00:00Z", signer), signer)
    assert ledger.problems == ()


@pytest.mark.parametrize("change", [lambda e, h: (e[:-120], h), lambda e, h: (e, h[:-9]), lambda e, h: (e[:-1], h)])
def test_nobody_goes_on_with_a_ledger_that_was_cut(
    signer: Signer, change: Callable[[bytes, bytes], tuple[bytes, bytes]]
) -> None:
    with pytest.raises(EvidenceError, match="cannot be relied on"):
        extend_ledger(*change(*ledger_files([2, 3], signer)), [sha256_bytes(b"new")], LATER, signer)
