"""Policy tests: example systems with the tier and the requirements that a standard must give them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from roadworthy.assess.tier import tier_system
from roadworthy.core.clock import now
from roadworthy.core.errors import InputError, Place
from roadworthy.core.model import FileModel, read_model
from roadworthy.core.names import did_you_mean
from roadworthy.decide.applicability import Applicability, applicable_requirements
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Tier


class Expectation(FileModel):
    """What the standard must say of the example."""

    tier: Tier
    rules: list[str] = []
    """Tier rules that must fire."""
    regulatory: list[str] = []
    """Regulatory rules that must fire."""
    requires: list[str] = []
    """Requirements that must apply."""
    not_required: list[str] = []
    """Requirements that must not apply."""


class PolicyTest(FileModel):
    """One file of a standard's `tests/`."""

    test: str
    why: str
    as_of: date | None = None
    """The day of the test; today when absent."""
    system: System
    expect: Expectation


@dataclass(frozen=True)
class PolicyResult:
    """How one policy test went."""

    test: str
    file: Path
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Tell whether everything expected was so."""
        return not self.failures


def load_policy_tests(directory: Path) -> list[tuple[Path, PolicyTest]]:
    """Load every test of a layer; raises InputError when there is none, since no test is not a pass."""
    files = sorted((directory / "tests").glob("*.yaml"))
    if not files:
        raise InputError(
            "this standard has no policy tests",
            place=Place(directory / "tests"),
            remedy="Write one file per example system: test, why, system, expect.",
        )
    return [(path, read_model(PolicyTest, path)) for path in files]


def run_policy_tests(loaded: LoadedStandard, directory: Path) -> list[PolicyResult]:
    """Run the policy tests that lie beside a standard."""
    return [
        PolicyResult(test.test, path, tuple(_failures(test, loaded))) for path, test in load_policy_tests(directory)
    ]


def _failures(test: PolicyTest, loaded: LoadedStandard) -> list[str]:
    as_of = datetime.combine(test.as_of, time(), UTC) if test.as_of else now()
    tiering = tier_system(test.system, loaded)
    expect = test.expect
    failures = []
    if tiering.tier is not expect.tier:
        fired = ", ".join(finding.rule for finding in tiering.because)
        failures.append(f"tier is {tiering.tier}, expected {expect.tier} (rules that fired: {fired})")
    for name, expected, fired_rules in (
        ("tier rule", expect.rules, {finding.rule for finding in tiering.because}),
        ("regulatory rule", expect.regulatory, {finding.rule for finding in tiering.regulatory}),
    ):
        failures += [f"{name} {rule!r} did not fire" for rule in expected if rule not in fired_rules]
    judged = applicable_requirements(test.system, loaded, tiering.tier, as_of)
    return failures + _requirement_failures(expect, judged)


def _requirement_failures(expect: Expectation, judged: list[Applicability]) -> list[str]:
    applies = {item.requirement.id: item.applies for item in judged}
    reasons = {item.requirement.id: item.reason for item in judged}
    failures = [
        f"unknown requirement {name!r}. {did_you_mean(name, applies)}"
        for name in [*expect.requires, *expect.not_required]
        if name not in applies
    ]
    failures += [
        f"requirement {name!r} should apply: {reasons[name]}"
        for name in expect.requires
        if name in applies and not applies[name]
    ]
    failures += [f"requirement {name!r} should not apply" for name in expect.not_required if applies.get(name)]
    return failures
