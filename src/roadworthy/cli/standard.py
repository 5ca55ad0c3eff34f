"""`roadworthy standard`: show, check, test and compare standards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.screen import print_line
from roadworthy.cli.screen import show as show_on_screen
from roadworthy.standard.load import DEFAULT, LoadedStandard, load_standard
from roadworthy.standard.model import Standard

Layers = Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)]


def show(*layers: Path, requirement: str | None = None, json: bool = False) -> int:
    """Show the default standard, or it with layers over it.

    Parameters
    ----------
    layers
        Directories of layers, lowest first.
    requirement
        Show this requirement in full.
    json
        Print the whole standard as JSON.
    """
    import json as json_module

    from roadworthy.core.errors import InputError
    from roadworthy.core.names import did_you_mean
    from roadworthy.standard.load import standard_value

    loaded = load_standard(layers)
    value = standard_value(loaded.standard)
    if requirement is not None:
        found = {item["id"]: item for item in value["requirements"]}
        if requirement not in found:
            raise InputError(f"there is no requirement {requirement!r}", remedy=did_you_mean(requirement, found))
        print_line(json_module.dumps(found[requirement], indent=2))
    elif json:
        print_line(json_module.dumps(value, indent=2))
    else:
        _overview(loaded)
    return 0


def check(*layers: Path) -> int:
    """Validate a standard: files, ids, controls, roles, predicates, framework references and metrics.

    Parameters
    ----------
    layers
        Directories of layers over the default, lowest first; none checks the default itself.
    """
    from roadworthy.decide.standard_check import check_metrics

    loaded = load_standard(layers)
    check_metrics(loaded)
    counts = _counts(loaded.standard)
    print_line(f"{loaded.name} is valid: {counts}. Digest {loaded.digest[:12]}.")
    return 0


def test(*layers: Path) -> int:
    """Run the policy tests that lie beside the highest layer (its directory tests/).

    Exits 1 when a test fails.

    Parameters
    ----------
    layers
        Directories of layers over the default, lowest first; none tests the default itself.
    """
    from roadworthy.decide.policy_test import run_policy_tests

    loaded = load_standard(layers)
    results = run_policy_tests(loaded, layers[-1] if layers else DEFAULT)
    for result in results:
        print_line(f"{'pass' if result.passed else 'FAIL'}  {result.test}")
        for failure in result.failures:
            print_line(f"      {result.file}: {failure}")
    failed = sum(not result.passed for result in results)
    print_line(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


def diff(old: Path, new: Path, *, system: Layers = ()) -> int:
    """Show what a change of the standard means: items that differ, and what that changes for given systems.

    Parameters
    ----------
    old
        A layer directory over the default, 'default' for the default itself, or a bundle (for the standard in it).
    new
        The same, for the changed standard.
    system
        Project directories of systems to show the impact on; may be repeated.
    """
    from roadworthy.core.clock import now
    from roadworthy.decide.standard_diff import compare_standards, impact_on
    from roadworthy.declare.load import load_system

    before, after = _named(old), _named(new)
    changes = compare_standards(before, after)
    for change in changes:
        print_line(f"{change.section.removesuffix('s').replace('_', ' '):<16} {change.id}")
        for what in change.what:
            print_line(f"                 {what}")
    print_line(f"{len(changes)} differences from {before.name} to {after.name}.")
    for directory in system:
        impact = impact_on(load_system(directory), before, after, now())
        same = impact.tier[0] == impact.tier[1]
        print_line(f"{impact.system}: tier {impact.tier[0] if same else ' -> '.join(impact.tier)}")
        for word, names in (
            ("newly required", impact.added),
            ("no longer", impact.removed),
            ("changed", impact.changed),
        ):
            if names:
                print_line(f"  {word}: {', '.join(names)}")
    return 0


def _named(path: Path) -> LoadedStandard:
    if str(path) == "default":
        return load_standard()
    if path.is_dir():
        return load_standard([path])
    from roadworthy.decide.release_bundle import read_standard
    from roadworthy.evidence.bundle import read_bundle
    from roadworthy.evidence.trust import TrustedKeys

    return read_standard(read_bundle(path, TrustedKeys.load(), accept_untrusted=True))


def _counts(standard: Standard) -> str:
    return (
        f"{len(standard.tier_rules)} tier rules, {len(standard.regulatory_rules)} regulatory rules, "
        f"{len(standard.controls)} controls, {len(standard.requirements)} requirements"
    )


def _overview(loaded: LoadedStandard) -> None:
    from rich.table import Table

    standard = loaded.standard
    print_line(f"{standard.title}, {loaded.name}: {_counts(standard)}")
    print_line(f"Layers: {', '.join(standard.layers)}. Digest {loaded.digest[:12]}.")
    table = Table(box=None, header_style="bold")
    for heading in ("Requirement", "Control", "Shown by", "Tiers", "Title"):
        table.add_column(heading, overflow="fold")
    for requirement in standard.requirements:
        tiers = ", ".join(str(tier) for tier in (requirement.criterion or requirement.tiers))
        table.add_row(requirement.id, requirement.control, str(requirement.shown_by), tiers, requirement.title)
    show_on_screen(table)
