"""`roadworthy check`: validate every file of a project."""

from __future__ import annotations

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line


def check(*, where: Where = HERE) -> int:
    """Validate roadworthy.yaml, evals/, attestations/, exceptions/ and the standard.

    Every problem is shown with file, line, cause and the nearest known key. Exits 2 when there is one.
    """
    project = where.open()
    project.check()
    system = project.system
    print_line(f"roadworthy.yaml   {system.system}, release {system.release}, {system.kind}")
    print_line(f"standard          {project.loaded.name}, {len(project.loaded.standard.requirements)} requirements")
    print_line(f"tier              {project.tiering.tier}")
    for suite in project.suites:
        print_line(f"suite             {suite.suite}: {', '.join(suite.metrics)}")
    if not project.suites:
        print_line("suites            none yet; write evals/<name>.yaml, or run 'roadworthy init' for a first one")
    print_line("Every file is valid.")
    return 0
