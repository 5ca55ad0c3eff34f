"""`roadworthy requirements`: what must be true before you ship."""

from __future__ import annotations

from pathlib import Path

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line, show


def requirements(*, where: Where = HERE, html: Path | None = None, markdown: Path | None = None) -> int:
    """Show what must be true before this very system ships, with today's outcome of each.

    Parameters
    ----------
    html
        Write the page as HTML to this file.
    markdown
        Write the page as Markdown to this file.
    """
    from roadworthy.core.files import write_atomically
    from roadworthy.documents import requirements_page as page
    from roadworthy.project.gate import judge_project

    verdict = judge_project(where.open())
    show(page.requirements_terminal(verdict))
    for path, render in ((html, page.render_requirements_html), (markdown, page.render_requirements_markdown)):
        if path:
            write_atomically(path, render(verdict).encode())
            print_line(f"Written: {path}")
    return 0
