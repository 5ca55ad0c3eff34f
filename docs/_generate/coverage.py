"""docs/coverage.md: which items of each framework the default standard reaches, and which it does not."""

from __future__ import annotations

from _generate.markdown import page, table
from roadworthy.standard.frameworks_index import FrameworkFile, load_frameworks
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Reference, RegulatoryRule, Standard

INTRODUCTION = """An item of a framework is covered here when at least one control, requirement or regulatory
rule is mapped to it. That says there is evidence *for* the item when the requirements are met. It does not say
that the item is fulfilled, nor that anybody complies with anything. Items without a control are gaps and are
listed as such. Ids and short titles are facts taken from the frameworks on the day shown; titles are in our own
words."""

Key = tuple[str, str, str]


def coverage_page() -> str:
    """Write the page."""
    mapped = _mapped(load_standard().standard)
    frameworks = load_frameworks()
    overview = table(
        ["framework", "version", "items", "covered", "gaps"],
        [_overview(file, mapped) for file in frameworks],
    )
    return page("Coverage of frameworks", INTRODUCTION, [overview, *(_framework(file, mapped) for file in frameworks)])


def _mapped(standard: Standard) -> dict[Key, list[str]]:
    mapped: dict[Key, list[str]] = {}
    owners = [
        *((f"[{control.id}](controls.md#{control.id.lower()})", control.maps) for control in standard.controls),
        *((f"[{item.id}](standard.md#{item.id})", item.maps) for item in standard.requirements),
        *((f"[rule {rule.id}](standard.md#regulatory-classes)", _of(rule)) for rule in standard.regulatory_rules),
    ]
    for owner, references in owners:
        for reference in references:
            mapped.setdefault((reference.framework, reference.version, reference.id), []).append(owner)
    return mapped


def _of(rule: RegulatoryRule) -> list[Reference]:
    return [rule.reference] if rule.reference else []


def _overview(file: FrameworkFile, mapped: dict[Key, list[str]]) -> tuple[str, str, str, str, str]:
    framework, items = file.framework, file.items
    covered = sum((framework.id, framework.version, item.id) in mapped for item in items)
    return framework.name, framework.version, str(len(items)), str(covered), str(len(items) - covered)


def _framework(file: FrameworkFile, mapped: dict[Key, list[str]]) -> str:
    framework = file.framework
    verified = "read from the source" if framework.verified else "not verified against the source"
    facts = f"`{framework.id}` `{framework.version}`, {framework.publisher}, {framework.licence}; {verified}, "
    rows, gaps = [], []
    for item in file.items:
        owners = mapped.get((framework.id, framework.version, item.id))
        if owners:
            rows.append((item.id, item.title, ", ".join(owners)))
        else:
            gaps.append(f"- {item.id}: {item.title}")
    missing = "\n".join(gaps) if gaps else "None."
    covered = table(["id", "title", "covered by"], rows) or "Nothing is mapped to this framework."
    parts = [f"## {framework.name} {framework.version}", f"{facts}{framework.retrieved}.", covered]
    return "\n\n".join([*parts, f"Gaps ({len(gaps)}):", missing])
