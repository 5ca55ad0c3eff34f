"""`roadworthy gate`: judge, write what others need, and exit with the verdict."""

from __future__ import annotations

from pathlib import Path

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line, show


def gate(*, where: Where = HERE, out: Path = Path("out"), key: Path | None = None, against: Path | None = None) -> int:
    """Judge every requirement and give the verdict.

    Writes bundle.zip, report.html, summary.md, checklist.md, junit.xml, results.sarif and verdict.json.

    Exits 0 to ship (also with conditions), 1 when something is not met, 3 when something is inconclusive, stale or not
    shown, 2 when the input cannot be read.

    Parameters
    ----------
    out
        Directory for what is written.
    key
        Private key to sign with; default: the environment, else the key made on first use.
    against
        Bundle of the last shipped release, to say what changed.
    """
    from roadworthy.decide.verdict import exit_code
    from roadworthy.documents.terminal import steps, verdict_panel
    from roadworthy.project.gate import run_gate

    result = run_gate(where.open(), out, key=key, against=against)
    verdict = result.verdict
    show(verdict_panel(verdict), steps(verdict.outcomes))
    print_line()
    for name, path in result.files.items():
        print_line(f"{name:<11}{path}")
    print_line(f"Verify it anywhere: roadworthy verify {result.files['bundle']} --trust {result.key_id}")
    return exit_code(verdict.verdict, verdict.tier, verdict.outcomes)
