"""Build a declared system from settled facts; what a brief never says stands as 'not stated'."""

from __future__ import annotations

import re
from typing import Any

from roadworthy.assess.open_fact import NOT_STATED, Facts
from roadworthy.declare.system import System


def build_system(facts: Facts, title: str | None, purpose: str) -> System:
    """Build the declaration; every open fact must have been filled."""
    return System.model_validate(
        {
            "system": _slug(title or purpose),
            "release": "draft",
            "title": title,
            "kind": facts["kind"],
            "purpose": purpose,
            "owner": {"team": NOT_STATED, "contact": NOT_STATED},
            "domain": facts["domain"],
            "users": _section(facts, "users"),
            "decision": _section(facts, "decision"),
            "exposure": _section(facts, "exposure"),
            "autonomy": facts["autonomy"],
            "regions": facts["regions"],
            "practices": facts.get("practices", []),
            "models": _models(facts["models"]),
            "tools": [_tool(tool, facts) for tool in facts["tools"]],
            "data": _data(facts),
            "monitors": [{"id": signal, "signal": signal} for signal in facts.get("monitors", [])],
        }
    )


def _section(facts: Facts, name: str) -> Facts:
    return {key.removeprefix(f"{name}."): value for key, value in facts.items() if key.startswith(f"{name}.")}


def _tool(written: str, facts: Facts) -> dict[str, Any]:
    id_, _, effect = written.partition(":")
    if effect == "read":
        return {"id": id_, "effect": effect}
    return {"id": id_, "effect": effect, "approval": facts["tools.approval"], "reversible": facts["tools.reversible"]}


def _data(facts: Facts) -> list[dict[str, Any]]:
    uses = dict.fromkeys(["input", *facts.get("data.use", [])])
    return [
        {
            "id": use,
            "use": use,
            "personal": facts["data.personal"],
            "special_category": facts["data.special_category"],
            "untrusted": facts["data.untrusted"] and use == "input",
        }
        for use in uses
    ]


def _models(written: list[str]) -> list[dict[str, Any]]:
    if not written:
        return [{"id": "main", "provider": NOT_STATED, "name": NOT_STATED}]
    named = list(dict.fromkeys((*model.split(":", 1),) for model in written))
    models = [(provider, name) for provider, name in named if name.lower() != provider]
    vendors = [(provider, name) for provider, name in named if provider not in {maker for maker, _ in models}]
    return [
        {"id": f"model-{number}", "provider": provider, "name": name}
        for number, (provider, name) in enumerate([*models, *vendors], 1)
    ]


def _slug(text: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return "-".join(words.split("-")[:6])[:60].strip("-") or "draft"
