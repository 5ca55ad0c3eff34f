"""Roadworthy: decide, with evidence, whether an AI feature may ship.

    import roadworthy

    project = roadworthy.Project.open("my-system")
    roadworthy.evaluate(project)
    result = roadworthy.gate(project, "out")
    print(result.verdict.verdict, result.verdict.reasons)

The names are those of the command line. Heavy parts are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from roadworthy.core.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from roadworthy.assess.tier import Tiering as Tiering
    from roadworthy.assess.tier import tier_system as tier
    from roadworthy.core.errors import RoadworthyError as RoadworthyError
    from roadworthy.decide.outcome import Outcome as Outcome
    from roadworthy.decide.outcome import Status as Status
    from roadworthy.decide.outcome import Verdict as Verdict
    from roadworthy.decide.outcome import VerdictKind as VerdictKind
    from roadworthy.decide.replay import replay as verify
    from roadworthy.declare.system import System as System
    from roadworthy.project.evaluation import evaluate_project as evaluate
    from roadworthy.project.gate import judge_project as judge
    from roadworthy.project.gate import run_gate as gate
    from roadworthy.project.project import Project as Project
    from roadworthy.standard.load import load_standard as load_standard

_PUBLIC = {
    "Outcome": "roadworthy.decide.outcome:Outcome",
    "Project": "roadworthy.project.project:Project",
    "RoadworthyError": "roadworthy.core.errors:RoadworthyError",
    "Status": "roadworthy.decide.outcome:Status",
    "System": "roadworthy.declare.system:System",
    "Tiering": "roadworthy.assess.tier:Tiering",
    "Verdict": "roadworthy.decide.outcome:Verdict",
    "VerdictKind": "roadworthy.decide.outcome:VerdictKind",
    "evaluate": "roadworthy.project.evaluation:evaluate_project",
    "gate": "roadworthy.project.gate:run_gate",
    "judge": "roadworthy.project.gate:judge_project",
    "load_standard": "roadworthy.standard.load:load_standard",
    "tier": "roadworthy.assess.tier:tier_system",
    "verify": "roadworthy.decide.replay:replay",
}
__all__ = ["Outcome", "Project", "RoadworthyError", "Status", "System", "Tiering", "Verdict", "VerdictKind", "evaluate"]
__all__ += ["gate", "judge", "load_standard", "tier", "verify"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'roadworthy' has no attribute {name!r}")
    module, attribute = _PUBLIC[name].split(":")
    return getattr(importlib.import_module(module), attribute)
