"""Our signatures against botocore's signer, on many requests, and against the example that Amazon publishes."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.evaluate.targets.sigv4 import Credentials, sign

MOMENT = datetime.datetime(2026, 11, 24, 9, 8, 7, tzinfo=datetime.UTC)
SEGMENT = st.text(st.sampled_from("abZ09-_.~ :/+%é=&@$,!*'()"), min_size=1, max_size=12)
VALUE = st.text(st.sampled_from("abZ09-_.~:/+=;, "), min_size=1, max_size=20).map(str.strip).filter(bool)


def theirs(method: str, url: str, headers: dict[str, str], body: bytes, who: Credentials, region: str) -> str:
    """Sign with botocore, at our moment."""
    request = AWSRequest(method=method, url=url, headers=headers, data=body)
    request.context["timestamp"] = MOMENT.strftime("%Y%m%dT%H%M%SZ")
    signer = SigV4Auth(BotoCredentials(who.key_id, who.secret, who.token), "bedrock", region)
    signer._modify_request_before_signing(request)
    string = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(string, request))
    return str(request.headers["Authorization"])


def encode(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="-_.~")


@given(
    segments=st.lists(SEGMENT, max_size=4),
    query=st.lists(st.tuples(SEGMENT, SEGMENT), max_size=3, unique_by=lambda pair: pair[0]),
    headers=st.dictionaries(st.sampled_from(["Content-Type", "X-Amz-Target", "X-Custom"]), VALUE),
    body=st.binary(max_size=64),
    token=st.none() | VALUE,
    secret=VALUE,
    region=st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1"]),
    port=st.sampled_from(["", ":443", ":8443"]),
    method=st.sampled_from(["GET", "POST", "PUT"]),
)
def test_signatures_are_botocores(
    segments: list[str],
    query: list[tuple[str, str]],
    headers: dict[str, str],
    body: bytes,
    token: str | None,
    secret: str,
    region: str,
    port: str,
    method: str,
) -> None:
    path = "/" + "/".join(encode(segment) for segment in segments if segment.strip("."))
    pairs = "&".join(f"{encode(name)}={encode(value)}" for name, value in query)
    url = f"https://bedrock-runtime.{region}.amazonaws.com{port}{path}" + (f"?{pairs}" if pairs else "")
    who = Credentials("AKIDEXAMPLE", secret, token)
    ours = sign(method, url, headers, body, who, region=region, service="bedrock", moment=MOMENT)
    assert ours["Authorization"] == theirs(method, url, headers, body, who, region)
    assert ours.get("X-Amz-Security-Token") == token


@pytest.mark.parametrize(
    "model",
    [
        "anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc123",
        "arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/us.x-v1:0",
    ],
)
def test_model_ids_with_colons_and_slashes_are_one_segment(model: str) -> None:
    url = f"https://bedrock-runtime.us-east-1.amazonaws.com/model/{encode(model)}/converse"
    who = Credentials("AKIDEXAMPLE", "secret", "token")
    asked: dict[str, Any] = {"region": "us-east-1", "service": "bedrock", "moment": MOMENT}
    ours = sign("POST", url, {"Content-Type": "application/json"}, b"{}", who, **asked)
    assert ours["Authorization"] == theirs("POST", url, {"Content-Type": "application/json"}, b"{}", who, "us-east-1")


def test_the_published_example() -> None:
    # "Signature Version 4 test suite" of Amazon, get-vanilla-query-order-key-case.
    who = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    moment = datetime.datetime(2015, 8, 30, 12, 36, tzinfo=datetime.UTC)
    url = "https://example.amazonaws.com/?Param2=value2&Param1=value1"
    made = sign("GET", url, {}, b"", who, region="us-east-1", service="service", moment=moment)
    assert made["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=host;x-amz-date, "
        "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )


def test_secrets_do_not_show_in_a_repr() -> None:
    assert "hidden" not in repr(Credentials("AKIDEXAMPLE", "hidden", "hidden too"))
