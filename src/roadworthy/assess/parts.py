"""Which scenarios of the library speak of one declared tool or data source: those that it alone can lead to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roadworthy.assess.propose import applies
from roadworthy.assess.scenario import load_scenarios
from roadworthy.core.model import FileModel
from roadworthy.declare.system import Effect, System
from roadworthy.standard.predicate import system_facts


class Part(FileModel):
    """A declared tool or data source that can do harm."""

    id: str
    words: str
    """What it is, within a sentence."""
    scenarios: tuple[str, ...]
    """Ids of the scenarios that apply with it alone and not without any of its kind; empty where none does."""


def part_scenarios(system: System) -> tuple[Part, ...]:
    """List the tools that change something, and the data that are personal, sensitive or written by outsiders."""
    tools = [one for one in system.tools if one.effect is not Effect.READ]
    data = [one for one in system.data if one.personal or one.special_category or one.untrusted]
    facts = system_facts(system)
    return (
        *(_part(facts, "tools", one.id, f"the tool {one.id}, whose effect is {one.effect}") for one in tools),
        *(_part(facts, "data", one.id, f"the data {one.id}, used for {one.use}") for one in data),
    )


def _part(facts: dict[str, Any], section: str, id_: str, words: str) -> Part:
    alone = [one for one in facts[section] if one["id"] == id_]
    return Part(id=id_, words=words, scenarios=_led_to(facts, section, alone))


def _led_to(facts: dict[str, Any], section: str, alone: Iterable[Any]) -> tuple[str, ...]:
    there, without = {**facts, section: list(alone)}, {**facts, section: []}
    return tuple(
        id_
        for id_, item in load_scenarios().items()
        if f"system.{section}" in "".join(item.predicate.paths)
        and applies(item.predicate, there)[0]
        and not applies(item.predicate, without)[0]
    )
