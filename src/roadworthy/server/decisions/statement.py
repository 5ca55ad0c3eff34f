"""What a person signs when they decide: an in-toto statement about the digest that they were shown."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from roadworthy.core.clock import format_time
from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.dsse import Opened, open_envelope, seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.statement import build_statement, parse_statement
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.secrets import server_signer

DECISION = "https://roadworthy.dev/decision/signature/v1"


@dataclass(frozen=True)
class Said:
    """What somebody says about a request."""

    choice: str
    reason: str
    role: str
    signer: str
    shown: str
    """SHA-256 of what they were shown."""
    at: datetime
    conditions: tuple[str, ...] = ()
    on_behalf_of: str = ""


def statement_of(request: DecisionRequest, said: Said) -> dict[str, Any]:
    """Return the statement: it names the server, the request and its round, so that it says nothing about another."""
    release = request.release
    predicate = {
        "server": server_signer().key_id,
        "request": request.pk,
        "round": request.round,
        "system": release.system.slug,
        "release": release.name,
        "fingerprint": release.fingerprint,
        "verdict": release.verdict,
        "environments": list(request.environments),
        "recommendation": hashlib.sha256(request.recommendation.encode()).hexdigest(),
        "choice": said.choice,
        "reason": said.reason,
        "conditions": list(said.conditions),
        "role": said.role,
        "signer": said.signer,
        "on_behalf_of": said.on_behalf_of,
        "at": format_time(said.at),
    }
    return build_statement({f"request:{request.pk}": said.shown}, DECISION, predicate)


def sign_statement(request: DecisionRequest, said: Said, key: Signer) -> tuple[bytes, str]:
    """Return the signed envelope of a statement, and the SHA-256 of what was signed."""
    envelope = seal(statement_of(request, said), key)
    return envelope, open_envelope(envelope, TrustedKeys.none()).payload_digest


def read_statement(envelope: bytes) -> tuple[Opened, str, dict[str, Any]]:
    """Read a signed decision: the envelope, the digest that it is about, and what it says.

    Raises EvidenceError for a bad signature and for anything that is no decision.
    """
    opened = open_envelope(envelope, TrustedKeys.none())
    statement = parse_statement(opened.statement)
    if statement.predicate_type != DECISION or len(statement.subjects) != 1:
        raise EvidenceError("this is no signed decision", remedy="Send an envelope that was signed for a request.")
    return opened, next(iter(statement.subjects.values())), statement.predicate
