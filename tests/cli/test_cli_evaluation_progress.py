"""What an evaluation says while it goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roadworthy.cli import evaluation_progress
from roadworthy.cli.evaluation_progress import Lines, duration, facts
from roadworthy.evaluate.budget import Usage
from roadworthy.evaluate.progress import Progress
from roadworthy.evaluate.suite import Suite
from worked_example import Command

USED = Usage(calls=255, cached=3, cost=0.0421)
STATE = Progress(done=250, total=1000, errors=2, per_second=12.5, usage=USED, in_all=USED)
SUITE = Suite.model_validate(
    {
        "suite": "quality",
        "dataset": {"file": "cases.jsonl"},
        "target": {"kind": "logs", "scores": {"correct": "ok"}},
        "metrics": ["task_success_rate"],
    }
)


def test_the_facts_name_rate_time_left_calls_errors_and_cost() -> None:
    assert facts(STATE) == "12/s, 1 min 0 s left, 255 calls, 3 cached, 2 errors, cost 0.0421"
    used = Usage(calls=10)
    done = Progress(done=10, total=10, errors=0, per_second=0.5, usage=used, in_all=used)
    assert facts(done) == "0.5/s, 10 calls, 0 cached, 0 errors"


def test_what_earlier_invocations_used_is_told_apart() -> None:
    in_all = Usage(calls=1255, cached=3, cost=1.5)
    taken_up = replace(STATE, done=1000, usage=in_all.since(Usage(calls=1000, cost=1.4579)), in_all=in_all)
    assert facts(taken_up) == "12/s, 255 calls (1,255 in all), 3 cached, 2 errors, cost 0.0421 (1.5000 in all)"


def test_the_last_line_tells_them_apart_too(command: Command) -> None:
    command.example.suite(limits={"retries": 0, "max_calls": 10})
    assert "10 of 60 samples; 10 calls, 0 answers reused; evidence" in command("evaluate").text
    command.example.suite(limits={"retries": 0, "max_calls": 25})
    assert "25 of 60 samples; 15 calls (25 in all), 0 answers reused; evidence" in command("evaluate").text
    command.example.suite()
    command("evaluate")
    assert "60 of 60 samples; 0 calls (60 in all), 0 answers reused; evidence" in command("evaluate").text


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.4, "59 s"), (185, "3 min 5 s"), (7800, "2 h 10 min"), (-1, "0 s")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_without_a_terminal_a_line_comes_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = 100.0
    monkeypatch.setattr(evaluation_progress, "monotonic", lambda: moment)
    monkeypatch.setattr(evaluation_progress, "print_line", print)
    lines = Lines()
    for seconds in (1, 10, 20, 30, 40):
        moment = 100.0 + seconds
        lines.update(SUITE, STATE)
    said = capsys.readouterr().out.splitlines()
    assert said == ["quality: 250 of 1,000 samples, " + facts(STATE)] * 2
