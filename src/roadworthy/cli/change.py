"""`roadworthy change`: what differs between two versions."""

from __future__ import annotations

from pathlib import Path

from roadworthy.cli.screen import print_line


def change(old: Path, new: Path = Path(".")) -> int:
    """Say what differs and which kinds of change that is: model, data, prompt, tool, region, segment, guard.

    Parameters
    ----------
    old
        A project directory, or the bundle of the last shipped release.
    new
        A project directory, or a bundle.
    """
    from roadworthy.declare.change import assessment_owed, compare_systems
    from roadworthy.project.baseline import read_baseline

    before, after = read_baseline(old), read_baseline(new)
    differences = compare_systems(before.system, after.system, dict(before.fingerprint), dict(after.fingerprint))
    if not differences:
        print_line(f"Nothing differs between release {before.system.release} and {after.system.release}.")
        return 0
    for difference in differences:
        print_line(f"{difference.kind:<9} {difference.what}")
    owed = assessment_owed(differences)
    print_line("A fresh assessment is owed." if owed else "No fresh assessment is owed by these changes.")
    return 0
