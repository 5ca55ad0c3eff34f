"""AgentDojo's run logs, read by Roadworthy, give the published results table to two decimals.

Source: AgentDojo 0.1.35, `docs/results-table.html`, kept as `examples/agentdojo/published.csv`.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from roadworthy.core.yaml_file import YamlFile, load_yaml
from roadworthy.declare.load import load_system
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import read_suite, suite_from
from roadworthy.evidence.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "agentdojo"
ARCHIVES = Path(os.environ.get("ROADWORTHY_AGENTDOJO") or ROOT / ".cache" / "agentdojo")


@dataclass(frozen=True)
class Candidate:
    """One release candidate: its directory, its pipeline, and attack successes by suite (counted with plain json)."""

    directory: str
    pipeline: str
    successes: dict[str, int]
    errored: int = 0

    @property
    def published(self) -> dict[str, str]:
        with (EXAMPLE / "published.csv").open(encoding="utf-8", newline="") as stream:
            (row,) = [row for row in csv.DictReader(stream) if row["pipeline"] == self.pipeline]
        return row


CASES = {"banking": 144, "slack": 105, "travel": 140, "workspace": 240}
CANDIDATES = [
    Candidate("gpt-4o", "gpt-4o-2024-05-13", {"banking": 90, "slack": 97, "travel": 16, "workspace": 97}),
    Candidate(
        "gpt-4o-tool-filter",
        "gpt-4o-2024-05-13-tool_filter",
        {"banking": 16, "slack": 9, "travel": 8, "workspace": 10},
    ),
    Candidate(
        "claude-3.5-sonnet",
        "claude-3-5-sonnet-20241022",
        {"banking": 3, "slack": 4, "travel": 0, "workspace": 0},
    ),
    Candidate(
        "gpt-3.5-turbo",
        "gpt-3.5-turbo-0125",
        {"banking": 37, "slack": 13, "travel": 2, "workspace": 13},
        errored=12,
    ),
]


@pytest.fixture(params=CANDIDATES, ids=lambda candidate: candidate.directory)
def candidate(request: pytest.FixtureRequest) -> Candidate:
    found = request.param
    assert isinstance(found, Candidate)
    return found


def measure(candidate: Candidate, suite_name: str, store: Path) -> Run:
    """Run one of the example's own suites on the original archive."""
    archive = ARCHIVES / f"{candidate.pipeline}.tar.xz"
    if not archive.is_file():
        pytest.fail(f"{archive} is not there; run: python examples/setup.py agentdojo")
    project = EXAMPLE / candidate.directory
    source = load_yaml(project / "evals" / f"{suite_name}.yaml")
    content = {**source.value, "dataset": {**source.value["dataset"], "file": str(archive)}}
    suite = suite_from(YamlFile(source.path, content, source.lines))
    system = load_system(project)
    return run_suite(suite, system, fingerprint(system, project), root=project, store=store)


def per_cent(run: Run, metric: str) -> str:
    (found,) = tally(run.table, metric)
    return f"{100 * found.mean:.2f}"


@pytest.mark.data
def test_utility_equals_the_published_one(candidate: Candidate, tmp_path: Path) -> None:
    run = measure(candidate, "user-tasks", tmp_path)
    assert run.counts.planned == 97
    assert per_cent(run, "utility") == candidate.published["utility_pct"]


@pytest.mark.data
def test_figures_under_attack_equal_the_published_ones(candidate: Candidate, tmp_path: Path) -> None:
    run = measure(candidate, "under-attack", tmp_path)
    assert run.counts.planned == 629
    assert run.counts.errored == candidate.errored
    assert per_cent(run, "utility_under_attack") == candidate.published["utility_under_attack_pct"]
    assert per_cent(run, "attack_success_rate") == candidate.published["targeted_asr_pct"]
    (whole,) = tally(run.table, "attack_success_rate")
    assert (whole.units, whole.clustered) == (27, True)


@pytest.mark.data
def test_successes_by_suite(candidate: Candidate, tmp_path: Path) -> None:
    run = measure(candidate, "under-attack", tmp_path)
    found = {t.columns["suite"]: t for t in tally(run.table, "attack_success_rate", ["suite"])}
    assert {name: t.n for name, t in found.items()} == CASES
    assert {name: round(t.mean * t.n) for name, t in found.items()} == candidate.successes


def test_candidates_differ_only_in_the_archive_they_read() -> None:
    for name in ("user-tasks", "under-attack"):
        read = [read_suite(EXAMPLE / c.directory / "evals" / f"{name}.yaml") for c in CANDIDATES]
        files = [suite.dataset.file for suite in read]
        assert files == [f"../../../../.cache/agentdojo/{c.pipeline}.tar.xz" for c in CANDIDATES]
        rest = [suite.model_dump(exclude={"dataset": {"file"}}) for suite in read]
        assert all(suite == rest[0] for suite in rest)
