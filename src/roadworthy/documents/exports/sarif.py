"""SARIF 2.1.0 (OASIS Standard, errata 01), for code-scanning views.

Every requirement is a rule; every applicable one that is not met is a result. The level says what it does to
the release: `error` holds it, `warning` is a condition, a waived requirement is a suppressed `warning`.
Results point at the declaration, the file that a team changes; the system is a logical location.
What the format cannot hold is listed in the properties of the run.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from roadworthy.decide.outcome import Judged, Outcome, Status, Verdict
from roadworthy.documents.group import domain, parts, wholes
from roadworthy.documents.number import asked, estimate_with_bound, sample
from roadworthy.documents.plain import one_line, sentence
from roadworthy.documents.sign import SIGNS, VERDICT_WORDS, holds

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LOSSY = [
    "estimates, intervals and methods (only as text of the message)",
    "slices beyond the first 20 of each requirement",
    "requirements that are met or not applicable (only as rules)",
    "signatures, ledger and evidence records (only their digests)",
    "what was not tested, and changes since the last release",
]
"""What this export drops or flattens; the bundle holds all of it."""
MAX_PARTS = 20

_BRACKETS = re.compile(r"([\[\]\\])")
"""Square brackets make a link in a SARIF message (section 3.11.6), so those of the text are escaped."""


def sarif_bytes(verdict: Verdict, *, exit_code: int, declaration: str = "roadworthy.yaml", line: int = 1) -> bytes:
    """Write `verdict` as SARIF; `declaration` is the path of the system's file from the repository's root."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(verdict, exit_code, declaration, line)]}
    return json.dumps(log, indent=1, sort_keys=True, allow_nan=False).encode() + b"\n"


def _run(verdict: Verdict, exit_code: int, declaration: str, line: int) -> dict[str, Any]:
    order = {outcome.requirement: place for place, outcome in enumerate(verdict.outcomes)}
    location = _location(verdict, declaration, line)
    name, _, version = one_line(verdict.harness).partition(" ")
    driver: dict[str, Any] = {"name": "Roadworthy", "rules": [_rule(outcome) for outcome in verdict.outcomes]}
    if name.lower() == "roadworthy" and version:
        driver["version"] = version
    shown = [o for o in verdict.outcomes if o.status not in (Status.MET, Status.NOT_APPLICABLE)]
    return {
        "tool": {"driver": driver},
        "invocations": [{"exitCode": exit_code, "executionSuccessful": exit_code != 2, "endTimeUtc": verdict.as_of}],
        "automationDetails": {"id": one_line(f"roadworthy/{verdict.system}/{verdict.release}")},
        "columnKind": "unicodeCodePoints",
        "results": [_result(o, order[o.requirement], verdict, location) for o in shown],
        "properties": {
            "verdict": verdict.verdict.value,
            "verdictWords": VERDICT_WORDS[verdict.verdict],
            "tier": one_line(verdict.tier),
            "standard": one_line(verdict.standard),
            "standardDigest": verdict.standard_digest,
            "fingerprint": verdict.fingerprint,
            "lossy": LOSSY,
        },
    }


def _rule(outcome: Outcome) -> dict[str, Any]:
    help_text = f"{sentence(asked(outcome))} {sentence(outcome.next_step)}".strip()
    return {
        "id": outcome.requirement,
        "shortDescription": {"text": one_line(outcome.title) or outcome.requirement},
        "fullDescription": {"text": sentence(asked(outcome)) or outcome.requirement},
        "help": {"text": help_text or outcome.requirement},
        "defaultConfiguration": {"level": "warning" if outcome.obligation == "should" else "error"},
        "properties": {
            "tags": sorted({domain(outcome), outcome.control, outcome.shown_by, *map(one_line, outcome.maps)}),
            "obligation": outcome.obligation,
        },
    }


def _result(outcome: Outcome, place: int, verdict: Verdict, location: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": outcome.requirement,
        "ruleIndex": place,
        "kind": "fail",
        "level": "error" if holds(outcome) else "warning",
        "message": {"text": _message(outcome)},
        "locations": [location],
        "partialFingerprints": {"roadworthyRequirement/v1": f"{verdict.system}/{outcome.requirement}"},
        "properties": {"outcome": outcome.status.value, "evidence": list(outcome.evidence)},
    }
    if outcome.status is Status.WAIVED:
        why = one_line(outcome.reason) or "Waived by a signed exception"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
    return result


def _message(outcome: Outcome) -> str:
    lines = [f"{SIGNS[outcome.status].word}: {one_line(outcome.title)}. {sentence(outcome.reason)}"]
    lines += [_estimate(judged, outcome) for judged in wholes(outcome) if judged.label == "all"]
    found = parts(outcome)
    lines += [_estimate(judged, outcome) for judged in found[:MAX_PARTS]]
    if len(found) > MAX_PARTS:
        lines.append(f"{len(found) - MAX_PARTS:,} more slices in the report.")
    if outcome.next_step:
        lines.append(f"Next: {sentence(outcome.next_step)}")
    return _BRACKETS.sub(r"\\\1", "\n".join(lines))


def _estimate(judged: Judged, outcome: Outcome) -> str:
    value = estimate_with_bound(judged, outcome)
    return f"{SIGNS[judged.status].word}: {one_line(judged.label)}, {value}, {sample(judged)}."


def _location(verdict: Verdict, declaration: str, line: int) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(declaration), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line},
        },
        "logicalLocations": [{"name": one_line(verdict.system), "kind": "module"}],
    }
