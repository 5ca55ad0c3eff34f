"""Suite files: what is read, and every mistake named with its line and the nearest known name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from evaluate_project import SYSTEM

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.evaluate.metrics.table import METRICS, metric_named
from roadworthy.evaluate.plan import bind, check_suite
from roadworthy.evaluate.suite import Suite, load_suites, read_suite

GOOD = """suite: quality
dataset:
  file: cases.jsonl
  slices: [colour]
target:
  kind: openai
  base_url: http://127.0.0.1:9/v1
  model: m
prompt: "{prompt}"
scorers:
  - {id: correct, use: exact_match, expected: "{expected}"}
metrics: [task_success_rate]
"""


def write(folder: Path, text: str, name: str = "quality.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_good_suite(tmp_path: Path) -> None:
    suite = read_suite(write(tmp_path, GOOD))
    assert suite.dataset.slices == {"colour": "colour"}
    assert suite.score_ids == ["correct"]
    assert suite.folder == tmp_path
    assert suite.place("target", "model").line == 8


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("prompt:", "promt:", r"quality.yaml:9: unknown key 'promt'\n  Did you mean 'prompt'"),
        ("base_url:", "base-url:", r"quality.yaml:7: unknown key 'base-url'\n  Did you mean 'base_url'"),
        (
            "exact_match",
            "exact_mach",
            r"quality.yaml:11: there is no scorer 'exact_mach'\n  Did you mean 'exact_match'",
        ),
        (
            "task_success_rate",
            "task_sucess",
            r"quality.yaml:12: there is no metric 'task_sucess'\n  Did you mean 'task_",
        ),
        ("task_success_rate", "secret_leak_rate", r"quality.yaml:12: .* reads the score 'leaked'"),
        (', expected: "{expected}"', "", r"quality.yaml:11: the scorer 'exact_match' needs 'expected'"),
        ("metrics: [task_success_rate]", "metrics: []", r"quality.yaml:12: metrics"),
        ("kind: openai", "kind: opnai", r"quality.yaml:\d+: .*opnai"),
        ('prompt: "{prompt}"\n', "", "a target of kind 'openai' needs a 'prompt'"),
        (
            "metrics:",
            "groups: [color]\nmetrics:",
            r"quality.yaml:12: the group 'color' is not a slice\n  Did you mean 'col",
        ),
        ("suite: quality", "suite: Bad Name", r"quality.yaml:1: suite"),
        ("slices: [colour]", "slices: [colour]\n  limit: 0", r"quality.yaml:5: dataset.limit"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InputErrors, match=said):
        read_suite(write(tmp_path, GOOD.replace(old, new)))


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "a.yaml")
    write(tmp_path, GOOD, "b.yaml")
    write(tmp_path, GOOD.replace("quality", "other").replace("exact_match", "nothing"), "c.yaml")
    write(tmp_path, "suite: [", "d.yaml")
    with pytest.raises(InputErrors) as caught:
        load_suites(tmp_path)
    said = caught.value.diagnostics()
    assert "b.yaml:1: the suite 'quality' is also in a.yaml" in said
    assert "c.yaml:11: there is no scorer 'nothing'" in said
    assert "d.yaml" in said


def test_the_digest_covers_content_and_not_spelling(tmp_path: Path) -> None:
    first = read_suite(write(tmp_path, GOOD))
    same = read_suite(write(tmp_path, "# a comment\n" + GOOD.replace("[colour]", "{colour: colour}")))
    assert first.digest == same.digest
    longer = read_suite(write(tmp_path, GOOD + "limits: {concurrency: 2}\n"))
    assert longer.digest != first.digest
    assert longer.work_digest == first.work_digest
    asked = read_suite(write(tmp_path, GOOD + "sampling: {temperature: 0}\n"))
    assert asked.work_digest != first.work_digest


def test_a_prompt_that_is_not_declared_is_named(tmp_path: Path) -> None:
    suite = read_suite(write(tmp_path, GOOD + "system_prompt: man\n"))
    with pytest.raises(
        InputError, match=r"quality.yaml:13: roadworthy.yaml declares no prompt 'man'\n  Did you mean 'main'"
    ):
        bind(suite, SYSTEM, tmp_path)


def test_a_missing_key_of_the_service_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABSENT_KEY", raising=False)
    suite = read_suite(write(tmp_path, GOOD.replace("model: m", "model: m\n  api_key_env: ABSENT_KEY")))
    with pytest.raises(InputError, match="ABSENT_KEY is not set"):
        bind(suite, SYSTEM, tmp_path)


def test_recorded_answers_produce_the_scores_that_metrics_read(tmp_path: Path) -> None:
    text = """suite: fair
dataset: {file: d.csv, slices: [race]}
target: {kind: predictions, label: y, prediction: p}
groups: [race]
metrics: [accuracy, equalised_odds, selection_rate_ratio]
"""
    suite = read_suite(write(tmp_path, text))
    assert suite.score_ids == ["label", "prediction", "correct"]
    with pytest.raises(InputErrors, match="'epochs' does not go with them"):
        read_suite(write(tmp_path, text + "epochs: 2\n"))


def test_schema_for_editors() -> None:
    schema = Suite.model_json_schema()
    assert schema["properties"]["suite"]["description"] == "Id of the suite."
    assert {"dataset", "target", "scorers", "metrics"} <= set(schema["properties"])


def test_every_metric_is_complete() -> None:
    for name, metric in METRICS.items():
        assert metric.name == name
        assert metric.rates
        assert metric.definition.endswith(".")
        assert metric.source
        assert metric.bad in (0.0, 1.0)
    with pytest.raises(InputError, match="there is no metric 'acuracy'\n  Did you mean 'accuracy'"):
        metric_named("acuracy")


def test_metrics_that_the_standard_asks_for_are_in_the_table() -> None:
    wanted = """attack_success_rate adaptive_attack_success_rate injection_resilience utility utility_under_attack
        harmful_response_rate over_refusal_rate secret_leak_rate robustness consistency_rate task_success_rate accuracy
        accuracy_gap error_rate_gap selection_rate selection_rate_gap selection_rate_ratio false_positive_rate
        false_positive_rate_gap false_negative_rate false_negative_rate_gap equalised_odds grounded_rate
        citation_accuracy
        abstention_rate pii_leak_rate canary_extraction_rate explanation_completeness explanation_fidelity toxicity_rate
        json_validity_rate"""
    assert set(wanted.split()) <= set(METRICS)


def test_what_a_suite_rests_on_is_checked_without_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABSENT_KEY", raising=False)
    suite = read_suite(write(tmp_path, GOOD.replace("model: m", "model: m\n  api_key_env: ABSENT_KEY")))
    (tmp_path / "cases.jsonl").write_text('{"id": "a", "prompt": "x", "expected": "y", "colour": "r"}\n')
    assert check_suite(suite, SYSTEM, tmp_path) == []
    (tmp_path / "cases.jsonl").write_text('{"id": "a", "prompt": "x", "expectd": "y", "colour": "r"}\n')
    (error,) = check_suite(suite, SYSTEM, tmp_path)
    assert "cases.jsonl:1: there is no column 'expected'\n  Did you mean 'expectd'" in error.diagnostics()


def test_reading_suites_needs_no_heavy_library() -> None:
    code = "import sys, roadworthy.evaluate.runner as r; print([m for m in {heavy} if m in sys.modules])"
    heavy = ["aiohttp", "pyarrow", "duckdb", "numpy", "scipy"]
    done = subprocess.run([sys.executable, "-c", code.format(heavy=heavy)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
