"""The fingerprint changes with what was tested, names the part, and with nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.digests import sha256_bytes, sha256_json
from roadworthy.core.errors import InputError
from roadworthy.declare.system import System
from roadworthy.evidence.fingerprint import changed_parts, fingerprint
from roadworthy.standard.model import Part


def system(**changes: Any) -> System:
    """Return a small declared system."""
    declared: dict[str, Any] = {
        "system": "assistant",
        "kind": "agent",
        "purpose": "Answers questions.",
        "owner": {"team": "support", "contact": "support@example.org"},
        "users": {"who": ["customers"]},
        "regions": ["EU"],
        "models": [{"id": "main", "provider": "openai", "name": "m"}],
        "prompts": [{"id": "system", "text": "Be kind."}],
        "tools": [{"id": "a", "effect": "read"}, {"id": "b", "effect": "write"}],
        "data": [{"id": "kb", "use": "retrieval"}, {"id": "train", "use": "training"}],
        "guard": {"max_length": 100},
        "settings": {"temperature": 0.7},
    }
    return System.model_validate(declared | changes)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (Part.MODELS, {"models": [{"id": "main", "provider": "openai", "name": "m", "version": "2"}]}),
        (Part.PROMPTS, {"prompts": [{"id": "system", "text": "Be kind!"}]}),
        (Part.TOOLS, {"tools": [{"id": "a", "effect": "read"}]}),
        (Part.RETRIEVAL, {"data": [{"id": "kb", "use": "retrieval", "untrusted": True}]}),
        (Part.GUARD, {"guard": {}}),
        (Part.SETTINGS, {"settings": {"temperature": 0.8}}),
    ],
)
def test_a_change_of_one_part_changes_that_digest_only(part: Part, change: dict[str, Any], tmp_path: Path) -> None:
    before, after = fingerprint(system(), tmp_path), fingerprint(system(**change), tmp_path)
    assert changed_parts(before.parts, after.parts) == [part]
    assert before.digest != after.digest


def test_nothing_else_changes_it(tmp_path: Path) -> None:
    tools = [{"id": "b", "effect": "write"}, {"id": "a", "effect": "read"}]
    other = system(tools=tools, purpose="Something else.", release="2", data=[{"id": "kb", "use": "retrieval"}])
    before, after = fingerprint(system(), tmp_path), fingerprint(other, tmp_path)
    assert changed_parts(before.parts, after.parts) == []
    assert before.digest == after.digest == sha256_json(dict(before.parts))
    assert set(before.parts) == set(Part)


def test_a_prompt_counts_by_its_content_wherever_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "system.md").write_bytes(b"Be kind.")
    kept = fingerprint(system(prompts=[{"id": "system", "file": "prompts/system.md"}]), tmp_path)
    assert kept == fingerprint(system(), tmp_path)
    expected = sha256_json([{"id": "system", "sha256": sha256_bytes(b"Be kind.")}])
    assert kept.parts["prompts"] == expected


def test_a_missing_prompt_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text("system: x\nprompts:\n  - id: system\n    file: gone.md\n")
    with pytest.raises(InputError, match=r"roadworthy\.yaml:4: the prompt 'system' cannot be read from 'gone\.md'"):
        fingerprint(system(prompts=[{"id": "system", "file": "gone.md"}]), tmp_path)
    (tmp_path / "roadworthy.yaml").unlink()
    with pytest.raises(InputError, match=r"gone\.md: the prompt 'system'"):
        fingerprint(system(prompts=[{"id": "system", "file": "gone.md"}]), tmp_path)


@pytest.mark.parametrize("value", [2**60, float("nan")])
def test_a_setting_that_json_cannot_say_is_an_error(value: float, tmp_path: Path) -> None:
    unchecked = system().model_copy(update={"settings": {"seed": value}})
    with pytest.raises(InputError, match="settings: "):
        fingerprint(unchecked, tmp_path)


def test_a_part_that_one_side_lacks_counts_as_changed() -> None:
    assert changed_parts({}, {}) == list(Part)
    assert changed_parts({"models": "a"}, {"models": "a", "tools": "b"}) == [p for p in Part if p != Part.MODELS]
