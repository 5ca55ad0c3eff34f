"""Programs as targets: real processes, and what is left of them."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import SYSTEM, Project, fast

from roadworthy.core.errors import InputError
from roadworthy.evaluate.plan import bind, check_suite

ECHO = """
import json, os, sys
case = json.loads(sys.stdin.readline())
said = case["messages"][-1]["content"].split()[-1]
if said == "1":
    print("no luck with", os.environ["THE_KEY"], file=sys.stderr)
    sys.exit(3)
call = {"name": "look", "arguments": {"x": said}}
print(json.dumps({"text": said, "tokens_in": 2, "tool_calls": [call], "scores": {"utility": 0.5}}))
"""


def command(project: Project, source: str, **more: Any) -> dict[str, Any]:
    (project.root / "evals" / "agent.py").write_text(source)
    return {"kind": "command", "command": [sys.executable, "agent.py"], **more}


def rows(project: Project, target: dict[str, Any], **suite: Any) -> list[dict[str, Any]]:
    limits = suite.pop("limits", fast(concurrency=2, timeout_seconds=30, retries=0))
    run = project.run(project.suite(target=target, limits=limits, **suite))
    return pyarrow.parquet.read_table(run.table).to_pylist()


def test_a_program_reads_a_line_and_prints_an_answer(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.dataset(3)
    monkeypatch.setenv("THE_KEY", "very-secret-key")
    monkeypatch.setenv("OTHER", "not for the program")
    found = rows(project, command(project, ECHO, env=["THE_KEY"]), metrics=["task_success_rate", "utility"])
    assert [row["status"] for row in found] == ["scored", "errored", "scored"]
    assert [row["score.utility"] for row in found] == [0.5, None, 0.5]
    assert found[1]["error"] == "the program ended with 3: no luck with [redacted]"
    assert found[0]["tokens_in"] == 2
    files = [path for path in project.store.rglob("*") if path.is_file()]
    assert not any(b"very-secret-key" in path.read_bytes() for path in files)


def test_it_sees_only_what_it_is_allowed_to(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.dataset(1)
    monkeypatch.setenv("OTHER", "not for the program")
    source = "import os\nprint('OTHER' in os.environ, 'PATH' in os.environ)\n"
    scorers = [{"id": "correct", "use": "exact_match", "expected": "False True"}]
    (row,) = rows(project, command(project, source, output="text"), scorers=scorers)
    assert row["score.correct"] == 1


def test_nothing_is_left_of_a_program_that_does_not_end(project: Project) -> None:
    project.dataset(1)
    source = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pids', 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(60)\n"
    )
    (row,) = rows(project, command(project, source), limits=fast(timeout_seconds=3, retries=0))
    assert row["error"] == "no answer within 3 s"
    for pid in (project.root / "evals" / "pids").read_text().split():
        assert gone(int(pid))


def gone(pid: int) -> bool:
    """Wait until a process has ended; one that nobody has collected yet counts as ended."""
    for _ in range(100):
        with suppress(FileNotFoundError):
            if "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]:
                time.sleep(0.05)
                continue
        return True
    return False


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("print('not json')", "the answer is not JSON: not json"),
        ("print('[1]')", "the program returned list, not a text"),
        ("import os; os.kill(os.getpid(), 9)", "the program ended with -9: it said nothing"),
        ("import sys\nwhile True: sys.stdout.write('x' * 100_000)", "the program printed more than 8,388,608 bytes"),
    ],
)
def test_programs_that_give_no_answer(project: Project, source: str, said: str) -> None:
    project.dataset(1)
    (row,) = rows(project, command(project, source))
    assert said in row["error"]


def test_words_are_not_read_by_a_shell(project: Project) -> None:
    project.dataset(1)
    scorers = [{"id": "correct", "use": "exact_match", "expected": "$HOME; echo x"}]
    target = {"kind": "command", "command": ["printf", "%s", "$HOME; echo x"], "output": "text"}
    (row,) = rows(project, target, scorers=scorers)
    assert row["score.correct"] == 1


def test_a_program_that_is_not_there_is_named(project: Project) -> None:
    project.dataset(1)
    suite = project.suite(target={"kind": "command", "command": ["no-such-program-here"]})
    (error,) = check_suite(suite, SYSTEM, project.root)
    assert "there is no program 'no-such-program-here'" in error.problem
    with pytest.raises(InputError, match="there is no program"):
        bind(suite, SYSTEM, project.root)


def test_the_identity_changes_with_the_files_of_the_command(project: Project) -> None:
    project.dataset(1)
    suite = project.suite(target=command(project, ECHO))
    first = bind(suite, SYSTEM, project.root).identity
    os.utime(project.root / "evals" / "agent.py", (0, 0))
    assert bind(suite, SYSTEM, project.root).identity == first
    (project.root / "evals" / "agent.py").write_text(ECHO + "# changed\n")
    assert bind(suite, SYSTEM, project.root).identity != first
