"""What must be true before a system ships, as a checklist in Markdown."""

from __future__ import annotations

from roadworthy.documents.markdown import code, escape
from roadworthy.server.systems.ship_list import Asked, ShipList


def render_ship_list(found: ShipList, title: str) -> str:
    """Write one box for each requirement, by domain."""
    lines = [
        f"# What must be true before you ship: {escape(title)}",
        "",
        f"Tier {escape(found.tier)}, {escape(found.standard)}. {len(found.asked)} requirements.",
    ]
    for group, asked in found.groups:
        lines += ["", f"## {escape(group)}", ""]
        for one in asked:
            lines += _box(one)
    return "\n".join(lines) + "\n"


def _box(one: Asked) -> list[str]:
    should = "" if one.must else " (should)"
    told = [
        f"- [ ] **{escape(one.title)}**{should}. {code(one.id)}",
        f"  - Why: {escape(one.because)} {escape(one.applies)}",
        f"  - Shown by {escape(one.shown_by)}: {escape(one.how)}",
    ]
    told += [f"  - To do: {escape(one.remedy)}"] if one.remedy else []
    return told + ([f"  - {escape(one.expires)}"] if one.expires else [])
