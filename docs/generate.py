"""Write the generated pages of docs/, or tell which of them are out of date.

    python docs/generate.py [--check]

With `--check` nothing is written; the exit code is 1 when a page differs from what the program says.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from _generate.access import access_page
from _generate.benchmarks import benchmarks_page
from _generate.commands import commands_page
from _generate.configuration import configuration_page
from _generate.controls import controls_page
from _generate.coverage import coverage_page
from _generate.interval_coverage import interval_coverage_page
from _generate.keys import keys_page
from _generate.kpis import kpis_page
from _generate.metrics import metrics_page
from _generate.scenarios import scenarios_page
from _generate.standard import standard_page

DOCS = Path(__file__).resolve().parent
PAGES: dict[str, Callable[[], str]] = {
    "access.md": access_page,
    "benchmarks.md": benchmarks_page,
    "commands.md": commands_page,
    "configuration.md": configuration_page,
    "controls.md": controls_page,
    "coverage.md": coverage_page,
    "interval-coverage.md": interval_coverage_page,
    "keys.md": keys_page,
    "kpis.md": kpis_page,
    "metrics.md": metrics_page,
    "scenarios.md": scenarios_page,
    "standard.md": standard_page,
}


def stale_pages() -> list[str]:
    """List the pages that differ from what the program says."""
    return [name for name, write in PAGES.items() if _read(DOCS / name) != write()]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Write the pages, or check them."""
    stale = stale_pages()
    if "--check" in arguments:
        sys.stdout.write("".join(f"docs/{name} is out of date; run 'make docs'\n" for name in stale))
        return int(bool(stale))
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")
        sys.stdout.write(f"written  docs/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
