"""Records and keys that the tests of evidence start from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from roadworthy.evidence.keys import Signer, generate_pem, load_signer
from roadworthy.evidence.predicate import Attested, Kind, Measured, parse_predicate

PARTS = ("models", "prompts", "tools", "retrieval", "guard", "settings")


def measured(results: str, **changes: Any) -> Measured:
    """Return a measurement whose result table is `results`."""
    value: dict[str, Any] = {
        "system": "support-assistant",
        "release": "2.4.0",
        "fingerprint": dict.fromkeys(PARTS, "a" * 64),
        "suite": {"id": "injection", "digest": "b" * 64, "metrics": ["attack_success_rate"]},
        "dataset": {"name": "injections", "digest": "c" * 64, "rows": 40, "cluster": "goal", "slices": []},
        "target": {"kind": "openai", "model": "main"},
        "settings": {"temperature": 0.7},
        "scorers": [{"name": "injection_success", "version": "1", "known_error": None}],
        "harness": {"name": "roadworthy", "version": "0.1.0", "python": "3.11"},
        "seed": 7,
        "started": "2026-11-23T05:42:48Z",
        "finished": "2026-11-23T05:43:00Z",
        "actor": "ci",
        "independence": "team",
        "counts": {"planned": 40, "recorded": 40, "scored": 39, "errored": 1, "unscored": 0},
        "usage": {"calls": 40, "cached": 0, "tokens_in": 900, "tokens_out": 1200, "cost": 0.02},
        "notes": [],
        "results": results,
    }
    predicate = parse_predicate(Kind.MEASURED, value | changes)
    assert isinstance(predicate, Measured)
    return predicate


def attested(**changes: Any) -> Attested:
    """Return an attestation, or an exception where `changes` say so."""
    value: dict[str, Any] = {
        "system": "support-assistant",
        "release": "2.4.0",
        "fingerprint": dict.fromkeys(PARTS, "a" * 64),
        "requirement": "threat-model",
        "statement": "I have reviewed the threat model.",
        "role": "security",
        "signer": "Ada Example",
        "at": "2026-11-23T05:42:48Z",
        "until": "2027-11-23T05:42:48Z",
        "document": None,
    }
    kind = Kind.EXCEPTION if changes.get("exception") else Kind.ATTESTED
    predicate = parse_predicate(kind, value | changes)
    assert isinstance(predicate, Attested)
    return predicate


def make_signer(path: Path) -> Signer:
    """Make a key at `path`."""
    path.write_bytes(generate_pem())
    path.chmod(0o600)
    return load_signer(path)
