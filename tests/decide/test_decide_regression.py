"""A release is held to the shipped one, case by case: no worse by more than the margin."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.decide.countersigned import add_statements, write_countersigned
from roadworthy.decide.release_bundle import read_dossier
from roadworthy.decide.replay import replay
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.trust import TrustedKeys
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, TARGET, Command, make_key, requirement

CRITERION = {tier: {"no_worse_by": 0.05, "confidence": 0.95} for tier in ("low", "medium", "high")}


def no_regression(**changes: Any) -> dict[str, Any]:
    named = {"id": "no-regression", "title": "It is no worse than before", "criterion": CRITERION}
    return requirement(ANSWERS, **{**named, **changes})


@pytest.fixture
def release(command: Command) -> Command:
    """A project whose standard also compares with the shipped release."""
    command.example.change_standard(requirements=[ANSWERS, CARD, GO_LIVE, OWNED, no_regression()])
    command.example.cases(right=300)
    command.sign_all()
    return command


def ship(command: Command) -> None:
    assert command("evaluate").code == 0
    said = command.gate()
    assert said.code == 0, said.text
    shutil.copy(command.out / "bundle.zip", command.example.directory / "shipped.bundle.zip")


def change(command: Command, wrong: Collection[int], release: str = "2.0") -> None:
    """Make the next release, which is wrong on these cases."""
    named = {f"c{at:04}" for at in wrong}
    target = TARGET.replace("wanted = ", f"if request['id'] in {sorted(named)!r}: return 'no'\n    wanted = ")
    (command.example.directory / "evals" / "target.py").write_text(target, "utf-8")
    command.example.declare(release=release, prompts=[{"id": "system", "text": f"Answer as of {release}."}])
    command.sign_again()


def judged(command: Command) -> dict[str, Any]:
    [found] = [o for o in command.verdict()["outcomes"] if o["requirement"] == "no-regression"]
    return found


def test_the_first_release_has_nothing_to_be_worse_than(release: Command) -> None:
    assert release("evaluate").code == 0
    assert release.gate().code == 0
    status, reason = release.outcome("no-regression")
    assert (status, "First release: nothing to compare with." in reason) == ("not applicable", True)
    assert f"It is no worse than before: {reason}" in release.verdict()["not_tested"]
    assert "First release: nothing to compare with." in (release.out / "report.html").read_text()


def test_without_the_shipped_bundle_the_report_names_the_release_that_was_measured_before(release: Command) -> None:
    ship(release)
    change(release, wrong=range(60))
    assert release("evaluate").code == 0
    (release.example.directory / "shipped.bundle.zip").unlink()
    release.gate()
    status, reason = release.outcome("no-regression")
    assert status == "not applicable"
    assert "though release 1.0 was measured. If it shipped, keep its bundle" in reason
    assert f"It is no worse than before: {reason}" in release.verdict()["not_tested"]
    assert release.verify().code == 0, "the bundle holds what the sentence rests on"


def test_the_same_answers_are_no_worse(release: Command) -> None:
    ship(release)
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code == 0
    outcome = judged(release)
    assert (outcome["status"], outcome["direction"], outcome["threshold"]) == ("met", "at most", 0.05)
    [whole] = outcome["judged"]
    assert (whole["estimate"], whole["n"]) == (0.0, 300)
    assert 0.0 < whole["upper"] < 0.05


def test_a_clear_regression_is_not_met_though_the_rate_itself_is(release: Command) -> None:
    ship(release)
    change(release, wrong=range(60))
    assert release("evaluate").code == 0
    assert release.gate().code == 1
    assert release.outcome()[0] == "met"
    status, reason = release.outcome("no-regression")
    assert status == "not met"
    assert "worse than in the shipped release by 20 points" in reason


def test_a_few_cases_settle_nothing_and_say_how_many_would(release: Command) -> None:
    ship(release)
    change(release, wrong=range(9))
    assert release("evaluate").code == 0
    assert release.gate().code == 3
    outcome = judged(release)
    assert outcome["status"] == "inconclusive"
    assert outcome["judged"][0]["needed_units"] > 0


def test_errors_of_the_shipped_release_do_not_help_the_next_one(release: Command) -> None:
    """An error counts as good in the shipped release, as bad in the next: both hold."""
    release.example.cases(right=285, broken=15)
    ship(release)
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code != 0
    assert judged(release)["judged"][0]["estimate"] == pytest.approx(0.05)


def test_other_cases_cannot_be_compared(release: Command) -> None:
    ship(release)
    release.example.cases(right=310)
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code == 3
    status, reason = release.outcome("no-regression")
    assert status == "not shown"
    assert "300 of 310 are the same" in reason


def test_a_suite_that_was_not_run_on_the_shipped_release_shows_nothing(release: Command) -> None:
    ship(release)
    (release.example.directory / "evals" / "answers.yaml").unlink()
    release.example.suite(suite="fresh")
    (release.example.directory / "evals" / "answers.yaml").rename(release.example.directory / "evals" / "fresh.yaml")
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code == 3
    assert "the shipped release has no measurement by fresh" in release.outcome("no-regression")[1]


def test_the_comparison_replays_from_the_bundle_alone(release: Command, tmp_path: Path) -> None:
    ship(release)
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code == 0
    moved = shutil.move(release.out / "bundle.zip", tmp_path / "moved.zip")
    shutil.rmtree(release.example.directory)
    replayed = replay(Path(moved), TrustedKeys.of(load_signer()))
    assert replayed.intact, replayed.checks
    assert replayed.verdict is not None
    assert str(replayed.verdict.verdict) == "ship"


def test_a_measurement_of_a_stranger_is_no_baseline(release: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worse shipped release, invented by somebody, would let a regression pass."""
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY_FILE", str(release.example.stranger))
    ship(release)
    monkeypatch.delenv("ROADWORTHY_SIGNING_KEY_FILE")
    shutil.rmtree(release.example.directory / ".roadworthy")
    change(release, wrong=())
    assert release("evaluate").code == 0
    assert release.gate().code == 3
    assert "signed by a key that is not trusted here" in release.outcome("no-regression")[1]


def test_a_keeper_passes_on_what_the_comparison_rests_on(release: Command, tmp_path: Path) -> None:
    """A countersigned bundle still holds the shipped measurement, and replays with the keeper's key alone."""
    ship(release)
    change(release, range(6))
    assert release("evaluate").code == 0
    assert release.gate().code == 0
    bundle = read_bundle(release.out / "bundle.zip", TrustedKeys.of(load_signer()))
    received, keeper = read_dossier(bundle, tmp_path), make_key(tmp_path / "keeper.pem")
    case = add_statements(received, [], signers=[], as_of=received.as_of + timedelta(hours=1))
    kept = tmp_path / "kept.zip"
    write_countersigned(kept, bundle, case, keeper)
    result = replay(kept, TrustedKeys.of(keeper))
    assert (result.intact, result.trusted) == (True, True)
    assert result.verdict == case.verdict
