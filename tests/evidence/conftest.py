"""Signers and a store for the tests of evidence; keys live in a directory of the test."""

from __future__ import annotations

from pathlib import Path

import pytest
from evidence_samples import make_signer

from roadworthy.evidence.keys import KEY_FILE, KEY_TEXT, Signer, load_signer
from roadworthy.evidence.store import EvidenceStore
from roadworthy.evidence.trust import TrustedKeys


@pytest.fixture(autouse=True)
def key_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep keys out of the home directory of whoever runs the tests."""
    home = tmp_path / "keys"
    monkeypatch.setenv("ROADWORTHY_HOME", str(home))
    monkeypatch.delenv("ROADWORTHY_NOW", raising=False)
    for name in (KEY_TEXT, KEY_FILE):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def signer() -> Signer:
    """Make the key of whoever runs the gate."""
    return load_signer()


@pytest.fixture
def foreign_signer(tmp_path: Path) -> Signer:
    """Make a key that nobody has trusted."""
    return make_signer(tmp_path / "foreign.pem")


@pytest.fixture
def trusted(signer: Signer) -> TrustedKeys:
    """Trust one's own key only."""
    return TrustedKeys.of(signer)


@pytest.fixture
def store(tmp_path: Path, trusted: TrustedKeys) -> EvidenceStore:
    """Open an empty store."""
    return EvidenceStore(tmp_path / ".roadworthy", trusted)
