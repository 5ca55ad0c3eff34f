"""The judge: a pure function from a dossier to a verdict. The gate and the replay both call it."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from roadworthy.core.clock import format_time
from roadworthy.core.digests import canonical_json, sha256_json
from roadworthy.core.errors import InputError
from roadworthy.core.version import VERSION
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.decide.attestation import find_waiver, judge_attestation
from roadworthy.decide.coverage import judge_coverage
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.measurement import judge_measurement
from roadworthy.decide.outcome import Outcome, Status, Verdict
from roadworthy.decide.shown import Shown, outcome_of
from roadworthy.decide.tier_override import settle_tier
from roadworthy.decide.verdict import SHORTFALLS, decide, holds
from roadworthy.standard.model import Requirement, ShownBy, Tier
from roadworthy.standard.predicate import system_facts

FORMAT = 1


def judge(dossier: Dossier) -> Verdict:
    """Judge every requirement and give the verdict; the same dossier gives the same bytes.

    Raises InputError when no requirement applies or the standard names a metric that does not exist.
    """
    tiering = settle_tier(dossier)
    judged = applicable_requirements(dossier.system, dossier.loaded, tiering.tier, dossier.as_of)
    outcomes = [
        (
            _judge_one(item.requirement, tiering.tier, dossier)
            if item.applies
            else outcome_of(item.requirement, tiering.tier, Shown(Status.NOT_APPLICABLE, item.reason))
        )
        for item in judged
        if item.requirement.shown_by is not ShownBy.COVERAGE or not item.applies
    ]
    outcomes += [
        judge_coverage(item.requirement, tiering.tier, outcomes)
        for item in judged
        if item.requirement.shown_by is ShownBy.COVERAGE and item.applies
    ]
    waived = tuple(_waive(outcome, tiering.tier, dossier) for outcome in outcomes)
    outcomes = [msgspec.structs.replace(outcome, holds=holds(outcome, waived)) for outcome in waived]
    kind, reasons, conditions = decide(tiering.tier, tuple(outcomes))
    return Verdict(
        format=FORMAT,
        system=dossier.system.system,
        title=dossier.system.title or dossier.system.system,
        release=dossier.system.release,
        fingerprint=sha256_json(dict(dossier.fingerprint)),
        tier=str(tiering.tier),
        tier_because=tiering.because,
        regulatory=tiering.regulatory,
        standard=dossier.loaded.name,
        standard_digest=dossier.loaded.digest,
        as_of=format_time(dossier.as_of),
        verdict=kind,
        reasons=reasons,
        conditions=conditions,
        outcomes=tuple(outcomes),
        not_tested=_not_tested(outcomes, {item.requirement.id for item in judged if item.applies}, dossier),
        changes=dossier.changes,
        harness=f"roadworthy {VERSION}",
    )


def verdict_bytes(verdict: Verdict) -> bytes:
    """Write a verdict as canonical JSON (RFC 8785): what is sealed and compared."""
    return canonical_json(msgspec.to_builtins(verdict))


def read_verdict(data: bytes) -> Verdict:
    """Read a verdict back; raises InputError when it is not one."""
    try:
        return msgspec.json.decode(data, type=Verdict)
    except msgspec.MsgspecError as error:
        raise InputError(
            f"this is not a verdict: {error}", remedy="Make the bundle anew with 'roadworthy gate'."
        ) from error


def _judge_one(requirement: Requirement, tier: Tier, dossier: Dossier) -> Outcome:
    match requirement.shown_by:
        case ShownBy.MEASUREMENT:
            shown = judge_measurement(requirement, tier, dossier)
        case ShownBy.DECLARATION | ShownBy.MONITOR:
            shown = _judge_declared(requirement, dossier)
        case _:
            shown = judge_attestation(requirement, dossier)
            if shown.status is not Status.MET:
                shown = replace(shown, next_step=_remedy(requirement, f"Run 'roadworthy attest {requirement.id}'."))
    return outcome_of(requirement, tier, shown)


def _judge_declared(requirement: Requirement, dossier: Dossier) -> Shown:
    predicate = dossier.loaded.predicates[str(requirement.declared)]
    facts = system_facts(dossier.system)
    read = "; ".join(f"{path}: {value}" for path, value in predicate.facts_read(facts).items())
    step = _remedy(requirement, "Complete roadworthy.yaml.")
    try:
        held = predicate.holds(facts)
    except InputError as error:
        return Shown(Status.NOT_SHOWN, f"{error.problem}.", step)
    if held:
        return Shown(Status.MET, f"Declared ({read}).")
    status = Status.NOT_SHOWN if requirement.shown_by is ShownBy.MONITOR else Status.NOT_MET
    return Shown(status, f"The declaration does not show it ({read}).", step)


def _waive(outcome: Outcome, tier: Tier, dossier: Dossier) -> Outcome:
    if outcome.status not in SHORTFALLS:
        return outcome
    requirement = next(r for r in dossier.loaded.standard.requirements if r.id == outcome.requirement)
    digest, words = find_waiver(requirement, tier, dossier)
    if digest:
        reason = f"{words} Without the exception: {outcome.status}. {outcome.reason}"
        return msgspec.structs.replace(outcome, status=Status.WAIVED, reason=reason, waiver=digest)
    return msgspec.structs.replace(outcome, reason=f"{outcome.reason} {words}") if words else outcome


def _not_tested(outcomes: list[Outcome], applicable: set[str], dossier: Dossier) -> tuple[str, ...]:
    """Say what no number stands for, and why: also what applies, but had no shipped release to compare with."""
    missing = [
        f"{outcome.title}: {outcome.reason}"
        for outcome in outcomes
        if outcome.shown_by == ShownBy.MEASUREMENT
        and (
            outcome.status in {Status.NOT_SHOWN, Status.STALE}
            or (outcome.status is Status.NOT_APPLICABLE and outcome.requirement in applicable and not outcome.judged)
        )
    ]
    small = [
        f"{outcome.title}, {judged.label}: {judged.reason}"
        for outcome in outcomes
        for judged in outcome.judged
        if judged.status is Status.NOT_APPLICABLE
    ]
    gone = [
        f"Suite {suite}: it was measured before, and is no longer declared in evals/."
        for suite in dossier.retired_suites
    ]
    return tuple(missing + small + gone)


def _remedy(requirement: Requirement, otherwise: str) -> str:
    return requirement.remedy or otherwise
