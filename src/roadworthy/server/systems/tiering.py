"""The tier of a declaration under the standard in force, as rows keep it."""

from __future__ import annotations

from typing import Any

import msgspec

from roadworthy.assess.tier import Tiering, tier_system
from roadworthy.declare.system import System as Declaration
from roadworthy.standard.load import LoadedStandard


def tiering_value(tiering: Tiering, loaded: LoadedStandard) -> dict[str, Any]:
    """Return a tiering as JSON: rules that fired, with facts, and the standard they belong to."""
    return {
        "tier": str(tiering.tier),
        "standard": loaded.name,
        "digest": loaded.digest,
        "because": [msgspec.to_builtins(finding) for finding in tiering.because],
        "regulatory": [msgspec.to_builtins(finding) for finding in tiering.regulatory],
    }


def tier_now(declaration: Declaration, loaded: LoadedStandard) -> tuple[str, dict[str, Any]]:
    """Return the tier by the rules, and why."""
    tiering = tier_system(declaration, loaded)
    return str(tiering.tier), tiering_value(tiering, loaded)
