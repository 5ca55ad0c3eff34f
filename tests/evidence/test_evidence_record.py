"""Records: what they must say, and that nothing else passes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from evidence_samples import attested, measured

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import Kind, parse_predicate, predicate_dict
from roadworthy.evidence.record import open_record, record_statement
from roadworthy.evidence.statement import build_statement, parse_statement
from roadworthy.evidence.trust import Trust, TrustedKeys

RESULTS = "d" * 64
EXCEPTION = {"category": "temporary", "compensating_control": "manual review", "reason": "fix due in June"}
DOCUMENT = {"name": "threat-model.md", "sha256": "e" * 64}


def test_a_measurement_is_read_as_it_was_written(signer: Signer, trusted: TrustedKeys) -> None:
    statement = record_statement(measured(RESULTS))
    record = open_record(seal(statement, signer), trusted)
    assert record.predicate == measured(RESULTS)
    assert record.kind is Kind.MEASURED
    assert record.digest == sha256_json(statement)
    assert record.trust is Trust.TRUSTED
    assert record.signers == (signer.key_id,)
    assert statement["predicateType"] == "https://roadworthy.dev/evidence/measured/v1"
    assert statement["subject"] == [
        {"name": "results", "digest": {"sha256": RESULTS}},
        {
            "name": "system:support-assistant",
            "digest": {"sha256": sha256_json(measured(RESULTS).fingerprint)},
        },
    ]


def test_each_kind_has_its_own_type(signer: Signer, trusted: TrustedKeys) -> None:
    documented = parse_predicate(
        Kind.DOCUMENTED,
        {k: v for k, v in predicate_dict(attested()).items() if k != "document"} | {"document": DOCUMENT},
    )
    for predicate, kind in (
        (attested(), Kind.ATTESTED),
        (attested(exception=EXCEPTION), Kind.EXCEPTION),
        (documented, Kind.DOCUMENTED),
    ):
        record = open_record(seal(record_statement(predicate), signer), trusted)
        assert record.kind is kind
        assert record.predicate == predicate
        assert record.statement["predicateType"].endswith(f"/{kind}/v1")
    assert "exception" not in predicate_dict(attested())


COUNTS = {"planned": 4, "recorded": 4, "scored": 4, "errored": 0, "unscored": 0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra": 1}, "unknown field `extra`"),
        ({"started": "2026-11-23"}, "has no time zone"),
        ({"started": "soon"}, "'soon' is not a time"),
        ({"started": "2026-11-23T05:42:48+00:00"}, "is not written as 2026-11-23T05:42:48Z"),
        ({"started": "2026-11-23T06:42:48+01:00"}, "is not written as 2026-11-23T05:42:48Z"),
        ({"started": "2026-11-24T00:00:00Z"}, "finished before it started"),
        ({"settings": {"temperature": float("nan")}}, "nan"),
        ({"usage": {"calls": 1, "cached": 0, "tokens_in": 1, "tokens_out": 1, "cost": float("inf")}}, "inf"),
        ({"fingerprint": {"models": "a" * 64}}, "exactly the parts"),
        ({"results": "D" * 64}, "matching regex"),
        ({"results": "d" * 64 + "\n"}, "matching regex"),
        ({"seed": "7"}, "Expected `int | null`"),
        ({"seed": True}, "Expected `int | null`"),
        ({"counts": COUNTS | {"scored": 5}}, "do not add up"),
        ({"counts": COUNTS | {"planned": 3}}, "more samples are recorded"),
        ({"counts": COUNTS | {"errored": -1, "scored": 5}}, ">= 0"),
        ({"system": ""}, "length >= 1"),
        ({"harness": {"name": "x", "version": "1"}}, "missing required field `python`"),
    ],
)
def test_what_a_measurement_may_not_say(change: dict[str, Any], message: str) -> None:
    value = predicate_dict(measured(RESULTS)) | change
    with pytest.raises(EvidenceError, match=message):
        parse_predicate(Kind.MEASURED, value)


@pytest.mark.parametrize("key", sorted(predicate_dict(measured(RESULTS))))
def test_no_key_of_a_measurement_may_be_missing(key: str) -> None:
    value = predicate_dict(measured(RESULTS))
    del value[key]
    with pytest.raises(EvidenceError, match=f"missing required field `{key}`"):
        parse_predicate(Kind.MEASURED, value)


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        (Kind.ATTESTED, {"exception": EXCEPTION}, "says it is 'attested' but is 'exception'"),
        (Kind.EXCEPTION, {}, "says it is 'exception' but is 'attested'"),
        (Kind.EXCEPTION, {"exception": EXCEPTION, "until": None}, "nothing is waived for ever"),
        (Kind.EXCEPTION, {"exception": EXCEPTION | {"reason": ""}}, "length >= 1"),
        (Kind.ATTESTED, {"until": "2026-11-23T05:42:48Z"}, "'until' is not after 'at'"),
        (Kind.ATTESTED, {"at": "x"}, "is not a time"),
        (Kind.ATTESTED, {"at": "x", "until": None}, "is not a time"),
        (Kind.DOCUMENTED, {}, r"Expected `object`, got `null` - at `\$.document`"),
    ],
)
def test_what_an_attestation_may_not_say(kind: Kind, change: dict[str, Any], message: str) -> None:
    with pytest.raises(EvidenceError, match=message):
        parse_predicate(kind, predicate_dict(attested()) | change)


def test_a_predicate_that_was_built_wrongly_is_not_sealed() -> None:
    wrong = msgspec.structs.replace(measured(RESULTS), results="short")
    with pytest.raises(EvidenceError):
        record_statement(wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"predicateType": "https://roadworthy.dev/evidence/uploaded/v9"}, "unknown kind of evidence"),
        ({"predicateType": Kind.ATTESTED.predicate_type}, "is not 'attested' evidence"),
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "not an in-toto Statement v1"),
        ({"note": 1}, "not an in-toto Statement v1"),
        ({"subject": []}, "about nothing"),
        ({"subject": [{"name": "results", "digest": {"sha256": RESULTS}}]}, "not those of its predicate"),
        ({"predicate": []}, "must be text and predicate an object"),
    ],
)
def test_what_a_statement_may_not_say(
    change: dict[str, Any], message: str, signer: Signer, trusted: TrustedKeys
) -> None:
    statement = record_statement(measured(RESULTS)) | change
    with pytest.raises(EvidenceError, match=message):
        open_record(seal(statement, signer), trusted)


@pytest.mark.parametrize(
    "subject",
    [
        {"name": "a"},
        {"name": "", "digest": {"sha256": RESULTS}},
        {"name": "a", "digest": {"sha512": RESULTS}},
        {"name": "a", "digest": {"sha256": RESULTS, "md5": "x"}},
        {"name": "a", "digest": {"sha256": "short"}},
        {"name": "a", "digest": {"sha256": RESULTS}, "uri": "x"},
        "a",
    ],
)
def test_a_subject_is_a_name_and_a_digest(subject: Any) -> None:
    statement = build_statement({"a": RESULTS}, "t", {})
    with pytest.raises(EvidenceError, match="a subject needs a name"):
        parse_statement(statement | {"subject": [subject]})


def test_a_subject_is_named_once() -> None:
    statement = build_statement({"a": RESULTS}, "t", {})
    with pytest.raises(EvidenceError, match="each once"):
        parse_statement(statement | {"subject": statement["subject"] * 2})
