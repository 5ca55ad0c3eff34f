"""docs/scenarios.md: the library of harm scenarios, what raises them, mitigations, threats."""

from __future__ import annotations

from collections.abc import Iterable

from _generate.markdown import code, page, table
from roadworthy.assess.mitigation import Mitigation, load_mitigations
from roadworthy.assess.scale import STEPS, Factor
from roadworthy.assess.scenario import Category, Scenario, load_raises, load_scenarios
from roadworthy.assess.threat import Threat, load_threats
from roadworthy.standard.model import Reference

INTRODUCTION = """What `roadworthy assess` proposes from. A scenario applies to a system when its predicate over the
declaration holds; the ranges are suggestions that people correct. How they are scored, and what a score is not:
[assessment.md](assessment.md)."""


def scenarios_page() -> str:
    """Write the page."""
    categories = [_category(category) for category in Category]
    return page(
        "Scenarios, mitigations, threats",
        INTRODUCTION,
        [_steps(), "## Scenarios", *categories, _raises(), _mitigations(), _threats()],
    )


def _steps() -> str:
    rows = [(code(factor), *words) for factor, words in STEPS.items()]
    return "## Steps\n\n" + table(["factor", "1", "2", "3", "4", "5"], rows)


def _category(category: Category) -> str:
    items = [item for item in load_scenarios().values() if item.category is category]
    headings = ["scenario", "harm", "applies when", *(factor.value for factor in Factor), "measured by", "maps to"]
    return f"### {category.value.capitalize()}\n\n{table(headings, map(_scenario, items))}"


def _scenario(item: Scenario) -> tuple[str, ...]:
    ranges = (str(item.rating.of(factor)) for factor in Factor)
    return (
        f"{code(item.id)} {item.title}",
        item.harm,
        f"{item.because} {code(item.when)}",
        *ranges,
        _names(item.metrics),
        _references(item.maps),
    )


def _raises() -> str:
    rows = [
        (
            f"{item.because} {code(item.when)}",
            item.factor,
            f"+{item.by}",
            ", ".join(category.value for category in item.categories) or "all",
        )
        for item in load_raises()
    ]
    return "## Facts that raise a rating\n\n" + table(["fact", "factor", "steps", "categories"], rows)


def _mitigations() -> str:
    headings = ["mitigation", "control", "lowers, from sure to hoped", "declared when"]
    return "## Mitigations\n\n" + table(headings, map(_mitigation, load_mitigations().values()))


def _mitigation(item: Mitigation) -> tuple[str, ...]:
    lowers = "; ".join(f"{lowering.factor} by {lowering.by}" for lowering in item.lowers)
    declared = code(item.declared) if item.declared else "-"
    return f"{code(item.id)} {item.title}", item.control or "-", lowers, declared


def _threats() -> str:
    headings = ["threat", "attack", "applies when", "enters through", "leads to", "mitigations", "maps to"]
    return "## Threats\n\n" + table(headings, map(_threat, load_threats().values()))


def _threat(item: Threat) -> tuple[str, ...]:
    return (
        f"{code(item.id)} {item.title}",
        item.attack,
        f"{item.because} {code(item.when)}",
        ", ".join(item.enters),
        _names(item.scenarios),
        _names(item.mitigations),
        _references(item.maps),
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names) or "-"


def _references(maps: Iterable[Reference]) -> str:
    return ", ".join(f"{item.framework} {item.id}" for item in maps)
