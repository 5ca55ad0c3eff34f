"""`roadworthy import` and `export`: from the log of another tool to a verdict that replays, and back."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from roadworthy.evidence.predicate import Measured, predicate_dict
from roadworthy.project.project import Project
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, Command, requirement

FILES = Path(__file__).parents[1] / "evaluate" / "adapters" / "files"
LOG = FILES / "inspect" / "task.eval"
AFTER_THE_LOG = "2026-11-25T00:00:00Z"
MODEL = {"id": "main", "provider": "mockllm", "name": "model"}


@pytest.fixture
def imported(command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The project a day after the log was written, with the model of the log and without a suite of its own."""
    monkeypatch.setenv("ROADWORTHY_NOW", AFTER_THE_LOG)
    command.example.declare(models=[MODEL])
    (command.example.directory / "evals" / "answers.yaml").unlink()
    command.sign_all()
    return command


def take(command: Command, *more: str, log: Path = LOG, score: str = "includes=correct") -> None:
    said = command("import", log, "--suite", "theirs", "--score", score, *more)
    assert said.code == 0, said.text


def suite(command: Command) -> Path:
    return command.example.directory / "evals" / "theirs.yaml"


def change(command: Command, **target: Any) -> None:
    value = yaml.safe_load(suite(command).read_text())
    value["target"].update(target)
    suite(command).write_text(yaml.safe_dump(value))


def judged(command: Command, at_least: float, **declared: Any) -> tuple[str, str]:
    """Evaluate and gate with this threshold at every tier."""
    criterion = {tier: {"at_least": at_least, "confidence": 0.95} for tier in ("low", "medium", "high")}
    answers = requirement(ANSWERS, criterion=criterion)
    command.example.change_standard(requirements=[answers, CARD, GO_LIVE, OWNED])
    command.example.declare(**{"models": [MODEL], **declared})
    command.sign_again()
    assert command("evaluate").code in (0, 3)
    command.gate()
    return command.outcome()


def predicate(command: Command) -> dict[str, Any]:
    records = Project.open(command.example.directory).store.records()
    [measured] = [record.predicate for record in records if isinstance(record.predicate, Measured)]
    return predicate_dict(measured)


def test_it_says_what_the_log_holds_and_lacks(imported: Command) -> None:
    said = imported("import", LOG, "--score", "includes=correct")
    assert said.code == 0
    assert "inspect_ai 0.3.285" in said.text
    assert "includes: mean 0.7273" in said.text
    assert "the tool says: accuracy 0.7273, stderr 0.1408" in said.text
    assert "judged by mockllm/judge" in said.text
    assert "cannot be measured" in said.text
    assert (imported.example.directory / "evals" / "order-questions.yaml").exists()


def test_nothing_is_overwritten(imported: Command) -> None:
    take(imported)
    before = suite(imported).read_bytes()
    again = imported("import", LOG, "--suite", "theirs", "--score", "includes=correct")
    assert (again.code, "already" in again.text) == (2, True)
    assert suite(imported).read_bytes() == before
    logs = suite(imported).parent / "logs"
    (logs / "task.eval").write_bytes((FILES / "inspect" / "failed.eval").read_bytes())
    other = imported("import", LOG, "--suite", "other", "--score", "includes=correct")
    assert (other.code, "another file of this name" in other.text) == (2, True)


def test_nothing_is_guessed(imported: Command) -> None:
    said = imported("import", LOG)
    assert said.code == 2
    assert "say which score of the log is which of ours" in said.text
    assert "Their names do not tell: write --score THEIRS=OURS" in said.text
    assert not list(suite(imported).parent.glob("*.yaml"))


@pytest.mark.parametrize(
    ("score", "words"),
    [("inclides=correct", "Did you mean 'includes'?"), ("includes=corect", "Did you mean 'correct'?")],
)
def test_a_mistyped_score_is_named(score: str, words: str, imported: Command) -> None:
    said = imported("import", LOG, "--score", score)
    assert (said.code, words in said.text) == (2, True)


def test_a_log_becomes_evidence_that_replays(imported: Command) -> None:
    take(imported)
    status, reason = judged(imported, 0.1)
    assert status == "met", reason
    # 16 of 24 are right: Inspect says 0.727, since it leaves two failed samples out.
    assert "66.7 %" in reason
    assert "12 clusters by case" in reason
    said = predicate(imported)
    assert (said["harness"]["name"], said["harness"]["version"]) == ("inspect_ai", "0.3.285")
    assert said["source"]["models"] == ({"name": "mockllm/model", "declared": "main"},)
    assert said["source"]["lacking"] == ()
    assert said["finished"] < AFTER_THE_LOG
    report = (imported.out / "report.html").read_text()
    assert "inspect_ai 0.3.285" in report
    assert "Imported from a log (inspect), which lacks: nothing that weighs." in report


@pytest.mark.parametrize(
    ("log", "score"),
    [
        ("lm-eval/samples_words_*.jsonl", "exact_match.strict=correct"),
        ("every-eval-ever/*.json", "words/strict.exact-match=correct"),
    ],
)
def test_other_formats_become_evidence_too(log: str, score: str, imported: Command) -> None:
    """The dummy model of the harness always says `lol`, which is right for 9 of the 12 words."""
    take(imported, log=next(FILES.glob(log)), score=score)
    dummy = {"models": [{"id": "main", "provider": "example", "name": "dummy"}]}
    status, reason = judged(imported, 0.4, **dummy)
    assert (status, "75 %" in reason, "n = 12" in reason) == ("met", True, True), reason
    assert predicate(imported)["harness"]["name"] == "lm_eval"


def test_the_bundle_of_an_import_is_verified(imported: Command) -> None:
    take(imported)
    judged(imported, 0.1)
    [key] = [line for line in imported.gate().text.split() if len(line) == 64]
    assert imported.verify("--trust", key).code == 0


def test_a_log_of_another_model_is_refused(imported: Command) -> None:
    take(imported)
    status, reason = judged(imported, 0.1, models=[{"id": "main", "provider": "mockllm", "name": "model-2"}])
    assert status == "not shown"
    assert "The log is of the model mockllm/model; the system declares model-2." in reason
    said = imported("explain", "answers-right").text
    assert "under 'target:': models: {mockllm/model: ID}, where ID is main" in said
    assert "Run 'roadworthy evaluate theirs'." in said
    change(imported, models={"mockllm/model": "main"})
    assert judged(imported, 0.1, models=[{"id": "main", "provider": "mockllm", "name": "model-2"}])[0] == "met"


def test_a_stated_model_counts_and_an_undeclared_one_is_an_error(imported: Command) -> None:
    take(imported)
    other = {"models": [{"id": "main", "provider": "azure", "name": "prod"}]}
    change(imported, models={"mockllm/model": "main"})
    assert judged(imported, 0.1, **other)[0] == "met"
    change(imported, models={"mockllm/model": "man"})
    said = imported("evaluate")
    assert said.code == 2
    assert "declares no model 'man'" in said.text
    assert "Did you mean 'main'?" in said.text


def test_old_evidence_does_not_grow_younger(imported: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    take(imported)
    monkeypatch.setenv("ROADWORTHY_NOW", "2027-06-01T00:00:00Z")
    status, reason = judged(imported, 0.1)
    assert status == "stale", reason


@pytest.mark.parametrize("name", ["failed.eval", "started.eval"])
def test_a_run_that_was_cut_off_is_not_shown(name: str, imported: Command) -> None:
    take(imported, log=FILES / "inspect" / name)
    status, reason = judged(imported, 0.1)
    assert status == "not shown"
    assert "7 of 12 samples are recorded" in reason


HIGH = {"decision": {"about_people": True, "influence": "informs"}}


def test_an_uncalibrated_judge_is_enough_at_low_tier_only(imported: Command) -> None:
    take(imported, score="model_graded_qa=correct")
    assert judged(imported, 0.05)[0] == "met"
    status, reason = judged(imported, 0.05, **HIGH)
    assert status == "not shown"
    assert "how often the model that judged the answers errs; at tier high it must" in reason
    change(imported, known_error="On 200 labelled answers it erred on 8.")
    assert judged(imported, 0.05, **HIGH)[0] != "not shown"


def test_repetitions_are_one_unit_declared_or_not(imported: Command) -> None:
    take(imported)
    value = yaml.safe_load(suite(imported).read_text())
    del value["dataset"]["cluster"]
    suite(imported).write_text(yaml.safe_dump(value))
    assert "12 clusters by case" in judged(imported, 0.1)[1]
    value["dataset"]["cluster"] = "metadata.person"
    suite(imported).write_text(yaml.safe_dump(value))
    assert "6 clusters by metadata.person" in judged(imported, 0.1)[1]


def test_of_several_models_one_is_taken(imported: Command) -> None:
    """A log of two models: the rows of one count, and only that one must be declared."""
    log = imported.example.directory / "evals" / "logs" / "two.eval"
    log.parent.mkdir()
    with zipfile.ZipFile(log, "w") as archive:
        content = json.loads((FILES / "inspect" / "task.json").read_text())
        content["eval"]["model"] = "none/none"
        content["stats"]["model_usage"] = {"mockllm/model": {}, "other/model": {}}
        for sample in content.pop("samples"):
            sample["output"]["model"] = "other/model" if sample["id"] == "case-00" else "mockllm/model"
            archive.writestr(f"samples/{sample['id']}.json", json.dumps(sample))
        archive.writestr("header.json", json.dumps(content))
    take(imported, log=log)
    assert "Several models answered" in suite(imported).read_text()
    assert "The log is of the model other/model" in judged(imported, 0.05)[1]
    value = yaml.safe_load(suite(imported).read_text())
    value["dataset"]["where"] = {"model": "mockllm/model"}
    suite(imported).write_text(yaml.safe_dump(value))
    assert "n = 3" in judged(imported, 0.05)[1]


def test_an_inverted_score(imported: Command) -> None:
    take(imported, score="1-includes=attack_success")
    value = yaml.safe_load(suite(imported).read_text())
    assert value["target"]["scores"] == {"attack_success": "1 - scores.includes"}
    assert "attack_success_rate" in value["metrics"]
    said = imported("evaluate")
    assert said.code == 0, said.text


def test_aggregates_are_shown_and_are_no_measurement(imported: Command, tmp_path: Path) -> None:
    [results] = (FILES / "lm-eval").glob("results_*.json")
    said = imported("import", shutil.copy(results, tmp_path))
    assert said.code == 0
    assert "No measurement can be made of it" in said.text
    assert not list(suite(imported).parent.glob("*.yaml"))


def test_aggregates_are_refused_by_a_suite_too(imported: Command) -> None:
    [results] = (FILES / "lm-eval").glob("results_*.json")
    take(imported)
    shutil.copy(results, suite(imported).parent)
    value = yaml.safe_load(suite(imported).read_text())
    value["dataset"] = {"file": results.name, "format": "lm-eval"}
    suite(imported).write_text(yaml.safe_dump(value))
    said = imported("evaluate")
    assert (said.code, "holds no samples" in said.text) == (2, True)


def test_a_format_that_reads_it_needs_recorded_answers(imported: Command) -> None:
    take(imported)
    value = yaml.safe_load(suite(imported).read_text())
    value["target"] = {"kind": "predictions", "label": "target", "prediction": "output"}
    value["metrics"] = ["accuracy"]
    suite(imported).write_text(yaml.safe_dump(value))
    said = imported("check")
    assert (said.code, "needs 'target: {kind: logs}'" in said.text) == (2, True)


def test_an_unknown_file_and_format_are_named(imported: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert "not a log of a tool that is known here" in imported("import", tmp_path / "notes.txt").text
    assert "Did you mean 'inspect'?" in imported("import", LOG, "--format", "inspekt").text
    assert imported("import", tmp_path / "nowhere.eval").code == 2


def test_a_run_goes_out_as_an_inspect_log_and_comes_back(imported: Command, tmp_path: Path) -> None:
    take(imported)
    judged(imported, 0.1)
    for name in ("out.eval", "out.json"):
        said = imported("export", "theirs", tmp_path / name, "--to", "inspect")
        assert said.code == 0, said.text
        assert "dropped intervals, criterion and outcome" in said.text
        back = imported("import", tmp_path / name, "--suite", f"back-{name}", "--score", "correct=correct")
        assert back.code == 0, back.text
        assert "correct: mean 0.7273" in back.text
        assert "24 of 24 recorded" in back.text
        assert "2 without it" in back.text


def test_a_run_goes_out_as_every_eval_ever_and_comes_back(imported: Command, tmp_path: Path) -> None:
    take(imported)
    judged(imported, 0.1)
    said = imported("export", "theirs", tmp_path, "--to", "every-eval-ever")
    assert said.code == 0, said.text
    [aggregate] = [path for path in tmp_path.rglob("*.json") if path.parent.name == "model"]
    value = json.loads(aggregate.read_text())
    scores = {result["evaluation_result_id"]: result["score_details"] for result in value["evaluation_results"]}
    # Errored samples count here, unlike in Inspect's own figure.
    assert scores["task_success_rate"]["score"] == pytest.approx(16 / 24)
    assert scores["error_rate"]["score"] == pytest.approx(8 / 24)
    back = imported("import", aggregate, "--suite", "back", "--score", "roadworthy.task_success_rate=correct")
    assert back.code == 0, back.text
    assert "24 of 24 recorded" in back.text


def test_answers_go_out_only_where_they_were_kept(imported: Command, tmp_path: Path) -> None:
    take(imported)
    judged(imported, 0.1)
    said = imported("export", "theirs", tmp_path / "out.eval", "--to", "inspect", "--transcripts")
    assert (said.code, "no transcripts of this run" in said.text) == (2, True)


def test_answers_go_out_when_asked_for(command: Command, tmp_path: Path) -> None:
    command.example.cases(right=3, wrong=1, broken=1)
    assert command("evaluate").code == 0
    assert command("export", "answers", tmp_path / "out.json", "--to", "inspect", "--transcripts").code == 0
    samples = {item["id"]: item for item in json.loads((tmp_path / "out.json").read_text())["samples"]}
    assert samples["c0000"]["output"]["completion"] == "42"
    assert samples["c0003"]["output"]["completion"] == "I do not know"
    assert "the model is away" in samples["c0004"]["error"]["message"]
    assert command("export", "answers", tmp_path / "out.eval", "--to", "inspect").code == 0
    assert command("export", "answers", tmp_path / "out.txt", "--to", "inspect").code == 2


def test_a_table_without_evidence_is_not_exported(command: Command, tmp_path: Path) -> None:
    assert command("evaluate").code == 0
    [table] = (command.example.directory / ".roadworthy" / "runs").rglob("results.parquet")
    said = command("export", table, tmp_path / "out.eval", "--to", "inspect")
    assert (said.code, "no evidence of" in said.text) == (2, True)
