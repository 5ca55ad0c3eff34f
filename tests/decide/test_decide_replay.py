"""Replay: the sealed evidence gives the same verdict, byte for byte, and whatever was altered is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.digests import canonical_json
from roadworthy.decide.replay import Replay, replay
from roadworthy.evidence.bundle import read_bundle, write_bundle
from roadworthy.evidence.keys import Signer, load_signer
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.project import Project
from worked_example import Command

Files = dict[str, bytes | Path]


@dataclass(frozen=True)
class Sealed:
    """A bundle that ships, and the means to forge another one."""

    path: Path
    signer: Signer

    def forge(
        self,
        change: Callable[[Files, dict[str, Any]], None],
        signer: Signer | None = None,
    ) -> Path:
        """Write the bundle anew with something changed, properly signed."""
        trusted = TrustedKeys.of(self.signer)
        bundle = read_bundle(self.path, trusted)
        files: Files = {name: bundle.read(name) for name in bundle.names() if "statement" not in name}
        predicate = json.loads(json.dumps(bundle.predicate))
        change(files, predicate)
        path = self.path.with_name("forged.zip")
        write_bundle(path, files, predicate, signer or self.signer)
        return path

    def replay(self, path: Path | None = None) -> Replay:
        return replay(path or self.path, TrustedKeys.of(self.signer))


@pytest.fixture
def sealed(command: Command) -> Sealed:
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    return Sealed(command.out / "bundle.zip", load_signer())


def edit(name: str, old: str, new: str) -> Callable[[Files, dict[str, Any]], None]:
    def change(files: Files, predicate: dict[str, Any]) -> None:
        data = files[name]
        assert isinstance(data, bytes)
        assert old.encode() in data
        files[name] = data.replace(old.encode(), new.encode())

    return change


def failed(result: Replay) -> str:
    assert not result.intact
    return " | ".join(f"{check.name}: {check.detail}" for check in result.checks if not check.passed)


def test_the_same_bytes_come_out_again(sealed: Sealed, command: Command) -> None:
    result = sealed.replay()
    assert result.intact
    assert result.trusted
    assert [check.name for check in result.checks if check.passed] == [
        "bundle",
        "ledger",
        "standard",
        "statement",
        "verdict",
    ]
    assert "byte for byte the same: ship" in result.checks[-1].detail


def test_the_gate_on_the_same_project_at_the_same_time_gives_the_same_verdict(
    command: Command, monkeypatch: pytest.MonkeyPatch, sealed: Sealed
) -> None:
    monkeypatch.setenv("ROADWORTHY_NOW", command.verdict()["as_of"])
    before = (command.out / "verdict.json").read_bytes()
    assert command.gate().code == 0
    assert (command.out / "verdict.json").read_bytes() == before


def test_it_verifies_far_from_the_project_and_much_later(sealed: Sealed, command: Command, tmp_path: Path) -> None:
    away = tmp_path / "away" / "b.zip"
    away.parent.mkdir()
    shutil.copy(sealed.path, away)
    shutil.rmtree(command.example.directory)
    shutil.rmtree(command.example.standard)
    command.now(4000)
    said = command.bare("verify", away)
    assert said.code == 0, said.text
    assert "Verified: the sealed evidence gives this verdict." in said.text


FORGERIES: list[tuple[str, Callable[[Files, dict[str, Any]], None], str]] = [
    (
        "the verdict",
        edit("verdict.json", '"status":"met"', '"status":"not met"'),
        "the evidence gives ship, the bundle claims ship; it differs in: ",
    ),
    (
        "the verdict's word",
        edit("verdict.json", '"verdict":"ship"', '"verdict":"hold"'),
        "the evidence gives ship, the bundle claims hold",
    ),
    (
        "a laxer standard",
        edit("standard.json", '"at_least":0.6', '"at_least":0.5'),
        "standard.json is",
    ),
    (
        "the declaration",
        edit("system.json", '"about_people":false', '"about_people":true'),
        "verdict: ",
    ),
    ("the standard's digest", lambda f, p: p["standard"].update(digest="0" * 64), "the signed statement says 00000"),
    ("the time of judgement", lambda f, p: p.update(as_of="2020-01-01T00:00:00Z"), "the evidence gives hold"),
    ("no time of judgement", lambda f, p: p.pop("as_of") and None, "it cannot be recomputed"),
    ("the accepted keys", lambda f, p: p.update(accepted_keys=[]), "the evidence gives hold"),
    ("the verdict in the signed statement", lambda f, p: p.update(verdict="hold"), "than the evidence: verdict"),
    ("the system in the signed statement", lambda f, p: p.update(system="other"), "than the evidence: system"),
    ("the release in the signed statement", lambda f, p: p.update(release="9.9"), "than the evidence: release"),
    ("the tier in the signed statement", lambda f, p: p.update(tier="high"), "than the evidence: tier"),
    ("no verdict", lambda f, p: f.pop("verdict.json") and None, "verdict.json"),
    ("no standard", lambda f, p: f.pop("standard.json") and None, "standard.json"),
    ("a verdict that is not JSON", lambda f, p: f.update({"verdict.json": b"{"}), "it cannot be recomputed"),
    ("a standard that is not one", lambda f, p: f.update({"standard.json": b"{}"}), "standard.json"),
    ("a declaration of another shape", lambda f, p: f.update({"system.json": b"[]"}), "system.json"),
    ("a record less", lambda f, p: f.pop(next(n for n in f if n.startswith("records/"))) and None, "gives hold"),
    ("a result table less", lambda f, p: f.pop(next(n for n in f if n.startswith("objects/"))) and None, "objects/"),
]


@pytest.mark.parametrize(("name", "change", "words"), FORGERIES, ids=[row[0] for row in FORGERIES])
def test_a_bundle_forged_by_the_very_signer_is_found_out(
    sealed: Sealed, name: str, change: Callable[[Files, dict[str, Any]], None], words: str
) -> None:
    assert words in failed(sealed.replay(sealed.forge(change)))


def test_an_honest_copy_by_the_same_means_holds(sealed: Sealed) -> None:
    """The forgeries above fail for what they change, not for how they are written."""
    assert sealed.replay(sealed.forge(lambda f, p: None)).intact


def test_a_verdict_of_another_version_is_named_as_such(sealed: Sealed) -> None:
    def older(files: Files, predicate: dict[str, Any]) -> None:
        value = json.loads(bytes(files["verdict.json"]))  # type: ignore[arg-type]
        value["harness"] = "roadworthy 0.0.9"
        files["verdict.json"] = canonical_json(value)
        predicate["harness"] = "roadworthy 0.0.9"

    text = failed(sealed.replay(sealed.forge(older)))
    assert "judged by roadworthy 0.0.9; replay it with that version, this is " in text


def test_a_foreign_key_is_whole_but_not_trusted_until_told(sealed: Sealed, command: Command) -> None:
    stranger = load_signer(command.example.stranger)
    path = sealed.forge(lambda f, p: None, stranger)
    result = sealed.replay(path)
    assert not result.trusted
    assert stranger.key_id[:12] in result.trust_words
    said = command.bare("verify", path)
    assert said.code == 3, said.text
    assert "Whole and consistent, but" in said.text
    assert command.bare("verify", path, "--trust", stranger.key_id).code == 0


def test_another_standard_than_the_expected_one_is_named(sealed: Sealed, command: Command, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "standard.yaml").write_text('{standard: acme, version: "7", title: Acme, extends: small}')
    said = command.verify("--standard", layer)
    assert said.code == 1, said.text
    assert "the bundle was judged by small 1" in said.text
    assert "you expect acme 7" in said.text


@pytest.mark.parametrize("at", [0, 50, 400, -1, -40])
def test_a_flipped_byte_of_the_file_is_detected(sealed: Sealed, command: Command, at: int) -> None:
    data = bytearray(sealed.path.read_bytes())
    data[at] ^= 0x20
    sealed.path.write_bytes(data)
    said = command.verify()
    assert said.code in {1, 2}, said.text
    assert "Traceback" not in said.text


def test_a_bundle_that_is_not_there_or_not_one_is_an_input_error(command: Command, tmp_path: Path) -> None:
    assert command.bare("verify", tmp_path / "absent.zip").code == 2
    other = tmp_path / "other.zip"
    other.write_text("not a zip")
    assert command.bare("verify", other).code in {1, 2}


def test_measurements_of_another_shipped_release_are_compared(sealed: Sealed, command: Command) -> None:
    """The bundle keeps what changed since the last shipped release, and replays it."""
    shutil.copy(sealed.path, command.example.directory / "shipped.bundle.zip")
    command.example.declare(release="1.1", guard={"pii": "block"}, regions=["EU", "US"])
    command.sign_again()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    changes = command.verdict()["changes"]
    assert "guard: guard.pii: absent -> block" in changes
    assert "region: regions: US added" in changes
    assert Project.open(command.example.directory).system.release == "1.1"
    assert command.verify().code == 0
