"""Systems that the libraries are tried on: those of the standard's own policy tests, and some that these lack."""

from __future__ import annotations

import functools
from typing import Any

from roadworthy.core.yaml_file import load_yaml
from roadworthy.declare.system import System
from roadworthy.standard.load import DEFAULT

QUIET: dict[str, Any] = {
    "system": "quiet-tagger",
    "kind": "classifier",
    "purpose": "Sorts photos of screws by size.",
    "excluded_use": ["anything else"],
    "owner": {"team": "Stock", "contact": "stock@example.org"},
    "users": {"who": ["storekeepers"], "monthly": 10, "internal_only": True},
    "regions": ["CH"],
    "models": [{"id": "main", "provider": "self-hosted", "name": "screws", "version": "1", "digest": "0" * 64}],
    "monitors": [{"id": "drift", "signal": "drift"}],
}
"""As little as a system can be: few scenarios concern it."""

FURTHER: dict[str, dict[str, Any]] = {
    "quiet": {},
    "face-gate": {
        "domain": "biometrics",
        "practices": ["emotion-recognition"],
        "decision": {"about_people": True, "influence": "decides"},
        "data": [{"id": "faces", "use": "evaluation", "personal": True}],
    },
    "loan-chat": {
        "kind": "assistant",
        "domain": "credit",
        "users": {"who": ["borrowers"], "monthly": 2_000_000},
        "exposure": {"public": True, "generates": ["text"]},
        "data": [
            {"id": "kb", "use": "retrieval", "untrusted": True},
            {"id": "letters", "use": "tuning", "personal": True},
        ],
    },
}


def quiet(**changes: Any) -> System:
    """Declare the quiet system with changes."""
    return System.model_validate({**QUIET, **changes})


@functools.cache
def systems() -> dict[str, System]:
    """Return every system by name."""
    published = {
        path.stem: System.model_validate(load_yaml(path).value["system"])
        for path in sorted((DEFAULT / "tests").glob("*.yaml"))
    }
    return published | {name: quiet(**changes) for name, changes in FURTHER.items()}
