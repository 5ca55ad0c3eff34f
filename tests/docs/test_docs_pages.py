"""Pages hold together: links lead somewhere, blocks parse, file examples are valid, nothing points at one machine."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from documentation import DOCS, ROOT, Block, anchors, blocks, links, pages, shown
from pydantic import BaseModel

import roadworthy
from roadworthy.declare.system import System
from roadworthy.evaluate.suite import Suite, TargetSpec
from roadworthy.standard.model import Header, Requirement

ALL_BLOCKS = [(path, block) for path in pages() for block in blocks(path)]
LANGUAGES = {"bash", "console", "python", "text", "yaml"}


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_links_lead_somewhere(path: Path) -> None:
    missing = [link for link in links(path) if not leads_somewhere(path, link)]
    assert missing == []


def leads_somewhere(path: Path, link: str) -> bool:
    if link.startswith(("http://", "https://")):
        return True
    name, _, anchor = link.partition("#")
    target = (path.parent / name).resolve() if name else path
    if not target.exists() or ROOT not in [target, *target.parents]:
        return False
    return not anchor or anchor in anchors(target)


def test_every_page_is_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        if path.suffix == ".md":
            waiting += [(path.parent / link.partition("#")[0]).resolve() for link in links(path) if ":" not in link]
    wanted = {path for path in pages() if "decisions" not in path.parts}
    assert {shown(path) for path in wanted - seen} == set()


@pytest.mark.parametrize(
    ("path", "block"), ALL_BLOCKS, ids=lambda value: shown(value) if isinstance(value, Path) else ""
)
def test_blocks_parse(path: Path, block: Block) -> None:
    assert block.language in LANGUAGES, f"name the language of the block: {block.text[:60]}"
    if block.language == "python":
        ast.parse(block.text)
    if block.language == "yaml":
        assert yaml.safe_load(block.text) is not None


def file_examples() -> list[tuple[str, type[BaseModel], Any]]:
    found: list[tuple[str, type[BaseModel], Any]] = []
    for path, block in ALL_BLOCKS:
        value = yaml.safe_load(block.text) if block.language == "yaml" else None
        if not isinstance(value, dict):
            continue
        models: dict[str, type[BaseModel]] = {"system": System, "suite": Suite, "standard": Header}
        found += [(shown(path), model, value) for key, model in models.items() if key in value]
        found += [(shown(path), Requirement, item) for item in value.get("requirements", [])]
    return found


@pytest.mark.parametrize(("where", "model", "value"), file_examples(), ids=lambda value: getattr(value, "__name__", ""))
def test_examples_of_files_are_valid(where: str, model: type[BaseModel], value: Any) -> None:
    assert model.model_validate(value), where


def test_there_are_examples_of_each_file() -> None:
    assert {model for _, model, _ in file_examples()} >= {System, Header, Requirement}


def test_the_target_of_the_tutorial_is_valid() -> None:
    from pydantic import TypeAdapter

    (target,) = [
        value["target"]
        for block in blocks(DOCS / "tutorial.md")
        if block.language == "yaml" and "target" in (value := yaml.safe_load(block.text))
    ]
    assert TypeAdapter(TargetSpec).validate_python(target)


@pytest.mark.parametrize("path", pages(), ids=shown)
def test_nothing_claims_compliance_or_points_at_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\"'])\bcompliant\b(?![\"'])", text)
    assert not re.search(r"(?<![\w.])/(home|root|tmp|work|Users)/", text)


def test_every_name_that_the_pages_take_from_the_package_is_there() -> None:
    named = {
        name for path in pages() for name in re.findall(r"\broadworthy\.([A-Za-z]\w*)\b(?=\()", path.read_text("utf-8"))
    }
    assert named >= {"evaluate", "gate", "judge", "verify"}
    assert [name for name in sorted(named) if not hasattr(roadworthy, name)] == []


def test_every_target_that_the_pages_name_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in pages()]
    named = {name for text in texts for name in re.findall(r"(?:`| {4})make ([a-z-]+)", text)}
    assert named >= {"demo", "test", "check"}
    assert named - targets == set()
