"""docs/controls.md: the controls with the frameworks that each is evidence for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from _generate.markdown import page, table
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Control, Standard

INTRODUCTION = """A control is something that an organisation does to keep the risk of its AI systems down, in
our own words and apart from any framework. Each is mapped to places in frameworks by (framework, version, id):
what shows the control is evidence for those places. [coverage.md](coverage.md) reads the same table from the
other side."""


def controls_page() -> str:
    """Write the page."""
    standard = load_standard().standard
    return page("Controls of the default standard", INTRODUCTION, _domains(standard))


def _domains(standard: Standard) -> Iterator[str]:
    shown = {
        control.id: [r.id for r in standard.requirements if r.control == control.id] for control in standard.controls
    }
    for domain, controls in groupby(standard.controls, key=lambda control: control.domain):
        yield "\n\n".join(
            [f"## {domain.capitalize()}", *(_control(control, shown[control.id]) for control in controls)]
        )


def _control(control: Control, requirements: list[str]) -> str:
    titles = known_references()
    rows = [
        (
            reference.framework,
            reference.version,
            reference.id,
            titles[reference.framework, reference.version][reference.id],
        )
        for reference in control.maps
    ]
    links = ", ".join(f"[{name}](standard.md#{name})" for name in requirements)
    shown = f"Shown by {links}." if links else "No requirement of the default standard shows it yet."
    parts = [f"### {control.id}", f"{control.title}. {control.statement}", shown]
    return "\n\n".join([*parts, table(["framework", "version", "id", "title"], rows)])
