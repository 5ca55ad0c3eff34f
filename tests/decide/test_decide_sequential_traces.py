"""Stopping early on the run logs of AgentDojo: real agents, whose attack cases come in 27 clusters of unequal size."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from roadworthy.core.yaml_file import YamlFile, load_yaml
from roadworthy.declare.load import load_system
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import suite_from
from roadworthy.evidence.fingerprint import fingerprint
from roadworthy.stats.betting import stakes
from roadworthy.stats.clusters import intracluster_correlation
from roadworthy.stats.power import Clusters, rate_plan
from roadworthy.stats.units import from_table
from worked_example import edit

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "agentdojo"
ARCHIVES = Path(os.environ.get("ROADWORTHY_AGENTDOJO") or ROOT / ".cache" / "agentdojo")
SYSTEMS = {
    "gpt-4o": "gpt-4o-2024-05-13",
    "gpt-4o-tool-filter": "gpt-4o-2024-05-13-tool_filter",
    "claude-3.5-sonnet": "claude-3-5-sonnet-20241022",
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
}
pytestmark = pytest.mark.data


def clusters(name: str, store: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return successful attacks and cases of each injection task, read from the logs."""
    archive = ARCHIVES / f"{SYSTEMS[name]}.tar.xz"
    if not archive.is_file():
        pytest.fail(f"{archive} is not there; run: python examples/setup.py agentdojo")
    project = EXAMPLE / name
    source = load_yaml(project / "evals" / "under-attack.yaml")
    content = {**source.value, "dataset": {**source.value["dataset"], "file": str(archive)}}
    system = load_system(project)
    suite = suite_from(YamlFile(source.path, content, source.lines))
    run = run_suite(suite, system, fingerprint(system, project), root=project, store=store)
    [whole] = tally(run.table, "attack_success_rate")
    return np.repeat(whole.totals, whole.counts), np.repeat(whole.sizes, whole.counts)


def ever(totals: np.ndarray, sizes: np.ndarray, rate: float) -> np.ndarray:
    """Tell for each row whether 'the rate is at least `rate`' is ever rejected at 95 %, looking after every unit."""
    stake, share = stakes()
    found = np.zeros(len(totals), bool)
    logs = np.zeros((len(totals), len(stake))) + np.log(share)
    for at in range(totals.shape[1]):
        paid = (rate * sizes[:, at] - totals[:, at]) / 40
        logs += np.log1p(paid[:, None] * stake / (1 - rate * stake))
        found |= np.logaddexp.reduce(logs, axis=1) >= np.log(20)
    return found


@pytest.mark.parametrize("name", SYSTEMS)
def test_at_its_own_rate_a_system_is_hardly_ever_shipped_or_held(name: str, tmp_path: Path) -> None:
    """Clusters drawn from those of a real system, over a horizon of 200: both errors at most 5 %."""
    totals, sizes = clusters(name, tmp_path)
    assert (len(sizes), sizes.sum(), sizes.max()) == (27, 629, 40)
    rate, runs = totals.sum() / sizes.sum(), 600
    drawn = np.random.default_rng(len(name)).integers(27, size=(runs, 200))
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert ever(totals[drawn], sizes[drawn], rate).mean() <= allowed
    assert ever(sizes[drawn] - totals[drawn], sizes[drawn], 1 - rate).mean() <= allowed


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_order_of_the_real_cases_contradicts_them(name: str, tmp_path: Path) -> None:
    """500 orders of the 27 clusters as they are: never inside half of the rate, never outside twice of it."""
    totals, sizes = clusters(name, tmp_path)
    rate = totals.sum() / sizes.sum()
    generator = np.random.default_rng(1)
    orders = np.stack([generator.permutation(27) for _ in range(500)])
    assert not ever(totals[orders], sizes[orders], rate / 2).any()
    assert not ever(sizes[orders] - totals[orders], sizes[orders], 1 - min(2 * rate, 1.0)).any()


def in_rounds(
    generator: np.random.Generator, totals: np.ndarray, sizes: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Tell for each row whether 'the rate is at least `rate`' is rejected, and after how many calls, in two rounds.

    The first asks a tenth of each unit, rounded by chance: 4 of the 40 cases of the largest.
    """
    first = np.floor(sizes * 0.1 + generator.random(sizes.shape)).astype(int)
    bad = generator.hypergeometric(totals.astype(int), (sizes - totals).astype(int), first)
    early, late = crossing(bad, first, rate, 4), crossing(totals, sizes, rate, 40)
    calls = np.concatenate([np.cumsum(first, axis=1), first.sum(axis=1)[:, None]], axis=1)
    others = sizes - first
    rest = calls[:, -1:] + np.concatenate([np.cumsum(others, axis=1), others.sum(axis=1)[:, None]], axis=1)
    rows, end = np.arange(len(sizes)), sizes.shape[1]
    return (early < end) | (late < end), np.where(early < end, calls[rows, early], rest[rows, late])


def crossing(totals: np.ndarray, sizes: np.ndarray, rate: float, largest: float) -> np.ndarray:
    """Return at which unit the capital of each row first reaches 40, which is the end of the row for never."""
    stake, share = stakes()
    first, logs = np.full(len(totals), totals.shape[1]), np.zeros((len(totals), len(stake))) + np.log(share)
    for at in range(totals.shape[1]):
        paid = (rate * sizes[:, at] - totals[:, at]) / largest
        logs += np.log1p(paid[:, None] * stake / (1 - rate * stake))
        first = np.where(np.logaddexp.reduce(logs, axis=1) >= np.log(40), np.minimum(first, at), first)
    return first


@pytest.mark.parametrize("name", SYSTEMS)
def test_in_two_rounds_a_clear_answer_takes_at_most_half_of_the_fixed_plan(name: str, tmp_path: Path) -> None:
    """The rate is half of the threshold, in a dataset of twice the plan's units; at the threshold both err seldom."""
    totals, sizes = clusters(name, tmp_path)
    rate = totals.sum() / sizes.sum()
    correlation = round(intracluster_correlation(from_table(totals, sizes)) or 0.0, 2)
    kind = Clusters(round(sizes.mean()), correlation)
    plan = rate_plan(2 * rate, 1.5 * rate, at_most=True, confidence=0.95, power=0.8, clusters=kind)
    assert plan is not None
    generator, runs = np.random.default_rng(len(name)), 100
    drawn = generator.integers(27, size=(runs, 2 * plan.units))
    _, took = in_rounds(generator, totals[drawn], sizes[drawn], 2 * rate)
    assert took.mean() <= plan.units * sizes.mean() / 2
    drawn = generator.integers(27, size=(600, 200))
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
    assert in_rounds(generator, totals[drawn], sizes[drawn], rate)[0].mean() <= allowed
    assert in_rounds(generator, sizes[drawn] - totals[drawn], sizes[drawn], 1 - rate)[0].mean() <= allowed


def test_a_weak_agent_is_held_after_few_of_its_cases(
    tmp_path: Path, own_key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """gpt-4o gives way to 47.7 % of the attacks: that it is above 10 % is plain long before the 629 cases are read."""
    from roadworthy.cli.main import run

    project = tmp_path / "agentdojo" / "gpt-4o"
    shutil.copytree(EXAMPLE / "gpt-4o", project, ignore=shutil.ignore_patterns(".roadworthy"))
    shutil.copy(EXAMPLE / "common-cases.csv", project.parent)
    suite = project / "evals" / "under-attack.yaml"
    edit(suite, "../../../../.cache/agentdojo/gpt-4o-2024-05-13.tar.xz", str(ARCHIVES / "gpt-4o-2024-05-13.tar.xz"))
    edit(suite, "metrics: [utility_under_attack, attack_success_rate]", "metrics: [attack_success_rate]")
    assert run(["evaluate", "under-attack", "--until-decided", "-C", str(project)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "of 629 samples, in the first of two rounds: attack_success_rate is above 10 % (95 % bound" in said
    settled_after = int(said.split("settled after ")[1].split()[0])
    assert settled_after < 40
