"""What a vendor has no way to do is an error of the suite, with its line; nothing is dropped in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from roadworthy.core.errors import InputErrors
from roadworthy.evaluate.suite import read_suite

CLAUDE = {"kind": "anthropic", "model": "m", "api_key_env": "K"}
GEMINI = {"kind": "gemini", "model": "m", "api_key_env": "K"}
OPENAI = {"kind": "openai", "base_url": "http://127.0.0.1:9", "model": "m"}
BEDROCK = {"kind": "bedrock", "model": "m", "region": "eu-central-1"}
TOOLS = [{"function": "tools.py:look"}]


def problems(folder: Path, target: dict[str, Any], sampling: dict[str, Any], **more: Any) -> list[str]:
    suite: dict[str, Any] = {
        "suite": "quality",
        "dataset": {"file": "cases.jsonl"},
        "target": target,
        "sampling": sampling,
        "prompt": "{prompt}",
        "scorers": [{"id": "correct", "use": "exact_match", "expected": "x"}],
        "metrics": ["task_success_rate"],
        **more,
    }
    path = folder / "quality.yaml"
    path.write_text(yaml.safe_dump({k: v for k, v in suite.items() if v is not None}, sort_keys=False))
    try:
        read_suite(path)
    except InputErrors as error:
        return [str(found).split("quality.yaml:")[1] for found in error.errors]
    return []


@pytest.mark.parametrize(
    ("target", "sampling", "said"),
    [
        (CLAUDE, {"max_tokens": 5, "seed": 1}, ["a target of kind 'anthropic' cannot send 'seed'"]),
        (CLAUDE, {"max_tokens": 5, "temperature": 0}, ["a target of kind 'anthropic' cannot send 'temperature'"]),
        ({**CLAUDE, "version": "2023-06-01"}, {"max_tokens": 5, "temperature": 0}, []),
        (CLAUDE, {"stop": ["x"]}, ["a target of kind 'anthropic' needs 'max_tokens'"]),
        (BEDROCK, {"seed": 1}, ["a target of kind 'bedrock' cannot send 'seed'"]),
        ({**OPENAI, "api": "responses"}, {"stop": ["x"]}, ["a target of kind 'openai' cannot send 'stop'"]),
        (OPENAI, {"stop": ["x"], "seed": 1, "temperature": 0, "top_p": 1, "max_tokens": 3}, []),
        (GEMINI, {"stop": ["x"], "seed": 1, "temperature": 0, "top_p": 1, "max_tokens": 3}, []),
        ({"kind": "agent", "model": BEDROCK, "tools": TOOLS}, {"seed": 1}, ["of kind 'agent' cannot send 'seed'"]),
        ({"kind": "python", "function": "a.py:f"}, {"seed": 1}, ["of kind 'python' cannot send 'seed'"]),
    ],
)
def test_sampling(tmp_path: Path, target: dict[str, Any], sampling: dict[str, Any], said: list[str]) -> None:
    found = problems(tmp_path, target, sampling)
    assert len(found) == len(said)
    for problem, words in zip(found, said, strict=True):
        assert words in problem
        line = int(problem.split(":")[0])
        assert (tmp_path / "quality.yaml").read_text().splitlines()[line - 1].strip().startswith(("s", "t"))


@pytest.mark.parametrize("target", [GEMINI, {"kind": "agent", "model": GEMINI, "tools": TOOLS}])
def test_a_system_message_in_the_middle(tmp_path: Path, target: dict[str, Any]) -> None:
    said = [{"role": role, "content": "x"} for role in ("system", "user", "system")]
    (found,) = problems(tmp_path, target, {}, messages=said, prompt=None)
    assert "takes system messages at the beginning only" in found
    assert problems(tmp_path, OPENAI, {}, messages=said, prompt=None) == []


def test_azure_wants_one_way_in(tmp_path: Path) -> None:
    target = {"kind": "azure-openai", "endpoint": "http://127.0.0.1:9", "deployment": "d"}
    assert "give either 'api_key_env' or 'token_env'" in problems(tmp_path, target, {})[0]
