"""`roadworthy requirements`: what must be true before you ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line, show


def requirements(
    where: Where = HERE,
    *,
    all_: Annotated[bool, Parameter(name="--all")] = False,
    html: Path | None = None,
    markdown: Path | None = None,
) -> int:
    """Show what must be true before this very system ships, with today's outcome of each.

    Parameters
    ----------
    all_
        Show also what does not apply, with the reason.
    html
        Write the page as HTML to this file.
    markdown
        Write the page as Markdown to this file.
    """
    from roadworthy.core.files import write_atomically
    from roadworthy.documents.requirements_page import as_html, as_markdown, as_terminal
    from roadworthy.project.gate import judge_project

    verdict = judge_project(where.open())
    show(as_terminal(verdict, everything=all_))
    for path, write in ((html, as_html), (markdown, as_markdown)):
        if path:
            write_atomically(path, write(verdict).encode())
            print_line(f"Written: {path}")
    return 0
