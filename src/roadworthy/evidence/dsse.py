"""DSSE v1 envelopes: a statement, and signatures over its exact bytes.

https://github.com/secure-systems-lab/dsse/blob/v1.0.0/envelope.md. Payload and envelope are canonical JSON,
signatures come in the order of their key ids, and base64 has one spelling: no byte can change unnoticed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.core.digests import sha256_bytes
from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evidence.canonical import read_canonical, write_canonical
from roadworthy.evidence.keys import KEY_ID, Signer, verify_signature
from roadworthy.evidence.trust import Trust, TrustedKeys

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_REMEDY = "Get the file again from whoever made it; what it says cannot be relied on."


@dataclass(frozen=True)
class Opened:
    """An envelope whose every signature has been verified."""

    statement: dict[str, Any]
    payload_digest: str
    """SHA-256 of the payload: the identity of what was signed."""
    signers: tuple[str, ...]
    """Key ids, sorted."""
    trust: Trust


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (PAE of the DSSE protocol, version 1)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(statement: dict[str, Any], *signers: Signer, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Wrap `statement` in an envelope signed by `signers`; without any it is unsigned.

    Raises EvidenceError when the statement cannot be written as canonical JSON.
    """
    payload = write_canonical(statement)
    message = pre_authentication(payload_type, payload)
    signatures = {signer.key_id: signer.sign(message) for signer in signers}
    return write_canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": payload_type,
            "signatures": [
                {"keyid": key_id, "sig": base64.b64encode(signatures[key_id]).decode()} for key_id in sorted(signatures)
            ],
        }
    )


def countersign(data: bytes, signer: Signer, *, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Add a signature to an envelope, beside those that it has; what was signed, and so its digest, stays the same.

    Raises EvidenceError on anything that open_envelope refuses: nobody signs beside a bad signature.
    """
    opened = open_envelope(data, TrustedKeys.none(), payload_type=payload_type)
    if signer.key_id in opened.signers:
        return data
    envelope = read_canonical(data)
    message = pre_authentication(payload_type, base64.b64decode(envelope["payload"]))
    added = {"keyid": signer.key_id, "sig": base64.b64encode(signer.sign(message)).decode()}
    signatures = sorted([*envelope["signatures"], added], key=lambda signature: str(signature["keyid"]))
    return write_canonical({**envelope, "signatures": signatures})


def open_envelope(
    data: bytes, trusted: TrustedKeys, *, place: Place | None = None, payload_type: str = PAYLOAD_TYPE
) -> Opened:
    """Verify an envelope and return its statement, and how far its signers are trusted.

    Raises EvidenceError on a bad signature and on anything that is not spelled exactly as `seal` spells it.
    """
    envelope = read_canonical(data, place)
    if not isinstance(envelope, dict) or set(envelope) != {"payload", "payloadType", "signatures"}:
        raise _broken("this is not a DSSE envelope: it needs payload, payloadType and signatures only", place)
    if envelope["payloadType"] != payload_type:
        raise _broken(f"the payload type is {envelope['payloadType']!r}, not {payload_type!r}", place)
    payload = _decode(envelope["payload"], "payload", place)
    signers = _verify(envelope["signatures"], pre_authentication(payload_type, payload), place)
    statement = read_canonical(payload, place)
    if not isinstance(statement, dict):
        raise _broken("the payload is not a statement", place)
    return Opened(statement, sha256_bytes(payload), signers, trusted.judge(signers))


def _verify(signatures: Any, message: bytes, place: Place | None) -> tuple[str, ...]:
    if not isinstance(signatures, list):
        raise _broken("the signatures are not a list", place)
    signers = [_verify_one(signature, message, place) for signature in signatures]
    if signers != sorted(set(signers)):
        raise _broken("the signatures are not in the order of their key ids, each once", place)
    return tuple(signers)


def _verify_one(signature: Any, message: bytes, place: Place | None) -> str:
    if not isinstance(signature, dict) or set(signature) != {"keyid", "sig"}:
        raise _broken("a signature needs keyid and sig only", place)
    key_id = signature["keyid"]
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        raise _broken("a key id is not an Ed25519 public key of 64 hex digits", place)
    if not verify_signature(key_id, _decode(signature["sig"], "sig", place), message):
        raise _broken(f"the signature of key {key_id[:12]} does not match the content", place)
    return key_id


def _decode(text: Any, name: str, place: Place | None) -> bytes:
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (AttributeError, ValueError, binascii.Error) as error:
        raise _broken(f"{name} is not base64", place) from error
    if base64.b64encode(data).decode() != text:
        raise _broken(f"{name} is not canonical base64", place)
    return data


def _broken(problem: str, place: Place | None) -> EvidenceError:
    return EvidenceError(problem, place=place, remedy=_REMEDY)


def signed_by(signers: Sequence[str]) -> str:
    """Name the signing keys for people."""
    return ", ".join(key_id[:12] for key_id in signers) or "nobody"
