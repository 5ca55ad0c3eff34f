"""JUnit XML, for the test view of CI systems.

One test suite for each dimension or control domain, one test case for each requirement:

- met: passes.
- not met, inconclusive, stale or not shown, for a must: a failure whose type is the outcome.
- the same for a should: skipped, with the condition as message, because it does not hold the release.
- waived and not applicable: skipped, with the reason.

The format has no structured place for intervals, slices, evidence digests and framework references; the first
three are written as text, the last is dropped, and the bundle holds all of them.
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.documents.group import by_domain, parts, wholes
from roadworthy.documents.number import asked, estimate_with_bound, sample
from roadworthy.documents.plain import one_line, plain, sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, holds

MAX_PARTS = 50
"""Slices written into the text of one failure."""


def junit_bytes(verdict: Verdict) -> bytes:
    """Write the outcomes of `verdict` as JUnit XML in UTF-8; the same verdict gives the same bytes."""
    root = ET.Element("testsuites", name=one_line(f"roadworthy {verdict.system} {verdict.release}"))
    for group in by_domain(verdict.outcomes):
        suite = ET.SubElement(root, "testsuite", name=group.title, timestamp=one_line(verdict.as_of))
        for outcome in group.outcomes:
            suite.append(_case(outcome, group.title))
        _count(suite)
    properties = ET.Element("properties")
    for name, value in _facts(verdict):
        ET.SubElement(properties, "property", name=name, value=one_line(value))
    root[0].insert(0, properties)
    _count(root)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}\n".encode()


def _facts(verdict: Verdict) -> list[tuple[str, str]]:
    return [
        ("verdict", VERDICT_WORDS[verdict.verdict]),
        ("tier", verdict.tier),
        ("standard", verdict.standard),
        ("fingerprint", verdict.fingerprint),
        ("harness", verdict.harness),
    ]


def _case(outcome: Outcome, group: str) -> ET.Element:
    case = ET.Element("testcase", name=one_line(f"{outcome.requirement}: {outcome.title}"), classname=group, time="0")
    message = one_line(f"{SIGNS[outcome.status].word}: {sentence(outcome.reason)}")
    if holds(outcome):
        ET.SubElement(case, "failure", type=outcome.status.value, message=message).text = _detail(outcome)
    elif outcome.status is not Status.MET:
        kind = "condition" if outcome.obligation == "should" else outcome.status.value
        ET.SubElement(case, "skipped", type=kind, message=message)
    return case


def _detail(outcome: Outcome) -> str:
    lines = [
        sentence(outcome.reason),
        f"Next: {sentence(outcome.next_step)}",
        f"Criterion: {asked(outcome)}",
    ]
    for judged in [*wholes(outcome), *parts(outcome)[:MAX_PARTS]]:
        name, value = one_line(judged.label), estimate_with_bound(judged, outcome)
        lines.append(f"{SIGNS[judged.status].word}: {name}, {value}, {sample(judged)}")
    lines.append(f"Evidence: {', '.join(d[:12] for d in outcome.evidence) or 'none'}")
    return plain("\n".join(lines))


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(len(list(element.iter("failure")))))
    element.set("errors", "0")
    element.set("skipped", str(len(list(element.iter("skipped")))))
    element.set("time", "0")
