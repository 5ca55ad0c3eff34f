"""Digests and canonical JSON against published vectors."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from roadworthy.core.digests import canonical_json, sha256_bytes, sha256_file, sha256_json
from roadworthy.core.names import did_you_mean

# FIPS 180-2, appendix B.1
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_sha256_of_the_published_vector(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert sha256_bytes(b"abc") == sha256_file(path) == ABC


def test_canonical_json_gives_the_example_of_the_rfc() -> None:
    # RFC 8785, 3.2.2 and 3.2.3
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "€$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    assert canonical_json(value) == (
        b'{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        b'"string":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_order_of_keys_does_not_matter() -> None:
    assert sha256_json({"a": 1, "b": [1, 2]}) == sha256_json({"b": [1, 2], "a": 1})
    assert sha256_json([1, 2]) != sha256_json([2, 1])


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53 + 1])
def test_what_json_cannot_say_is_refused(value: float) -> None:
    with pytest.raises(ValueError):
        canonical_json({"value": value})


def test_a_mistyped_name_gets_the_nearest_or_the_list() -> None:
    assert did_you_mean("kindd", ["kind", "purpose"]) == "Did you mean 'kind'?"
    assert did_you_mean("zzzz", ["kind", "purpose"]) == "Known: kind, purpose."
