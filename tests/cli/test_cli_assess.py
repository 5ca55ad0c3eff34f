"""`roadworthy assess` and `roadworthy brief`, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from roadworthy.assess.plan import Plan
from roadworthy.assess.propose import Proposal, propose_scenarios
from roadworthy.assess.threat_model import ThreatModel, model_threats
from roadworthy.cli.main import run
from roadworthy.declare.system import System
from worked_example import SYSTEM, Command

BRIEFS = Path(__file__).parents[1] / "assess" / "briefs"


def test_assess_shows_scenarios_with_facts_and_the_threat_model(command: Command) -> None:
    said = command("assess", "--top", 2)
    assert said.code == 0
    first, second = propose_scenarios(System.model_validate(SYSTEM))[:2]
    assert said.text.index(first.title) < said.text.index(second.title)
    assert f"scenario {first.scenario}; mitigations: {', '.join(first.mitigations)}" in said.text
    for heading in ("At stake", "Ways in", "Boundaries of trust", "Threats", "Direct prompt injection"):
        assert heading in said.text
    assert "missing: " in said.text


def test_assess_prints_json_that_reads_back(command: Command) -> None:
    value = json.loads(command("assess", "--json").text)
    system = System.model_validate(SYSTEM)
    assert tuple(Proposal.model_validate(item) for item in value["scenarios"]) == propose_scenarios(system)
    assert ThreatModel.model_validate(value["threat_model"]) == model_threats(system)


def test_assess_refuses_a_number_that_makes_no_sense(command: Command) -> None:
    assert command("assess", "--top", 0).code == 2


@pytest.mark.parametrize("name", sorted(path.stem for path in BRIEFS.glob("*.txt")))
def test_brief_shows_the_whole_plan(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brief", str(BRIEFS / f"{name}.txt")]) == 0
    text = capsys.readouterr().out
    for heading in (
        "Tier: ",
        "Read from the brief",
        "Open questions",
        "Top risks",
        "To measure",
        "To show before release",
    ):
        assert heading in text
    assert "To watch in operation" in text


def test_brief_prints_json_that_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brief", str(BRIEFS / "agent-with-mail.txt"), "--json"]) == 0
    plan = Plan.model_validate_json(capsys.readouterr().out)
    assert (plan.tier, plan.known_tier, len(plan.risks)) == ("high", "medium", 10)


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "it is empty"), (b"\x00\x01" * 50, "it is not text"), (b"word " * 2**21, "more than 60,000 characters")],
)
def test_brief_says_why_it_cannot_read(
    content: bytes, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "brief.txt"
    path.write_bytes(content)
    assert run(["brief", str(path)]) == 2
    assert why in capsys.readouterr().err


def test_brief_names_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["brief", str(tmp_path / "none.txt")]) == 2
    assert "none.txt: cannot read the brief" in capsys.readouterr().err


def test_control_characters_of_a_brief_do_not_reach_the_screen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "brief.txt"
    path.write_text((BRIEFS / "hr-rag.txt").read_text("utf-8") + "The moon \x1b[31m was red and full tonight.", "utf-8")
    assert run(["brief", str(path)]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_a_drafter_that_does_not_answer_is_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drafter = tmp_path / "drafter.yaml"
    drafter.write_text('target: {kind: openai, base_url: "http://127.0.0.1:9/v1", model: small}\n', "utf-8")
    assert run(["brief", str(BRIEFS / "vague.txt"), "--drafter", str(drafter)]) == 0
    assert "Note: The drafter added nothing" in capsys.readouterr().out
