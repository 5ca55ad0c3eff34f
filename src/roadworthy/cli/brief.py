"""`roadworthy brief`: from a product brief to a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from roadworthy.cli.screen import print_line


def brief(
    file: Path,
    *,
    standard: Annotated[tuple[Path, ...], Parameter(name="--standard", negative="", show_default=False)] = (),
    drafter: Path | None = None,
    json: bool = False,
) -> int:
    """Draft tier, top risks, evaluation plan, mitigations, gates and signals from a brief of a page, in English.

    Rules read the brief and quote it; what it leaves open takes the stricter side and is asked.

    Parameters
    ----------
    file
        The brief, as plain text.
    standard
        Directory of a further layer of the standard; may be repeated.
    drafter
        A file that declares a model to read it second (target, sampling, seconds). What it suggests is marked and
        changes nothing.
    json
        Print JSON for programs.
    """
    from roadworthy.core.clock import now
    from roadworthy.documents.plan import plan_lines
    from roadworthy.project.briefing import open_drafter, plan_from_brief, read_brief_file
    from roadworthy.standard.load import load_standard

    second = open_drafter(drafter) if drafter else None
    plan = plan_from_brief(read_brief_file(file), load_standard(standard), now(), second)
    print_line(plan.model_dump_json(indent=2) if json else "\n".join(plan_lines(plan)))
    return 0
