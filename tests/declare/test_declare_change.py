"""What differs between two versions of a declaration, and which kind of change that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadworthy.declare.change import ChangeKind, assessment_owed, compare_systems
from roadworthy.evidence.fingerprint import fingerprint
from worked_example import system

KINDS: list[tuple[dict[str, Any], ChangeKind, str]] = [
    (
        {"models": [{"id": "main", "provider": "self-hosted", "name": "small-2"}]},
        ChangeKind.MODEL,
        "models.main.name: small-1 -> small-2",
    ),
    (
        {"data": [{"id": "kb", "use": "retrieval"}]},
        ChangeKind.DATA,
        "data.kb: added",
    ),
    ({"prompts": []}, ChangeKind.PROMPT, "prompts.system: removed"),
    (
        {"tools": [{"id": "lookup", "effect": "external"}]},
        ChangeKind.TOOL,
        "tools.lookup.effect: read -> external",
    ),
    ({"regions": ["EU", "US"]}, ChangeKind.REGION, "regions: US added"),
    ({"segments": ["students"]}, ChangeKind.SEGMENT, "segments: students added"),
    ({"guard": {"pii": "block"}}, ChangeKind.GUARD, "guard.pii: absent -> block"),
    ({"settings": {"temperature": 1}}, ChangeKind.SETTINGS, "settings.temperature: 0 -> 1"),
    ({"purpose": "Sells things."}, ChangeKind.PURPOSE, "purpose: Answers questions about orders. -> Sells things."),
    ({"domain": "credit"}, ChangeKind.PURPOSE, "domain: general -> credit"),
    ({"autonomy": "acts"}, ChangeKind.PURPOSE, "autonomy: suggests -> acts"),
    ({"decision": {"about_people": True}}, ChangeKind.PURPOSE, "decision.about_people: False -> True"),
    ({"exposure": {"public": True}}, ChangeKind.PURPOSE, "exposure.public: False -> True"),
    ({"practices": ["profiling"]}, ChangeKind.PURPOSE, "practices: profiling added"),
    ({"title": "Helper"}, ChangeKind.OTHER, "title: absent -> Helper"),
    ({"release": "1.1"}, ChangeKind.OTHER, "release: 1.0 -> 1.1"),
]


@pytest.mark.parametrize(("changes", "kind", "words"), KINDS)
def test_each_change_is_named_by_kind(changes: dict[str, Any], kind: ChangeKind, words: str) -> None:
    [difference] = compare_systems(system(), system(**changes))
    assert (difference.kind, difference.what) == (kind, words)
    assert assessment_owed([difference]) is (kind is not ChangeKind.OTHER)


def test_every_kind_that_a_change_can_have_is_tried() -> None:
    assert {kind for _, kind, _ in KINDS} == set(ChangeKind)


def test_nothing_differs_from_itself() -> None:
    assert compare_systems(system(), system()) == []
    assert not assessment_owed([])


def test_several_changes_are_all_told() -> None:
    found = compare_systems(system(), system(regions=["US"], guard={"pii": "on"}))
    assert [(d.kind, d.what) for d in found] == [
        (ChangeKind.REGION, "regions: EU removed"),
        (ChangeKind.REGION, "regions: US added"),
        (ChangeKind.GUARD, "guard.pii: absent -> on"),
    ]


def test_an_order_that_changes_is_told() -> None:
    [difference] = compare_systems(system(regions=["EU", "US"]), system(regions=["US", "EU"]))
    assert difference.what == "regions: order changed"


def test_a_prompt_file_that_changes_behind_the_same_declaration_is_a_prompt_change(tmp_path: Path) -> None:
    declared = system(prompts=[{"id": "system", "file": "system.md"}])
    parts = []
    for text in ("Answer briefly.", "Answer at length."):
        (tmp_path / "system.md").write_text(text)
        parts.append(dict(fingerprint(declared, tmp_path).parts))
    [difference] = compare_systems(declared, declared, *parts)
    assert difference.kind is ChangeKind.PROMPT
    assert difference.what == "prompts: the content changed"
    assert assessment_owed([difference])


def test_a_prompt_file_that_changes_beside_another_prompt_is_told_as_well(tmp_path: Path) -> None:
    kept = {"id": "kept", "file": "kept.md"}
    parts = []
    versions = []
    for text, ids in (("one", ["old"]), ("two", ["new"])):
        (tmp_path / "kept.md").write_text(text)
        versions.append(system(prompts=[kept, *({"id": i, "text": "same"} for i in ids)]))
        parts.append(dict(fingerprint(versions[-1], tmp_path).parts))
    kinds = {d.kind for d in compare_systems(*versions, *parts)}
    assert kinds == {ChangeKind.PROMPT}
