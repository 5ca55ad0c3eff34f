"""People for whom the keeper of the record vouches: they count, the screen says so, and nobody slips in unseen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from signed_people import TERMS, People, dossier, signed

from roadworthy.decide.attestation import find_waiver, judge_attestation
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Status
from roadworthy.decide.release_bundle import bundle_files, bundle_predicate, read_dossier
from roadworthy.decide.replay import Replay, replay
from roadworthy.decide.tier_override import settle_tier
from roadworthy.evidence.bundle import read_bundle, write_bundle
from roadworthy.evidence.inventory import ENTRIES, HEADS
from roadworthy.evidence.keys import Signer as Key
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.record import Record
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard.model import Signer, Tier
from worked_example import Command, system

WORD = " The keeper of the record vouches for the key; the standard does not list it."
Change = Callable[[dict[str, Any]], None]


def vouched(key: Key, name: str = "Stella Stranger", *roles: str) -> Signer:
    return Signer(name=name, key=key.key_id, roles=list(roles) or ["risk-lead"])


def go_live(case: Dossier) -> tuple[Status, str]:
    [asked] = [r for r in case.loaded.standard.requirements if r.id == "go-live"]
    shown = judge_attestation(asked, case)
    return shown.status, shown.reason


def test_a_vouched_person_counts_and_the_reason_says_by_whose_word(people: People) -> None:
    record = signed(people.stranger, signer="Stella Stranger")
    assert go_live(dossier(people, record))[0] is Status.NOT_SHOWN
    case = dossier(people, record, signers=(vouched(people.stranger),))
    assert go_live(case) == (Status.MET, f"Signed by Stella Stranger (risk-lead) on 2026-11-20.{WORD}")


@pytest.mark.parametrize(
    ("name", "roles", "words"),
    [
        ("Stella Stranger", ["writer"], "but the keeper of the record does not give that role"),
        ("Another Name", ["risk-lead"], "with a key that the keeper of the record knows as Another Name's"),
    ],
)
def test_a_vouched_person_is_held_to_name_and_role(people: People, name: str, roles: list[str], words: str) -> None:
    record = signed(people.stranger, signer="Stella Stranger")
    status, reason = go_live(dossier(people, record, signers=(vouched(people.stranger, name, *roles),)))
    assert status is Status.NOT_SHOWN
    assert words in reason


def test_the_owner_does_not_sign_their_own_request_by_another_key(people: People) -> None:
    record = signed(people.stranger, signer="Olga Owner")
    status, reason = go_live(dossier(people, record, signers=(vouched(people.stranger, "Olga Owner"),)))
    assert (status, reason) == (Status.NOT_SHOWN, "Olga Owner owns the system; nobody signs their own request.")


def test_the_standard_comes_first_so_that_a_keeper_cannot_widen_what_it_gives(people: People) -> None:
    record = signed(people.writer, signer="Willy Writer")
    wider = vouched(people.writer, "Willy Writer", "risk-lead", "writer")
    status, reason = go_live(dossier(people, record, signers=(wider,)))
    assert status is Status.NOT_SHOWN
    assert "the standard's authority does not give that role" in reason
    listed = dossier(people, signed(people.lead), signers=(vouched(people.lead, "Rita Risk"),))
    assert WORD not in go_live(listed)[1]


def test_a_key_that_nobody_vouches_for_is_still_unknown(people: People) -> None:
    case = dossier(people, signed(people.stranger), signers=(vouched(people.writer),))
    assert "and for which the keeper of the record does not vouch" in go_live(case)[1]


def test_a_vouched_person_may_waive_and_set_the_tier_where_the_role_may(people: People) -> None:
    mine = {"signer": "Stella Stranger", "statement": "Nobody is affected."}
    waiver = signed(people.stranger, exception=TERMS, until="2026-12-31T00:00:00Z", **mine)
    tier = signed(people.stranger, requirement="tier:medium", **mine)
    loaded = people.standard(tier_roles=["risk-lead"])
    case = dossier(people, waiver, tier, loaded=loaded, signers=(vouched(people.stranger),))
    [asked] = [r for r in loaded.standard.requirements if r.id == "go-live"]
    digest, words = find_waiver(asked, Tier.LOW, case)
    assert digest == waiver.digest
    assert words.endswith(WORD)
    settled = settle_tier(case)
    assert settled.tier is Tier.MEDIUM
    assert settled.because[0].because.endswith(WORD)
    assert settle_tier(replace(case, signers=())).tier is Tier.LOW


def test_without_vouched_people_the_statement_has_no_such_key(people: People) -> None:
    case = dossier(people, signed(people.lead), system=system())
    assert "signers" not in bundle_predicate(case, judge(case))


@pytest.fixture
def kept(command: Command, tmp_path: Path) -> tuple[Path, Key]:
    """A bundle of a keeper who vouches for two people; the verdict rests on the word for one of them."""
    command.sign_all()
    for path in (command.example.directory / "attestations").glob("go-live-*.json"):
        path.unlink()
    stranger = command.example.stranger
    said = command(
        "attest", "go-live", "--role", "risk-lead", "--name", "Sam", "--key", stranger, "--statement", "Yes."
    )
    assert said.code == 0, said.text
    assert command("evaluate").code == 0
    assert command.gate().code == 3
    own = load_signer()
    bundle = read_bundle(command.out / "bundle.zip", TrustedKeys.of(own))
    people = (vouched(load_signer(stranger), "Sam"), Signer(name="Ann", key="1" * 64, roles=["writer"]))
    case = replace(read_dossier(bundle, tmp_path), signers=people)
    envelopes = {record.digest: bundle.read(f"records/{record.digest}.json") for record in case.records}
    verdict = judge(case)
    files = bundle_files(case, verdict, envelopes, bundle.read(ENTRIES), bundle.read(HEADS))
    path = tmp_path / "kept.zip"
    write_bundle(path, files, bundle_predicate(case, verdict), own)
    return path, own


def forged(kept: tuple[Path, Key], change: Change, *signers: Key) -> Replay:
    path, own = kept
    bundle = read_bundle(path, TrustedKeys.of(own))
    predicate = json.loads(json.dumps(bundle.predicate))
    change(predicate)
    files: dict[str, bytes | Path] = {name: bundle.read(name) for name in bundle.names()}
    other = path.with_name("forged.zip")
    write_bundle(other, files, predicate, signers[0] if signers else own)
    return replay(other, TrustedKeys.of(own))


def failures(result: Replay) -> str:
    assert not result.intact
    return " | ".join(f"{check.name}: {check.detail}" for check in result.checks if not check.passed)


def test_it_replays_byte_for_byte_and_the_screen_says_who_vouches_for_whom(
    kept: tuple[Path, Key], command: Command
) -> None:
    path, own = kept
    said = command.bare("verify", path)
    assert said.code == 0, said.text
    sam = load_signer(command.example.stranger).key_id[:12]
    words = f"ok vouched: by the word of {own.key_id[:12]}, who signed this bundle, not by the standard: "
    assert f"{words}Ann (writer; key {'1' * 12}), Sam (risk-lead; key {sam})" in said.text
    assert "byte for byte the same: ship" in said.text


def test_an_ordinary_bundle_has_no_such_line(command: Command) -> None:
    command.gate()
    assert "vouched" not in command.verify().text


def extra(predicate: dict[str, Any]) -> None:
    predicate["signers"].append({"name": "Zoe", "key": "f" * 64, "roles": ["risk-lead"]})


def widened(predicate: dict[str, Any]) -> None:
    predicate["signers"][0]["roles"].append("risk-lead")


FORGERIES: list[tuple[str, Change, str]] = [
    ("taken away", lambda p: p.pop("signers"), "the evidence gives hold, the bundle claims ship"),
    ("emptied", lambda p: p.update(signers=[]), "than the evidence: signers"),
    ("another order", lambda p: p["signers"].reverse(), "than the evidence: signers"),
    ("a key twice", lambda p: p["signers"].append(p["signers"][0]), "names a key twice"),
    ("no list", lambda p: p.update(signers="all"), "its list of signers cannot be read"),
    ("a number", lambda p: p.update(signers=3), "its list of signers cannot be read"),
    ("a key that is none", lambda p: p["signers"][0].update(key="x"), "its list of signers cannot be read"),
    ("an unknown field", lambda p: p["signers"][0].update(boss=True), "its list of signers cannot be read"),
    ("no role", lambda p: p["signers"][0].update(roles=[]), "its list of signers cannot be read"),
]


@pytest.mark.parametrize(("name", "change", "words"), FORGERIES, ids=[row[0] for row in FORGERIES])
def test_a_list_that_was_tampered_with_is_found_out(
    kept: tuple[Path, Key], name: str, change: Change, words: str
) -> None:
    assert words in failures(forged(kept, change))


@pytest.mark.parametrize("change", [extra, widened])
def test_who_adds_people_must_sign_for_them_and_is_named(
    kept: tuple[Path, Key], change: Change, command: Command
) -> None:
    """Nobody but the keeper can add a person under the keeper's name: another's signature is not trusted."""
    stranger = load_signer(command.example.stranger)
    result = forged(kept, change, stranger)
    assert not result.trusted
    [line] = [check.detail for check in result.checks if check.name == "vouched"]
    assert line.startswith(f"by the word of {stranger.key_id[:12]}")


def test_an_edited_list_under_the_old_signature_does_not_verify(kept: tuple[Path, Key], command: Command) -> None:
    path, _ = kept
    data = path.read_bytes()
    bundle = json.loads(data[data.index(b"{") :].split(b"PK")[0])
    import base64

    payload = base64.b64decode(bundle["payload"])
    other = payload.replace(b'"name":"Ann"', b'"name":"Bob"')
    assert other != payload
    path.write_bytes(data.replace(base64.b64encode(payload), base64.b64encode(other)))
    assert command.bare("verify", path).code == 1


def test_in_an_unsigned_bundle_nobody_vouches(kept: tuple[Path, Key]) -> None:
    path, own = kept
    bundle = read_bundle(path, TrustedKeys.of(own))
    files: dict[str, bytes | Path] = {name: bundle.read(name) for name in bundle.names()}
    write_bundle(path.with_name("bare.zip"), files, dict(bundle.predicate), None)
    text = failures(replay(path.with_name("bare.zip"), TrustedKeys.of(own)))
    assert "vouched: the bundle is unsigned, so nobody vouches for Ann" in text


def test_records_are_still_of_whoever_signed_them(people: People) -> None:
    record: Record = signed(people.stranger, signer="Rita Risk")
    status, reason = go_live(dossier(people, record, signers=(vouched(people.stranger, "Stella Stranger"),)))
    assert status is Status.NOT_SHOWN
    assert "knows as Stella Stranger's" in reason
