"""The fingerprint of a system: one digest for each part under test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from roadworthy.core.digests import sha256_bytes, sha256_file, sha256_json
from roadworthy.core.errors import InputError, Place
from roadworthy.core.yaml_file import load_yaml
from roadworthy.declare.system import DataUse, PromptPart, System
from roadworthy.standard.model import Part

DECLARATION = "roadworthy.yaml"


@dataclass(frozen=True)
class Fingerprint:
    """Digests of the parts of the system under test."""

    parts: Mapping[str, str]
    """SHA-256 by part; every `Part` is there."""

    @property
    def digest(self) -> str:
        """Return the one SHA-256 that stands for all parts."""
        return sha256_json(dict(self.parts))


def fingerprint(system: System, root: Path) -> Fingerprint:
    """Digest the parts of `system`; prompt files are read below `root`.

    The order in which a part lists its members does not matter. Raises InputError when a prompt file cannot
    be read or a setting cannot be written as JSON.
    """
    declared: dict[Part, Any] = {
        Part.MODELS: _members(system.models),
        Part.PROMPTS: [
            {"id": prompt.id, "sha256": _prompt_digest(prompt, root)}
            for prompt in sorted(system.prompts, key=lambda prompt: prompt.id)
        ],
        Part.TOOLS: _members(system.tools),
        Part.RETRIEVAL: _members([data for data in system.data if data.use is DataUse.RETRIEVAL]),
        Part.GUARD: system.guard,
        Part.SETTINGS: system.settings,
    }
    return Fingerprint({part.value: _digest(part, declared[part], root) for part in Part})


def changed_parts(old: Mapping[str, str], new: Mapping[str, str]) -> list[Part]:
    """List the parts whose digests differ; a part that either side lacks counts as changed."""
    return [part for part in Part if old.get(part) is None or old.get(part) != new.get(part)]


def _members(parts: Sequence[BaseModel]) -> list[dict[str, Any]]:
    dumped = [part.model_dump(mode="json") for part in parts]
    return sorted(dumped, key=lambda part: str(part["id"]))


def _digest(part: Part, value: Any, root: Path) -> str:
    try:
        return sha256_json(value)
    except ValueError as error:
        raise InputError(
            f"{part.value}: {error}",
            place=Place(root / DECLARATION),
            remedy="Use finite numbers below 2**53, or write the value as text.",
        ) from error


def _prompt_digest(prompt: PromptPart, root: Path) -> str:
    if prompt.file is None:
        return sha256_bytes((prompt.text or "").encode("utf-8"))
    try:
        return sha256_file(root / prompt.file)
    except OSError as error:
        raise InputError(
            f"the prompt {prompt.id!r} cannot be read from {prompt.file!r}: {error.strerror or error}",
            place=_prompt_place(prompt, root),
            remedy="Correct 'file', or add the prompt file; its content is part of the fingerprint.",
        ) from error


def _prompt_place(prompt: PromptPart, root: Path) -> Place:
    """Return the line of the prompt in roadworthy.yaml, where that file is at hand."""
    path = root / DECLARATION
    if not path.is_file():
        return Place(root / str(prompt.file))
    source = load_yaml(path)
    prompts = source.value.get("prompts") if isinstance(source.value, dict) else None
    for index, item in enumerate(prompts or []):
        if isinstance(item, dict) and item.get("id") == prompt.id:
            return source.place(("prompts", index, "file"))
    return Place(path)
