"""docs/coverage.md: which items of each framework the default standard reaches, and which it does not."""

from __future__ import annotations

from _generate.markdown import page, table
from roadworthy.standard.coverage import Covered, FrameworkCoverage, Owner, OwnerKind, coverage_of
from roadworthy.standard.load import load_standard

INTRODUCTION = """An item of a framework is covered here when at least one control, requirement or regulatory
rule is mapped to it. That says there is evidence *for* the item when the requirements are met. It does not say
that the item is fulfilled, nor that anybody complies with anything. Items without a control are gaps and are
listed as such. Ids and short titles are facts taken from the frameworks on the day shown; titles are in our own
words."""


def coverage_page() -> str:
    """Write the page."""
    frameworks = coverage_of(load_standard().standard)
    overview = table(
        ["framework", "version", "items", "covered", "gaps"],
        [_overview(framework) for framework in frameworks],
    )
    return page("Coverage of frameworks", INTRODUCTION, [overview, *map(_framework, frameworks)])


def _overview(found: FrameworkCoverage) -> tuple[str, str, str, str, str]:
    about = found.framework
    return about.name, about.version, str(len(found.items)), str(len(found.covered)), str(len(found.gaps))


def _framework(found: FrameworkCoverage) -> str:
    framework = found.framework
    verified = "read from the source" if framework.verified else "not verified against the source"
    facts = f"`{framework.id}` `{framework.version}`, {framework.publisher}, {framework.licence}; {verified}, "
    rows = [_row(covered) for covered in found.covered]
    missing = "\n".join(f"- {gap.item.id}: {gap.item.title}" for gap in found.gaps) or "None."
    covered = table(["id", "title", "covered by"], rows) or "Nothing is mapped to this framework."
    parts = [f"## {framework.name} {framework.version}", f"{facts}{framework.retrieved}.", covered]
    return "\n\n".join([*parts, f"Gaps ({len(found.gaps)}):", missing])


def _row(covered: Covered) -> tuple[str, str, str]:
    return covered.item.id, covered.item.title, ", ".join(map(_link, covered.owners))


def _link(owner: Owner) -> str:
    if owner.kind is OwnerKind.CONTROL:
        return f"[{owner.id}](controls.md#{owner.id.lower()})"
    if owner.kind is OwnerKind.REQUIREMENT:
        return f"[{owner.id}](standard.md#{owner.id})"
    return f"[rule {owner.id}](standard.md#regulatory-classes)"
