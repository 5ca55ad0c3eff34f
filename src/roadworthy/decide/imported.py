"""What a measurement that another tool made may show, given what its log does not hold (docs/peers.md)."""

from __future__ import annotations

from roadworthy.decide.freshness import Doubt
from roadworthy.decide.outcome import Status
from roadworthy.declare.system import System
from roadworthy.evaluate.imported import UNRECORDED
from roadworthy.evidence.predicate import Source
from roadworthy.standard.model import Expiry, Tier

STRICT = frozenset({Tier.HIGH, Tier.PROHIBITED})
"""Tiers at which nothing that weighs may be lacking."""
_WEIGHS = {
    "model": "which model answered",
    "judge": "which model judged the answers",
    "calibration": "how often the model that judged the answers errs",
    "plan": "how many samples were planned",
    "errors": "which samples failed",
    "time": "when it was run",
    "version": "which version of the tool was used",
}
"""What is lacking -> what the log does not say, where that can turn a verdict. Clusters are stated, and do not."""
_ANOTHER = "Import a log that says so, or let Roadworthy ask the system itself."
_STATE_ERROR = "Say in the suite how often the judge errs, under 'target:': known_error."


def doubt_about_source(source: Source | None, system: System, tier: Tier, expiry: Expiry) -> Doubt | None:
    """Say why an imported measurement cannot be relied upon; None when it can, or when it is our own.

    The model must be one that the system declares, at every tier. What has no date is never younger than an expiry.
    """
    if source is None:
        return None
    declared = {model.id for model in system.models}
    strangers = [model.name for model in source.models if model.declared not in declared]
    if strangers or not source.models:
        return Doubt(Status.NOT_SHOWN, _strange(source, strangers, system), _name_it(strangers, system))
    if "time" in source.lacking and expiry.days is not None:
        return Doubt(Status.NOT_SHOWN, "The log does not say when it was run, and this evidence expires.", _ANOTHER)
    missing = {lack: words for lack, words in _WEIGHS.items() if lack in source.lacking}
    if tier in STRICT and missing:
        reason = f"The log does not say {_listed(list(missing.values()))}; at tier {tier} it must."
        return Doubt(Status.NOT_SHOWN, reason, _STATE_ERROR if set(missing) == {"calibration"} else _ANOTHER)
    return None


def _strange(source: Source, strangers: list[str], system: System) -> str:
    known = ", ".join(model.name for model in system.models) or "none"
    if "model" in source.lacking:
        return f"The log does not say which model answered; the system declares {known}."
    return f"The log is of the model {', '.join(strangers)}; the system declares {known}."


def _name_it(strangers: list[str], system: System) -> str:
    """Say how the suite states which declared model a log means."""
    names = ", ".join(f"{name}: ID" for name in strangers or [UNRECORDED])
    known = " or ".join(model.id for model in system.models)
    return (
        f"If it is one of them, say so in the suite, under 'target:': models: {{{names}}}, where ID is {known}; "
        "a log of another model shows nothing."
    )


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
