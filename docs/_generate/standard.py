"""docs/standard.md: tiers, laws and requirements of the default standard."""

from __future__ import annotations

from _generate.markdown import code, page, percent, table
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Criterion, Reference, Requirement, ShownBy, Standard, Tier

INTRODUCTION = """{title}, `{id} {version}`: {tier_rules} tier rules, {regulatory} regulatory rules, {controls}
controls, {requirements} requirements. It ships inside the package as YAML (`src/roadworthy/standard/default/`);
`roadworthy standard show` prints it. An organisation changes it by a layer of its own
([formats.md](formats.md#a-layer-of-the-standard)). The controls are in [controls.md](controls.md), the coverage
of each framework, with its gaps, in [coverage.md](coverage.md).

Meeting a requirement is evidence for something. It is not a legal opinion, and no framework is met by it alone."""


def standard_page() -> str:
    """Write the page."""
    standard = load_standard().standard
    introduction = INTRODUCTION.format(
        title=standard.title,
        id=standard.id,
        version=standard.version,
        tier_rules=len(standard.tier_rules),
        regulatory=len(standard.regulatory_rules),
        controls=len(standard.controls),
        requirements=len(standard.requirements),
    )
    return page(
        "The default standard",
        introduction,
        [_tiers(standard), _laws(standard), _per_tier(standard), _authority(standard), _requirements(standard)],
    )


def _tiers(standard: Standard) -> str:
    rows = [
        (str(rule.tier), code(rule.id), rule.because, code(_one_line(rule.when)))
        for rule in sorted(standard.tier_rules, key=lambda rule: -rule.tier.severity)
    ]
    text = (
        "All rules are read; the strictest tier whose rule holds wins. A rule that cannot be evaluated counts as held."
    )
    return f"## Tiers\n\n{text}\n\n{table(['tier', 'rule', 'because', 'holds when'], rows)}"


def _laws(standard: Standard) -> str:
    rows = [
        (rule.regime, rule.class_, rule.because, _reference(rule.reference), str(rule.applies_from or "-"))
        for rule in standard.regulatory_rules
    ]
    return f"## Regulatory classes\n\n{table(['law', 'class', 'because', 'reference', 'applies from'], rows)}"


def _per_tier(standard: Standard) -> str:
    """Write the requirements of each tier, one line each."""
    parts = ["## Requirements by tier"]
    for tier in (Tier.HIGH, Tier.MEDIUM, Tier.LOW, Tier.PROHIBITED):
        chosen = [requirement for requirement in standard.requirements if requirement.applies_to_tier(tier)]
        rows = [
            (
                f"[{requirement.id}](#{requirement.id})",
                requirement.title,
                str(requirement.obligation_at(tier)),
                str(requirement.shown_by),
                _criterion(requirement, tier),
            )
            for requirement in chosen
        ]
        words = f"{len(chosen)} requirements may apply, each under its own condition."
        headings = ["requirement", "title", "obligation", "shown by", "criterion"]
        parts += [f"### Tier {tier}", words if rows else "No requirement lifts the hold on a prohibited system."]
        parts += [table(headings, rows)] if rows else []
    return "\n\n".join(parts)


def _authority(standard: Standard) -> str:
    roles = table(
        ["role", "who", "may sign"],
        [(code(role.id), role.title, "; ".join(role.may_sign)) for role in standard.authority.roles],
    )
    exceptions = table(
        ["tier", "who may approve an exception"],
        [(str(tier), ", ".join(names) or "nobody") for tier, names in standard.authority.exception_roles.items()],
    )
    return f"## Authority\n\n{roles}\n\n{exceptions}"


def _requirements(standard: Standard) -> str:
    return "\n\n".join(["## Every requirement", *(_requirement(item) for item in standard.requirements)])


def _requirement(requirement: Requirement) -> str:
    facts = [
        ("control", f"[{requirement.control}](controls.md#{requirement.control.lower()})"),
        ("shown by", str(requirement.shown_by)),
        ("when", code(_one_line(requirement.when))),
        *_shown(requirement),
        *((f"tier {tier}", _tier_words(requirement, tier)) for tier in Tier if requirement.applies_to_tier(tier)),
        *_time(requirement),
        ("what to do", requirement.remedy or "-"),
        ("evidence for", "; ".join(_reference(reference) for reference in requirement.maps) or "-"),
    ]
    return f"### {requirement.id}\n\n{requirement.title}. {requirement.because}\n\n{table(['', ''], facts)}"


def _shown(requirement: Requirement) -> list[tuple[str, str]]:
    facts = []
    if requirement.measure:
        facts.append(("metric", f"[{requirement.measure.metric}](metrics.md#{requirement.measure.metric})"))
    if requirement.document:
        facts.append(("document", f"{requirement.document.kind}: {'; '.join(requirement.document.must_say)}"))
    if requirement.sign_off:
        facts.append(("signed by", code(requirement.sign_off.role)))
    if requirement.declared:
        facts.append(("declared", code(_one_line(requirement.declared))))
    return facts


def _time(requirement: Requirement) -> list[tuple[str, str]]:
    expires, effective = requirement.expires, requirement.effective
    facts = []
    if expires.days or expires.on_change:
        words = [f"after {expires.days} days"] if expires.days else []
        words += [f"when {', '.join(expires.on_change)} change"] if expires.on_change else []
        facts.append(("stale", " or ".join(words)))
    if effective.from_ or effective.until or effective.regions:
        words = [f"from {effective.from_}"] if effective.from_ else []
        words += [f"until {effective.until}"] if effective.until else []
        words += [f"in {', '.join(effective.regions)}"] if effective.regions else []
        facts.append(("effective", " ".join(words)))
    return facts


def _tier_words(requirement: Requirement, tier: Tier) -> str:
    criterion = _criterion(requirement, tier)
    return (
        f"{requirement.obligation_at(tier)}, {criterion}" if criterion != "-" else str(requirement.obligation_at(tier))
    )


def _criterion(requirement: Requirement, tier: Tier) -> str:
    criterion = requirement.criterion.get(tier)
    if criterion is None:
        return "-"
    return _limit(criterion) if requirement.shown_by is ShownBy.COVERAGE else _bound(criterion)


def _limit(criterion: Criterion) -> str:
    if criterion.at_most is not None:
        return f"at most {percent(criterion.at_most)}"
    return f"at least {percent(criterion.at_least or 0)}"


def _bound(criterion: Criterion) -> str:
    slices = "".join(f", by {' x '.join(entry)}" for entry in criterion.slices)
    fewest = f", at least {criterion.min_units} units each" if criterion.min_units > 1 else ""
    return f"{_limit(criterion)}, {percent(criterion.confidence)} confidence{slices}{fewest}"


def _reference(reference: Reference | None) -> str:
    return f"{reference.framework} {reference.version} {reference.id}" if reference else "-"


def _one_line(text: str) -> str:
    return " ".join(text.split())
