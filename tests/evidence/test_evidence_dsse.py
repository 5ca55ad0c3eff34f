"""DSSE envelopes: interoperable with securesystemslib, and spelled in one way only."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from roadworthy.core.digests import canonical_json, sha256_json
from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.canonical import read_canonical, write_canonical
from roadworthy.evidence.dsse import PAYLOAD_TYPE, countersign, open_envelope, pre_authentication, seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.trust import Trust, TrustedKeys

STATEMENT: dict[str, Any] = {"_type": "x", "predicate": {"rate": 0.1, "name": "Zoë"}}


def their_key(key_id: str) -> SSlibKey:
    """Return our public key as a key of securesystemslib."""
    return SSlibKey(key_id, "ed25519", "ed25519", {"public": key_id})


def test_the_signed_bytes_are_those_of_the_protocol() -> None:
    # the example of the DSSE protocol, https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md
    assert pre_authentication("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_securesystemslib_verifies_our_envelope(signer: Signer) -> None:
    envelope = Envelope.from_dict(json.loads(seal(STATEMENT, signer)))
    assert set(envelope.verify([their_key(signer.key_id)], 1)) == {signer.key_id}
    envelope.payload += b" "
    with pytest.raises(VerificationError):
        envelope.verify([their_key(signer.key_id)], 1)


def test_we_verify_an_envelope_made_by_securesystemslib() -> None:
    private = Ed25519PrivateKey.generate()
    key_id = private.public_key().public_bytes_raw().hex()
    theirs = CryptoSigner(private, their_key(key_id))
    envelope = Envelope(canonical_json(STATEMENT), PAYLOAD_TYPE, {})
    envelope.sign(theirs)
    opened = open_envelope(canonical_json(envelope.to_dict()), TrustedKeys({key_id: "test"}))
    assert opened.statement == STATEMENT
    assert opened.signers == (key_id,)
    assert opened.trust is Trust.TRUSTED


def test_trust_says_who_signed(signer: Signer, foreign_signer: Signer, trusted: TrustedKeys) -> None:
    assert open_envelope(seal(STATEMENT, signer), trusted).trust is Trust.TRUSTED
    assert open_envelope(seal(STATEMENT, foreign_signer), trusted).trust is Trust.FOREIGN
    assert open_envelope(seal(STATEMENT), trusted).trust is Trust.UNSIGNED
    both = open_envelope(seal(STATEMENT, foreign_signer, signer), trusted)
    assert both.trust is Trust.TRUSTED
    assert both.signers == tuple(sorted((signer.key_id, foreign_signer.key_id)))
    assert both.payload_digest == sha256_json(STATEMENT)


def changed(change: Callable[[dict[str, Any]], object], signer: Signer) -> bytes:
    """Return an envelope after `change`, spelled canonically."""
    envelope = json.loads(seal(STATEMENT, signer))
    change(envelope)
    return canonical_json(envelope)


def payload(text: bytes) -> Callable[[dict[str, Any]], object]:
    """Put another payload into an envelope."""
    return lambda envelope: envelope.update(payload=base64.b64encode(text).decode(), signatures=[])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (payload(b'{"a":1,"a":1}'), "not canonical JSON"),
        (payload(b'{"a": 1}'), "not canonical JSON"),
        (payload(b'{"a":1}\n'), "not canonical JSON"),
        (payload(b'{"a":NaN}'), "NaN is not a number"),
        (payload(b'{"a":1.0}'), "not canonical JSON"),
        (payload(b'{"a":9007199254740993}'), "not canonical JSON"),
        (payload(b"[" * 100_000), "not JSON"),
        (payload(b'"\xff"'), "not JSON"),
        (payload(b"[]"), "the payload is not a statement"),
        (lambda e: e.update(note="x"), "not a DSSE envelope"),
        (lambda e: e.pop("signatures"), "not a DSSE envelope"),
        (lambda e: e.update(signatures=None), "not a list"),
        (lambda e: e.update(payloadType="text/plain"), "payload type is 'text/plain'"),
        (lambda e: e.update(payload="e30="), "does not match the content"),
        (lambda e: e.update(payload="e30"), "payload is not base64"),
        (lambda e: e.update(payload="e30=\n"), "payload is not base64"),
        (lambda e: e.update(payload="e33="), "payload is not canonical base64"),
        (lambda e: e.update(payload=7), "payload is not base64"),
        (lambda e: e["signatures"].append(e["signatures"][0]), "each once"),
        (lambda e: e["signatures"][0].update(note="x"), "keyid and sig only"),
        (lambda e: e["signatures"][0].update(keyid="0" * 64), "does not match the content"),
        (lambda e: e["signatures"][0].update(keyid="me"), "64 hex digits"),
        (lambda e: e["signatures"][0].update(sig=""), "does not match the content"),
    ],
)
def test_any_other_spelling_is_refused(
    change: Callable[[dict[str, Any]], object], message: str, signer: Signer, trusted: TrustedKeys
) -> None:
    with pytest.raises(EvidenceError, match=message):
        open_envelope(changed(change, signer), trusted)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject, signer: Signer, trusted: TrustedKeys) -> None:
    envelope = bytearray(seal(STATEMENT, signer))
    position = data.draw(st.integers(0, len(envelope) - 1))
    match data.draw(st.sampled_from(["flip", "insert", "delete"])):
        case "flip":
            envelope[position] ^= data.draw(st.integers(1, 255))
        case "insert":
            envelope.insert(position, data.draw(st.integers(0, 255)))
        case _:
            del envelope[position]
    with pytest.raises(EvidenceError):
        open_envelope(bytes(envelope), trusted)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
        max_leaves=20,
    )
)
def test_whatever_is_written_is_read_back(value: Any) -> None:
    assert read_canonical(write_canonical(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {1, 2}, {"a": object()}])
def test_what_json_cannot_say_is_not_sealed(value: Any, signer: Signer) -> None:
    with pytest.raises(EvidenceError, match="cannot be written as evidence"):
        seal({"value": value}, signer)


@given(st.binary(max_size=30) | st.text('{}[]":,0123456789.eE-+ntfalsru\\\u007f', max_size=30).map(str.encode))
def test_only_the_canonical_spelling_is_read(data: bytes) -> None:
    try:
        value = read_canonical(data)
    except EvidenceError:
        return
    assert rfc8785.dumps(value) == data


@pytest.mark.parametrize(
    "data",
    [b'"\\u0041"', b'{"b":1,"a":1}', b"-0", b"1e2", b"10.0", b"[1, 2]", b'"\\/"', b'"\\ud800"', b" 1", b"9" * 5000],
)
def test_another_spelling_is_not_read(data: bytes) -> None:
    with pytest.raises(EvidenceError, match="this is not"):
        read_canonical(data)


def test_a_countersigned_envelope_is_the_one_that_both_would_have_sealed(
    signer: Signer, foreign_signer: Signer
) -> None:
    both = countersign(seal(STATEMENT, signer), foreign_signer)
    assert both == seal(STATEMENT, signer, foreign_signer) == countersign(seal(STATEMENT, foreign_signer), signer)
    assert countersign(both, foreign_signer) == both
    assert countersign(seal(STATEMENT), signer) == seal(STATEMENT, signer)


def test_nobody_signs_beside_a_bad_signature(signer: Signer, foreign_signer: Signer) -> None:
    envelope = json.loads(seal(STATEMENT, signer))
    envelope["payload"] = base64.b64encode(b'{"a":1}').decode()
    with pytest.raises(EvidenceError, match="does not match the content"):
        countersign(canonical_json(envelope), foreign_signer)
