"""JUnit opens in a standard parser; SARIF validates against the official schema; both say what they must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from documents_samples import all_statuses, crowded, gap, hostile, unmeasured, verdict
from jsonschema import Draft4Validator, FormatChecker
from junitparser import Failure, JUnitXml, Skipped

from roadworthy.decide.outcome import Status, Verdict, VerdictKind
from roadworthy.documents.exports.junit import junit_bytes
from roadworthy.documents.exports.sarif import LOSSY, sarif_bytes

SCHEMA = json.loads((Path(__file__).parent / "sarif" / "sarif-schema-2.1.0.json").read_text())
SAMPLES = {"plain": verdict(), "crowded": crowded(), "hostile": hostile()}


def junit(each: Verdict) -> JUnitXml:
    return JUnitXml.fromstring(junit_bytes(each))


def sarif(each: Verdict, **options: Any) -> dict[str, Any]:
    log = json.loads(sarif_bytes(each, exit_code=1, **options))
    Draft4Validator(SCHEMA, format_checker=FormatChecker()).validate(log)
    return log["runs"][0]


@pytest.mark.parametrize("name", SAMPLES)
def test_junit_opens_and_counts_every_requirement(name: str) -> None:
    each = SAMPLES[name]
    root = junit(each)
    cases = [case for suite in root for case in suite]
    assert len(cases) == len(each.outcomes) == root.tests
    assert root.failures == sum(len([r for r in case.result if isinstance(r, Failure)]) for case in cases)
    for suite in root:
        assert suite.tests == len(list(suite))


def test_junit_tells_each_outcome() -> None:
    results = {
        case.name.split(":")[0]: (type(case.result[0]), case.result[0].type) if case.result else None
        for suite in junit(verdict())
        for case in suite
    }
    assert results == {
        "attack-success": (Failure, "not met"),
        "false-positive-gap": (Failure, "not met"),
        "harmful-requests": (Failure, "not met"),
        "over-refusal": (Failure, "inconclusive"),
        "no-samples": (Failure, "inconclusive"),
        "secret-leak": (Failure, "stale"),
        "risk-assessment": (Failure, "not shown"),
        "runbook": (Skipped, "condition"),
        "selection-ratio": (Skipped, "waived"),
        "fundamental-rights-impact": (Skipped, "not applicable"),
        "model-card": None,
        "tool-filter-attack-success": None,
    }


def test_junit_suites_are_dimensions_and_domains() -> None:
    names = [suite.name for suite in junit(verdict())]
    assert names == ["Fairness", "Governance", "Grounding", "Incident readiness", "Safety", "Security"]


def test_a_junit_failure_says_why_and_what_next() -> None:
    case = next(c for suite in junit(verdict((gap(),))) for c in suite)
    assert case.result[0].message.startswith("Not met: Black defendants are wrongly rated risky 21.4 points")
    text = case.result[0].text
    assert "Next: Choose thresholds by group or retrain" in text
    assert "Inconclusive: Hispanic against Caucasian, 3.0 points (upper bound 7.1 points), n = 2,100" in text


def test_junit_failures_are_exactly_what_holds_the_release() -> None:
    held = verdict((unmeasured("a", obligation="should"), unmeasured("b", Status.MET)), verdict=VerdictKind.SHIP)
    assert junit(held).failures == 0
    assert junit(verdict((unmeasured("a", obligation="must"),))).failures == 1


def test_junit_holds_only_characters_that_xml_allows() -> None:
    data = junit_bytes(hostile())
    assert b"\x1b" not in data
    assert b"\x00" not in data
    texts = [value for element in ET.fromstring(data).iter() for value in element.attrib.values()]
    assert any('<script>alert("x")</script>' in text for text in texts)


@pytest.mark.parametrize("name", SAMPLES)
def test_sarif_is_valid_and_names_every_requirement_as_a_rule(name: str) -> None:
    each = SAMPLES[name]
    run = sarif(each)
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [o.requirement for o in each.outcomes]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_schema_refuses_what_is_not_sarif() -> None:
    log = json.loads(sarif_bytes(verdict(), exit_code=1))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not Draft4Validator(SCHEMA).is_valid(log)


def test_sarif_levels_say_what_holds_the_release() -> None:
    levels = {result["ruleId"]: result["level"] for result in sarif(verdict())["results"]}
    assert levels == {
        "attack-success": "error",
        "false-positive-gap": "error",
        "harmful-requests": "error",
        "over-refusal": "error",
        "no-samples": "error",
        "secret-leak": "error",
        "risk-assessment": "error",
        "runbook": "warning",
        "selection-ratio": "warning",
    }


def test_a_waiver_suppresses_its_result() -> None:
    results = {result["ruleId"]: result for result in sarif(verdict())["results"]}
    assert results["selection-ratio"]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": next(o.reason for o in all_statuses() if o.requirement == "selection-ratio"),
        }
    ]
    assert "suppressions" not in results["runbook"]


def test_sarif_points_at_the_declaration() -> None:
    run = sarif(verdict(), declaration="agents/my agent/roadworthy.yaml", line=3)
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "agents/my%20agent/roadworthy.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert place["logicalLocations"] == [{"name": "workspace-agent", "kind": "module"}]


def test_sarif_carries_exit_code_time_and_what_it_drops() -> None:
    run = sarif(verdict())
    assert run["invocations"] == [{"exitCode": 1, "executionSuccessful": True, "endTimeUtc": "2026-11-23T06:00:00Z"}]
    assert run["properties"]["lossy"] == LOSSY
    assert run["properties"]["verdict"] == "hold"
    assert run["tool"]["driver"]["version"] == "0.1.0"


def test_fingerprints_stay_when_the_numbers_change() -> None:
    one, other = verdict(), verdict(all_statuses()[:1], as_of="2026-12-01T00:00:00Z")
    first = {r["ruleId"]: r["partialFingerprints"] for r in sarif(one)["results"]}
    assert sarif(other)["results"][0]["partialFingerprints"] == first["attack-success"]


def test_brackets_of_the_text_make_no_link_in_sarif() -> None:
    message = sarif(hostile())["results"][0]["message"]["text"]
    assert r"\[a\](//evil.example)" in message


def test_exports_are_stable() -> None:
    assert junit_bytes(verdict()) == junit_bytes(verdict())
    assert sarif_bytes(verdict(), exit_code=1) == sarif_bytes(verdict(), exit_code=1)
