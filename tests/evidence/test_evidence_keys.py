"""Signing keys: where they come from, how they are kept, and whom they are trusted by."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from evidence_samples import make_signer

from roadworthy.core.errors import InputError, RoadworthyError, StorageError
from roadworthy.evidence.keys import (
    default_key_path,
    find_signer,
    generate_pem,
    load_signer,
    parse_public_key,
    verify_signature,
)
from roadworthy.evidence.trust import Trust, TrustedKeys

# RFC 8032 section 7.1, test 2
SECRET = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
SIGNATURE = (
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def published_pem() -> bytes:
    """Return the private key of RFC 8032 as PEM."""
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(SECRET))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_signatures_are_those_of_the_published_vector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY", published_pem().decode())
    signer = load_signer()
    assert signer.key_id == PUBLIC
    assert signer.sign(b"\x72").hex() == SIGNATURE
    assert verify_signature(PUBLIC, bytes.fromhex(SIGNATURE), b"\x72")
    assert not verify_signature(PUBLIC, bytes.fromhex(SIGNATURE), b"\x73")


def test_the_first_use_makes_a_key_that_only_its_owner_can_read(key_home: Path) -> None:
    assert find_signer() is None
    signer = load_signer()
    assert signer == load_signer() == find_signer()
    assert stat.S_IMODE((key_home / "signing-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(key_home.stat().st_mode) == 0o700
    assert [path.name for path in key_home.iterdir()] == ["signing-key.pem"]


def test_the_default_place_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ROADWORTHY_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert default_key_path() == tmp_path / "xdg" / "roadworthy" / "signing-key.pem"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_key_path() == tmp_path / ".config" / "roadworthy" / "signing-key.pem"


def test_the_nearest_key_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    default = load_signer()
    by_file = make_signer(tmp_path / "file.pem")
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY_FILE", str(tmp_path / "file.pem"))
    assert load_signer() == by_file != default
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY", published_pem().decode())
    assert load_signer().key_id == PUBLIC
    given = make_signer(tmp_path / "given.pem")
    assert load_signer(tmp_path / "given.pem") == given


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_key_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make_signer(path)
    path.chmod(mode)
    with pytest.raises(InputError, match=rf"{mode:04o}\)\n  Run: chmod 600 {path}"):
        load_signer(path)


def elliptic_pem() -> bytes:
    """Return a private key of another kind."""
    key = generate_private_key(SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", b"\xff\x00", elliptic_pem(), generate_pem()[:60]],
    ids=["empty", "rubbish", "binary", "elliptic", "cut off"],
)
def test_what_is_not_a_key_is_refused_by_name(content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match=r"key\.pem: .* does not hold an unencrypted Ed25519"):
        load_signer(path)
    if b"\x00" not in content:
        monkeypatch.setenv("ROADWORTHY_SIGNING_KEY", content.decode("latin-1"))
        with pytest.raises(InputError, match="environment variable ROADWORTHY_SIGNING_KEY does not hold"):
            load_signer()


def test_a_missing_key_is_never_replaced_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cannot read the signing key: No such file"):
        load_signer(tmp_path / "gone.pem")
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(InputError, match="cannot read the signing key: No such file"):
        load_signer()
    assert not default_key_path().exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ROADWORTHY_HOME", str(tmp_path / "file" / "below"))
    with pytest.raises(StorageError, match="cannot make a signing key at"):
        load_signer()


def test_processes_that_start_together_share_one_key(key_home: Path) -> None:
    program = "from roadworthy.evidence.keys import load_signer; print(load_signer().key_id)"
    running = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(4)
    ]
    ids = {process.communicate(timeout=60)[0].strip() for process in running}
    assert all(process.returncode == 0 for process in running)
    assert ids == {load_signer().key_id}


def test_a_signer_does_not_show_its_secret() -> None:
    assert "private" not in repr(load_signer()).lower()


def test_trust_is_own_key_the_directory_and_what_is_given(key_home: Path, tmp_path: Path) -> None:
    own, other, third = load_signer(), make_signer(tmp_path / "b.pem"), make_signer(tmp_path / "c.pem")
    (key_home / "trusted").mkdir()
    (key_home / "trusted" / "ci.pub").write_bytes(other.public_pem())
    (tmp_path / "third.pub").write_text(third.key_id + "\n")
    keys = TrustedKeys.load((str(tmp_path / "third.pub"), PUBLIC))
    assert set(keys.keys) == {own.key_id, other.key_id, third.key_id, PUBLIC}
    assert keys.judge([third.key_id]) is Trust.TRUSTED
    assert TrustedKeys.none().judge([own.key_id]) is Trust.FOREIGN
    assert keys.judge([]) is Trust.UNSIGNED
    assert TrustedKeys.none().including(own).judge([own.key_id]) is Trust.TRUSTED
    assert TrustedKeys.none().adding({PUBLIC: "authority"}).judge([PUBLIC]) is Trust.TRUSTED


def test_looking_for_trust_makes_no_key() -> None:
    assert TrustedKeys.load().keys == {}
    assert not default_key_path().exists()


@pytest.mark.parametrize(
    "content", [b"", b"12ab", b"A" * 64, generate_pem()], ids=["empty", "short", "capital", "private"]
)
def test_a_public_key_that_cannot_be_read_stops_everything(content: bytes, key_home: Path) -> None:
    (key_home / "trusted").mkdir(parents=True)
    (key_home / "trusted" / "x.pub").write_bytes(content)
    with pytest.raises(RoadworthyError, match=r"x\.pub: this is not an Ed25519 public key"):
        TrustedKeys.load()


def test_a_public_key_that_is_not_there_stops_everything(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the public key: No such file"):
        TrustedKeys.load((str(tmp_path / "nowhere.pub"),))


def test_a_public_key_reads_alike_as_hex_and_as_pem() -> None:
    signer = load_signer()
    assert parse_public_key(signer.public_pem()) == parse_public_key(signer.key_id.encode()) == signer.key_id
