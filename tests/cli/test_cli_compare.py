"""`roadworthy compare`: two releases of the worked example, sample by sample."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from roadworthy.evidence.predicate import Kind
from roadworthy.project.project import Project
from worked_example import TARGET, Command


def release(command: Command, name: str, wrong: Collection[int]) -> None:
    """Evaluate a release that is wrong on these cases."""
    named = sorted(f"c{at:04}" for at in wrong)
    target = TARGET.replace("wanted = ", f"if request['id'] in {named!r}: return 'no'\n    wanted = ")
    (command.example.directory / "evals" / "target.py").write_text(target, "utf-8")
    command.example.declare(release=name, prompts=[{"id": "system", "text": f"Answer as of {name}."}])
    assert command("evaluate").code == 0


@pytest.fixture
def two(command: Command) -> Command:
    """Release 1 is wrong on ten cases, release 2 on forty others and five of those."""
    rows = [{"id": f"c{at:04}", "topic": "a" if at < 100 else "b", "wanted": "right"} for at in range(200)]
    command.example.rows(rows)
    release(command, "1.0", range(10))
    release(command, "2.0", [*range(5, 10), *range(100, 140)])
    return command


def test_a_real_difference_is_told_from_noise(two: Command) -> None:
    path = two.out / "comparison.json"
    said = two("compare", "answers@1.0", "answers@2.0", "--json", path)
    assert said.code == 1
    found = json.loads(path.read_bytes())
    rows = {row["slice"]: row for row in found["rows"]}
    assert {label: row["finding"] for label, row in rows.items()} == {
        "all": "worse",
        "topic=a": "maybe better",
        "topic=b": "worse",
    }
    assert (rows["all"]["first"], rows["all"]["second"]) == (0.95, 0.775)
    exact = [mcnemar([[0, b], [c, 0]], exact=True).pvalue for b, c in ((5, 40), (5, 0), (0, 40))]
    assert [rows[label]["p_value"] for label in ("all", "topic=a", "topic=b")] == pytest.approx(exact)
    holm = multipletests(exact, method="holm")[1]
    assert [rows[label]["p_value_holm"] for label in ("all", "topic=a", "topic=b")] == pytest.approx(list(holm))


def test_the_screen_says_which_is_which(two: Command) -> None:
    said = two("compare", "answers@1.0", "answers@2.0")
    assert "B is worse in task success rate (all), task success rate (topic=b)" in said.text
    assert "1 of 3 differences may be chance" in said.text
    assert "200 samples are in both" in said.text


def test_a_run_differs_from_itself_in_nothing(two: Command) -> None:
    said = two("compare", "answers@1.0", "answers@1.0")
    assert said.code == 0
    assert "Nothing differs for sure" in said.text


def test_clusters_are_the_units(command: Command) -> None:
    """Forty wrong answers of one cluster are one observation, not forty."""
    rows = [{"id": f"c{at:04}", "topic": f"t{at // 40}", "wanted": "right"} for at in range(200)]
    command.example.rows(rows)
    command.example.suite(dataset={"file": "data/answers.jsonl", "cluster": "topic"})
    release(command, "1.0", ())
    release(command, "2.0", range(40))
    said = command("compare", "answers@1.0", "answers@2.0")
    assert said.code == 0
    assert "200 in 5" in said.text


def test_runs_are_found_as_bundle_directory_and_digest(two: Command) -> None:
    two.sign_all()
    two.gate()
    bundle = two.out / "bundle.zip"
    [directory, *_] = sorted((two.example.directory / ".roadworthy" / "runs" / "answers").iterdir())
    records = Project.open(two.example.directory).store.records()
    digest = next(record.digest for record in records if record.kind is Kind.MEASURED)
    for name in (bundle, f"{bundle}:answers", directory, directory / "results.parquet", digest[:10]):
        assert "200 samples are in both" in two("compare", name, "answers").text


def test_what_is_not_there_is_named(two: Command) -> None:
    said = two("compare", "answer@1.0", "answers@2.0")
    assert said.code == 2
    assert "answers@1.0" in said.text
    bundle = two.out / "bundle.zip"
    two.sign_all()
    two.gate()
    said = two("compare", f"{bundle}:other", "answers")
    assert said.code == 2
    assert "the bundle holds measurements of: answers" in said.text


def test_a_confidence_is_a_share(two: Command) -> None:
    said = two("compare", "answers@1.0", "answers@2.0", "--confidence", 95)
    assert said.code == 2
    assert "Write 0.95 for 95 %" in said.text


def test_nothing_in_common_is_an_error(two: Command) -> None:
    shutil.copytree(two.example.directory / ".roadworthy" / "runs", two.out / "runs")
    two.example.rows([{"id": f"x{at}", "topic": "a", "wanted": "right"} for at in range(5)])
    assert two("evaluate").code == 0
    said = two("compare", "answers@1.0", "answers@2.0")
    assert said.code == 2
    assert "share no sample" in said.text


def test_different_datasets_are_said(two: Command) -> None:
    rows = [{"id": f"c{at:04}", "topic": "a", "wanted": "right"} for at in range(150)]
    two.example.rows(rows)
    release(two, "3.0", ())
    said = two("compare", "answers@2.0", "answers@3.0")
    assert "50 samples are in answers of release 2.0" in said.text
    assert "The datasets differ" in said.text
