"""Journeys of users through the real commands, from an empty directory to a verdict that others can check."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from roadworthy.cli.main import run
from roadworthy.evidence.keys import load_signer
from roadworthy.standard.load import load_standard, standard_value
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, Command, make_key, requirement, write_json

ANSWER = """
def answer(request):
    known = {"q-001": "42", "q-002": "99", "q-003": "France", "q-004": "Africa", "q-005": "mice", "q-006": "cold"}
    return known[request["id"]]
"""


def test_from_an_empty_directory_to_a_hold_by_the_default_standard(
    tmp_path: Path, own_key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A newcomer: nothing is edited but the target; the default standard holds, for the right reasons."""
    home = tmp_path / "my-helper"

    def said(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        streams = capsys.readouterr()
        return code, f"{streams.out} {streams.err}"

    code, text = said("init", home, "--target", "python", "--endpoint", "target.py:answer", "--kind", "assistant")
    assert code == 0, text
    assert (home / "roadworthy.yaml").is_file()
    assert ".roadworthy/" in (home / ".gitignore").read_text()
    declared = (home / "roadworthy.yaml").read_text()

    code, text = said("init", home, "--system", "other-name")
    assert code == 0
    assert "it was there already" in text
    assert (home / "roadworthy.yaml").read_text() == declared

    (home / "evals" / "target.py").write_text(ANSWER)
    project = ("-C", home)
    code, text = said("check", *project)
    assert (code, "Every file is valid." in text) == (0, True), text
    code, text = said("tier", *project, "--json")
    assert code == 0
    assert json.loads(text)["tier"] == "low"
    code, text = said("requirements", *project)
    assert code == 0
    assert "What must be true before you ship" in text
    code, text = said("evaluate", *project)
    assert code == 0, text
    assert "6 of 6 samples" in text
    code, text = said("gate", *project, "--out", tmp_path / "out")
    assert code in {1, 3}, text
    for name in (
        "bundle.zip",
        "report.html",
        "summary.md",
        "checklist.md",
        "junit.xml",
        "results.sarif",
        "verdict.json",
    ):
        assert (tmp_path / "out" / name).stat().st_size > 0
    code, text = said("verify", tmp_path / "out" / "bundle.zip")
    assert (code, "Verified" in text) == (0, True), text
    verdict = json.loads((tmp_path / "out" / "verdict.json").read_bytes())
    measured = next(o for o in verdict["outcomes"] if o["evidence"] and o["shown_by"] == "measurement")
    assert measured["status"] == "inconclusive", "6 questions settle nothing"
    code, text = said("explain", measured["requirement"], *project)
    assert code == 0
    assert "inconclusive" in text.lower()


def test_from_hold_to_ship_as_people_sign(command: Command) -> None:
    assert command("check").code == 0
    assert "low" in command("tier").text
    assert "3 not shown" in command("requirements").text

    said = command.gate()
    assert said.code == 3
    assert command.outcome("answers-right")[0] == "not shown"

    said = command("evaluate")
    assert (said.code, "60 of 60 samples; 60 calls" in said.text) == (0, True), said.text
    again = command("evaluate")
    assert again.code == 0
    assert "60 of 60 samples" in again.text

    assert command.gate().code == 3
    assert command.outcome("answers-right")[0] == "met"
    assert "95.1 %" in command("explain", "answers-right").text  # 0.05 ** (1 / 60), Clopper-Pearson at n of n

    command.sign_all()
    said = command.gate()
    assert (said.code, command.verdict()["verdict"]) == (0, "ship")
    assert command.verify().code == 0
    assert "Ship" in said.text


def test_a_wrong_system_is_held_with_exit_1(command: Command) -> None:
    command.sign_all()
    command.example.cases(right=10, wrong=50)
    assert command("evaluate").code == 0
    said = command.gate()
    assert (said.code, command.verdict()["verdict"]) == (1, "hold")
    status, reason = command.outcome()
    assert status == "not met"
    assert "16.7 %" in reason
    assert command.verify().code == 0, "a bundle that says hold is as good as one that says ship"


def test_too_few_samples_are_held_with_exit_3_and_say_how_many_more(command: Command) -> None:
    command.sign_all()
    command.example.cases(right=4, wrong=1)
    assert command("evaluate").code == 0
    assert command.gate().code == 3
    assert command.outcome()[0] == "inconclusive"
    [judged] = next(o for o in command.verdict()["outcomes"] if o["requirement"] == "answers-right")["judged"]
    assert judged["needed_units"] > 0
    more = re.search(r"Add ([\d,]+) ", command("explain", "answers-right").text)
    assert more
    assert int(more[1].replace(",", "")) == judged["needed_units"]


def test_a_waived_requirement_ships_with_conditions(command: Command) -> None:
    command.sign_all()
    command.example.cases(right=10, wrong=50)
    assert command("evaluate").code == 0
    assert command.gate().code == 1
    waive = (
        *("answers-right", "--waive", "too hard", "--statement", "Wrong answers are harmless here."),
        *("--compensating-control", "A person reads each answer."),
    )
    by = ("--role", "risk-lead", "--name", "Rita Risk", "--key", command.example.lead)
    said = command("attest", *waive, *by)
    assert said.code == 2, "an exception without an end"
    assert "--until" in said.text
    assert command.gate().code == 1

    said = command("attest", *waive, *by, "--until", "2999-12-31")
    assert said.code == 0, said.text
    said = command.gate()
    assert (said.code, command.verdict()["verdict"]) == (0, "ship with conditions")
    status, reason = command.outcome()
    assert status == "waived"
    assert "Without the exception: not met." in reason
    assert "A person reads each answer." in reason
    assert any("Waived until 2999-12-31 by Rita Risk" in condition for condition in command.verdict()["conditions"])
    assert command.verify().code == 0


def test_a_waiver_by_the_owner_or_a_stranger_waives_nothing(command: Command) -> None:
    command.sign_all()
    command.example.cases(right=10, wrong=50)
    assert command("evaluate").code == 0
    terms = ("--waive", "x", "--statement", "Because.", "--compensating-control", "None.", "--until", "2999-12-31")
    for name, key in (("Olga Owner", command.example.owner), ("Rita Risk", command.example.stranger)):
        said = command("attest", "answers-right", *terms, "--role", "risk-lead", "--name", name, "--key", key)
        assert said.code == 0
        assert command.gate().code == 1
        assert "An exception does not count: " in command.outcome()[1]
        for path in (command.example.directory / "exceptions").glob("*.json"):
            path.unlink()


def test_a_should_that_falls_short_is_a_condition(command: Command) -> None:
    lenient = requirement(CARD, obligation={"low": "should"})
    command.example.change_standard(requirements=[ANSWERS, lenient, GO_LIVE, OWNED])
    assert command("evaluate").code == 0
    said = command("attest", "go-live", "--role", "risk-lead", "--name", "Rita Risk", "--key", command.example.lead)
    assert said.code == 2, "a statement is needed"
    assert (
        command(
            *("attest", "go-live", "--role", "risk-lead", "--name", "Rita Risk"),
            *("--key", command.example.lead, "--statement", "Go."),
        ).code
        == 0
    )
    assert command.gate().code == 0
    assert command.verdict()["verdict"] == "ship with conditions"


def test_a_prohibited_system_never_ships(command: Command) -> None:
    command.example.declare(practices=["social-scoring"])
    command.sign_all()
    assert command("evaluate").code == 0
    said = command.gate()
    assert said.code == 1
    assert command.verdict()["reasons"][0] == "The standard prohibits this system."


def test_a_change_of_the_prompt_owes_a_fresh_run_and_only_that(command: Command) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    bundle = command.out / "bundle.zip"
    kept = command.example.directory / "shipped.bundle.zip"
    kept.write_bytes(bundle.read_bytes())
    command.example.declare(prompts=[{"id": "system", "text": "Answer in verse."}])
    said = command.bare("change", kept, command.example.directory)
    assert said.code == 0
    assert "prompt" in said.text
    assert "A fresh assessment is owed." in said.text
    assert command.gate().code == 3
    assert command.outcome()[0] == "stale"
    assert command.outcome("go-live")[0] == "stale"
    assert command.outcome("system-card")[0] == "met"
    command.sign_again()
    assert command("evaluate").code == 0
    assert command.gate().code == 0


def test_expired_evidence_is_measured_anew_by_evaluate(command: Command) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    command.now(91)
    assert command.gate().code == 3
    assert command.outcome()[0] == "stale"
    assert command("evaluate").code == 0
    assert command.gate().code == 0


def test_unknown_names_get_the_nearest_one(command: Command) -> None:
    for arguments in (("explain", "answer-right"), ("attest", "answer-right", "--role", "r", "--name", "n")):
        said = command(*arguments, *(("--statement", "s") if arguments[0] == "attest" else ()))
        assert said.code == 2
        assert "Did you mean 'answers-right'?" in said.text
    said = command("evaluate", "answrs")
    assert said.code == 2
    assert "Did you mean 'answers'?" in said.text


def test_an_organisation_lays_its_own_standard_over_the_default(
    tmp_path: Path, own_key: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    """The real default below; the project's own `standard/` removes all but what it keeps, and reaches `ship`."""
    from worked_example import write_example

    example = write_example(tmp_path)
    default = standard_value(load_standard().standard)
    lead = load_signer(make_key_path := example.lead)
    assert make_key_path.is_file()
    header = {
        "standard": "tiny-team",
        "version": "1",
        "title": "What a tiny team keeps",
        "extends": default["id"],
        "remove": [item["id"] for item in default["requirements"]],
        "authority": {"signers": [{"name": "Rita Risk", "key": lead.key_id, "roles": ["risk-lead"]}]},
    }
    header["authority"]["roles"] = [{"id": "risk-lead", "title": "Risk lead"}]
    own = example.directory / "standard"
    write_json(own / "standard.yaml", header)
    control = default["controls"][0]["id"]
    kept = [requirement(item, control=control) for item in (ANSWERS, GO_LIVE, OWNED)]
    write_json(own / "requirements" / "kept.yaml", {"requirements": kept})

    def said(*arguments: object) -> tuple[int, str]:
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        return code, " ".join(capsys.readouterr().out.split())

    where = ("-C", example.directory)
    assert said("standard", "check", own)[0] == 0
    code, text = said("standard", "diff", "default", own, "--system", example.directory)
    assert code == 0
    assert "removed" in text
    assert said("evaluate", *where)[0] == 0
    signing = ("--role", "risk-lead", "--name", "Rita Risk", "--statement", "Go.", "--key", example.lead)
    assert said("attest", "go-live", *where, *signing)[0] == 0
    code, text = said("gate", *where, "--out", tmp_path / "out")
    assert code == 0, text
    assert "tiny-team 1" in text
    assert said("verify", tmp_path / "out" / "bundle.zip", "--standard", own)[0] == 0
    assert make_key(tmp_path / "unused.pem").key_id != lead.key_id


def test_a_key_given_with_key_serves_every_suite_and_the_gate(command: Command) -> None:
    """CI signs with a key of its own, which nobody on the machine had trusted before."""
    robot = command.example.stranger
    second = json.loads((command.example.directory / "evals" / "answers.yaml").read_text()) | {"suite": "more-answers"}
    write_json(command.example.directory / "evals" / "more.yaml", second)
    command.sign_all()
    for said in (command("evaluate", "--key", robot), command("evaluate", "--key", robot)):
        assert said.code == 0, said.text
    said = command("gate", "--key", robot, "--out", command.out)
    assert said.code == 0, said.text
    said = command("requirements")
    assert said.code == 2
    assert "is not trusted" in said.text
    assert command("requirements", "--trust", load_signer(robot).key_id).code == 0
