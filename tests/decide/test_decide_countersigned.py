"""A received bundle with what people signed since: it verifies with the keeper's key alone, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from signed_people import TERMS

from roadworthy.core.clock import format_time, parse_time
from roadworthy.core.errors import EvidenceError
from roadworthy.decide.countersigned import Countersigned, add_statements, write_countersigned
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.decide.release_bundle import read_dossier
from roadworthy.decide.replay import replay
from roadworthy.evidence.bundle import Bundle, read_bundle
from roadworthy.evidence.dsse import open_envelope, seal
from roadworthy.evidence.inventory import ENTRIES, HEADS
from roadworthy.evidence.keys import Signer as Key
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.merkle import consistency_proof, leaf_hash, verify_consistency
from roadworthy.evidence.predicate import Kind, parse_predicate
from roadworthy.evidence.record import record_statement
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard.model import Signer
from worked_example import Command, make_key

LISTED_CARD = ("system-card", "--role", "writer", "--name", "Willy Writer")


@dataclass(frozen=True)
class Received:
    """A bundle of a team, in which the sign-off is missing, and the keys around it."""

    bundle: Bundle
    dossier: Dossier
    keeper: Key
    team: Key
    person: Key
    folder: Path

    @property
    def later(self) -> datetime:
        return self.dossier.as_of + timedelta(hours=2)

    def sam(self) -> Signer:
        return Signer(name="Sam", key=self.person.key_id, roles=["risk-lead"])

    def said(self, key: Key | None = None, **changes: Any) -> bytes:
        value = {
            "system": self.dossier.system.system,
            "release": self.dossier.system.release,
            "fingerprint": dict(self.dossier.fingerprint),
            "requirement": "go-live",
            "statement": "I agree.",
            "role": "risk-lead",
            "signer": "Sam",
            "at": format_time(self.dossier.as_of + timedelta(hours=1)),
            "until": None,
            "document": None,
            **changes,
        }
        kind = Kind.EXCEPTION if value.get("exception") else Kind.ATTESTED
        return seal(record_statement(parse_predicate(kind, value)), *([key or self.person]))

    def add(self, *envelopes: bytes, signers: Sequence[Signer] | None = None) -> Countersigned:
        people = [self.sam()] if signers is None else signers
        return add_statements(self.dossier, envelopes, signers=people, as_of=self.later)

    def write(self, case: Countersigned, name: str = "kept.zip") -> Path:
        path = self.folder / name
        write_countersigned(path, self.bundle, case, self.keeper)
        return path

    def reopened(self, path: Path) -> Received:
        bundle = read_bundle(path, TrustedKeys.of(self.keeper))
        (self.folder / path.stem).mkdir()
        dossier = read_dossier(bundle, self.folder / path.stem)
        return Received(bundle, dossier, self.keeper, self.team, self.person, self.folder)


@pytest.fixture
def received(command: Command, tmp_path: Path) -> Received:
    card = command.example.directory / "card.md"
    card.write_text("# Order helper")
    command("attest", *LISTED_CARD, "--document", card, "--key", command.example.writer, "--statement", "So it is.")
    assert command("evaluate").code == 0
    assert command.gate().code == 3
    team, folder = load_signer(), tmp_path / "server"
    folder.mkdir()
    bundle = read_bundle(command.out / "bundle.zip", TrustedKeys.of(team))
    keys = (make_key(tmp_path / "keeper.pem"), team, load_signer(command.example.stranger))
    return Received(bundle, read_dossier(bundle, folder), *keys, folder)


def test_a_signature_made_with_the_keeper_settles_what_was_missing(received: Received) -> None:
    before = received.add(signers=[])
    case = received.add(received.said())
    assert (before.verdict.verdict, case.verdict.verdict) == (VerdictKind.HOLD, VerdictKind.SHIP)
    assert case.verdict.as_of == format_time(received.later)
    assert [record.digest for record, _ in case.added] == [case.dossier.records[-1].digest]


def test_it_verifies_byte_for_byte_with_the_keepers_key_alone(received: Received, command: Command) -> None:
    path = received.write(received.add(received.said()))
    said = command.bare("verify", path, "--trust", received.keeper.key_id)
    assert said.code == 0, said.text
    alone = replay(path, TrustedKeys.of(received.keeper))
    assert alone.intact
    assert alone.trusted
    assert f"by the word of {received.keeper.key_id[:12]}" in " ".join(check.detail for check in alone.checks)
    assert not replay(path, TrustedKeys.of(received.team)).trusted


def test_the_same_input_gives_the_same_bytes(received: Received) -> None:
    case = received.add(received.said())
    assert received.write(case, "one.zip").read_bytes() == received.write(case, "two.zip").read_bytes()


def test_the_received_ledger_is_a_prefix_and_its_head_still_proves_it(received: Received) -> None:
    kept = read_bundle(received.write(received.add(received.said())), TrustedKeys.of(received.keeper))
    old, new = received.bundle, kept
    assert new.read(ENTRIES).startswith(old.read(ENTRIES))
    assert new.read(HEADS).startswith(old.read(HEADS))
    before, after = old.ledger().head, new.ledger().head
    assert before is not None
    assert after is not None
    assert (after.size, after.signers) == (before.size + 1, (received.keeper.key_id,))
    leaves = [leaf_hash(line) for line in new.read(ENTRIES).splitlines()]
    proof = consistency_proof(leaves, before.size)
    roots = bytes.fromhex(before.root), bytes.fromhex(after.root)
    assert verify_consistency(before.size, after.size, proof, *roots)


def test_without_a_new_statement_the_keeper_signs_the_same_head(received: Received) -> None:
    path = received.write(received.add(signers=[]))
    assert replay(path, TrustedKeys.of(received.keeper)).trusted
    kept = read_bundle(path, TrustedKeys.of(received.keeper))
    assert kept.read(ENTRIES) == received.bundle.read(ENTRIES)
    heads = [bundle.ledger().head for bundle in (received.bundle, kept)]
    assert heads[0] is not None
    assert heads[1] is not None
    assert heads[0].root == heads[1].root
    assert set(heads[1].signers) == {received.keeper.key_id, received.team.key_id}


def test_measurements_keep_the_signature_of_who_measured(received: Received) -> None:
    kept = read_bundle(received.write(received.add(received.said())), TrustedKeys.of(received.keeper))
    [(record, _)] = received.dossier.measured()
    name = f"records/{record.digest}.json"
    opened = open_envelope(kept.read(name), TrustedKeys.none())
    assert set(opened.signers) == {received.keeper.key_id, received.team.key_id}
    assert opened.payload_digest == record.digest


def test_what_people_signed_before_is_passed_on_as_it_is(received: Received) -> None:
    kept = read_bundle(received.write(received.add(received.said())), TrustedKeys.of(received.keeper))
    statements = [record for record in received.dossier.records if record.kind is not Kind.MEASURED]
    assert statements
    for record in statements:
        name = f"records/{record.digest}.json"
        assert kept.read(name) == received.bundle.read(name)


def test_it_can_be_done_again_on_what_was_kept(received: Received) -> None:
    """A second signature is added to the bundle that holds the first one; the first is not listed twice."""
    first = received.said()
    kept = received.reopened(received.write(received.add(first), "first.zip"))
    waiver = kept.said(requirement="system-card", until="2999-01-01T00:00:00Z", exception=TERMS)
    again = add_statements(kept.dossier, [first, waiver], signers=[kept.sam()], as_of=kept.later)
    assert len(again.added) == 1
    path = kept.write(again, "second.zip")
    assert replay(path, TrustedKeys.of(received.keeper)).trusted
    heads = [
        len(bundle.ledger().heads) for bundle in (received.bundle, read_bundle(path, TrustedKeys.of(received.keeper)))
    ]
    assert heads[1] == heads[0] + 2


def test_an_exception_may_be_signed_there_as_well(received: Received) -> None:
    waiver = received.said(until="2999-01-01T00:00:00Z", exception=TERMS)
    case = received.add(waiver)
    [outcome] = [o for o in case.verdict.outcomes if o.requirement == "go-live"]
    assert outcome.status is Status.WAIVED
    assert replay(received.write(case), TrustedKeys.of(received.keeper)).intact


def test_whom_the_sender_vouched_for_does_not_count_with_the_keeper(received: Received) -> None:
    """Only the keeper says for whom it vouches; a bundle that arrives cannot bring directors along."""
    brought = received.reopened(received.write(received.add(received.said())))
    assert brought.dossier.signers
    later = brought.dossier.as_of + timedelta(hours=1)
    assert add_statements(brought.dossier, [], signers=[], as_of=later).verdict.verdict is VerdictKind.HOLD


def test_time_goes_on_for_the_evidence_as_well(received: Received) -> None:
    late = received.dossier.as_of + timedelta(days=91)
    case = add_statements(received.dossier, [received.said()], signers=[received.sam()], as_of=late)
    assert case.verdict.verdict is VerdictKind.HOLD
    assert replay(received.write(case), TrustedKeys.of(received.keeper)).intact


def test_what_does_not_belong_is_refused(received: Received) -> None:
    [(measured, _)] = received.dossier.measured()
    unsigned = seal(open_envelope(received.said(), TrustedKeys.none()).statement)
    refused = [
        (unsigned, "not signed"),
        (received.said(system="other"), "the statement is about other, the bundle about order-helper"),
        (received.bundle.read(f"records/{measured.digest}.json"), "a measurement cannot be added"),
        (received.said().replace(b"payloadType", b"payloadTyp"), "not a DSSE envelope"),
    ]
    for envelope, words in refused:
        with pytest.raises(EvidenceError, match=words):
            received.add(envelope)


def test_a_judgement_before_the_received_one_is_refused(received: Received) -> None:
    with pytest.raises(EvidenceError, match="Set the clock right"):
        add_statements(received.dossier, [], signers=[], as_of=parse_time("2020-01-01T00:00:00Z"))
