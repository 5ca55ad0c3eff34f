"""`roadworthy tier`: the tier and the regulatory classes, with reasons."""

from __future__ import annotations

import json as json_module

import msgspec

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line, show


def tier(*, where: Where = HERE, json: bool = False) -> int:
    """Show the tier and regulatory class of the system, each with the declared facts that led to it.

    Parameters
    ----------
    json
        Print JSON for programs.
    """
    from roadworthy.documents.terminal import tier_panel
    from roadworthy.project.gate import tier_project

    project = where.open()
    tiering = tier_project(project)
    if json:
        value = {
            "system": project.system.system,
            "tier": str(tiering.tier),
            "because": msgspec.to_builtins(tiering.because),
            "regulatory": msgspec.to_builtins(tiering.regulatory),
        }
        print_line(json_module.dumps(value, indent=2))
        return 0
    print_line(f"{project.system.title or project.system.system}, by {project.loaded.name}")
    show(tier_panel(str(tiering.tier), tiering.because, tiering.regulatory))
    return 0
