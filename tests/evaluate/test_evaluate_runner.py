"""The runner against real local servers: healthy, failing, slow, lying, and killed in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import LocalServer, Project, completion, echo_last_word, fast, http, openai, serve

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.case import Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.progress import Progress
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.row import Row
from roadworthy.evaluate.targets.compression import MAX_BODY_BYTES
from roadworthy.evidence.predicate import Kind, parse_predicate

STABLE = ["sample", "epoch", "unit", "slice.colour", "status", "score.correct", "error", "response_digest", "tokens_in"]


def stable(table: Path) -> list[dict[str, Any]]:
    """Return what does not depend on time or on attempts."""
    return pyarrow.parquet.read_table(table, columns=STABLE).to_pylist()


def test_a_healthy_target_is_asked_once_for_each_case(project: Project) -> None:
    project.dataset(30)
    seen: list[Progress] = []
    with serve(echo_last_word) as server:
        suite = project.suite(
            target=openai(server.url),
            system_prompt="main",
            sampling={"temperature": 0, "max_tokens": 8, "seed": 5},
            prices={"input_per_million": 1, "output_per_million": 2},
            limits=fast(concurrency=4),
        )
        run = project.run(suite, progress=seen.append, actor="ci")
        again = project.run(suite)
    assert set(server.asked.values()) == {1}
    assert server.connections <= 4
    assert run.finished
    assert run.stopped is None
    assert (run.counts.scored, run.counts.planned) == (30, 30)
    assert run.usage.tokens_in == 300
    assert run.usage.cost == pytest.approx(30 * (10 + 2 * 5) / 1e6)
    assert seen[-1].done == seen[-1].total == 30
    assert again.table_digest == run.table_digest
    rows = stable(run.table)
    assert [row["sample"] for row in rows] == sorted(row["sample"] for row in rows)
    assert sum(row["score.correct"] for row in rows) == 20
    predicate = run.predicate()
    parse_predicate(Kind.MEASURED, predicate)
    assert predicate["target"]["reported_models"] == ["m-2026-01"]
    assert predicate["results"] == run.table_digest


def test_the_system_prompt_is_sent_as_declared(project: Project) -> None:
    project.dataset(1)
    sent: list[dict[str, Any]] = []

    async def keep(body: dict[str, Any], _: LocalServer) -> bytes:
        sent.append(body)
        return completion("x")

    with serve(keep) as server:
        project.run(project.suite(target=openai(server.url), system_prompt="main", sampling={"seed": 3}))
    assert sent[0]["messages"][0] == {"role": "system", "content": "Be brief. Keep {this} as it is."}
    assert sent[0]["seed"] == 3
    assert "temperature" not in sent[0]


def failing(times: int, answer: bytes | None) -> Any:
    """Give `answer` to the first `times` asks of each question, then a healthy one."""

    async def behave(body: dict[str, Any], server: LocalServer) -> bytes | None:
        question = body["messages"][-1]["content"]
        return answer if server.asked[question] <= times else await echo_last_word(body, server)

    return behave


@pytest.mark.parametrize(
    "answer",
    [
        http(500, b"boom"),
        http(503, b"busy"),
        http(429, b"slow down", "Retry-After: 0.05"),
        http(200, b"<html>rubbish"),
        http(200, b'{"choices": []}'),
        http(200, b'{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": "many"}}'),
        None,
        http(200, b'{"choices": [', length=5000),
        b"HTTP/1.1 banana\r\n\r\n",
    ],
    ids=["500", "503", "429", "rubbish", "no-choice", "bad-usage", "cut-off", "short-body", "not-http"],
)
def test_a_failure_that_passes_is_retried(project: Project, answer: bytes | None) -> None:
    project.dataset(4)

    async def cut(body: dict[str, Any], server: LocalServer) -> bytes | None:
        return await failing(1, answer)(body, server)

    with serve(cut) as server:
        limits = fast(timeout_seconds=1.0)
        run = project.run(project.suite(target=openai(server.url), limits=limits))
    assert run.counts.scored == 4
    assert set(server.asked.values()) == {2}
    assert run.usage.calls == 8


@pytest.mark.parametrize(
    ("answer", "calls", "said"),
    [
        (http(500, b"boom"), 3, "HTTP 500: boom"),
        (http(400, b"bad key sk-secret-value"), 1, "HTTP 400: bad key [redacted]"),
        (http(302, b"", "Location: http://127.0.0.1:9/"), 1, "redirects"),
        (http(429, b"", "Retry-After: 7200"), 1, "HTTP 429"),
        (http(200, b"x" * (MAX_BODY_BYTES + 1)), 1, "longer than"),
        (http(200, b"{"), 3, "not JSON"),
        (None, 3, "no answer"),
    ],
    ids=["500", "400", "redirect", "long-wait", "huge", "rubbish", "cut-off"],
)
def test_a_failure_that_stays_is_an_errored_sample(
    project: Project, monkeypatch: pytest.MonkeyPatch, answer: bytes | None, calls: int, said: str
) -> None:
    monkeypatch.setenv("TEST_KEY", "sk-secret-value")
    project.dataset(2)

    async def always(_body: dict[str, Any], _server: LocalServer) -> bytes | None:
        return answer

    with serve(always) as server:
        run = project.run(project.suite(target=openai(server.url, api_key_env="TEST_KEY"), limits=fast()))
    assert run.counts.errored == 2
    assert set(server.asked.values()) == {calls}
    assert "Authorization: Bearer sk-secret-value" in server.headers[0]
    for row in pyarrow.parquet.read_table(run.table).to_pylist():
        assert said in row["error"]
        assert row["score.correct"] is None
        assert row["attempts"] == calls
    assert not any(b"sk-secret-value" in path.read_bytes() for path in project.store.rglob("*") if path.is_file())


def test_a_target_that_hangs_is_given_up_after_the_timeout(project: Project) -> None:
    project.dataset(2)

    async def hang(_body: dict[str, Any], _server: LocalServer) -> bytes:
        await asyncio.sleep(60)
        raise AssertionError

    with serve(hang) as server:
        limits = fast(timeout_seconds=0.1, retries=1)
        run = project.run(project.suite(target=openai(server.url), limits=limits))
    assert run.counts.errored == 2
    errors = pyarrow.parquet.read_table(run.table)["error"].to_pylist()
    assert errors == ["no answer within 0.1 s"] * 2


def test_retry_after_as_a_date_is_waited_for(project: Project) -> None:
    project.dataset(1)

    async def later(body: dict[str, Any], server: LocalServer) -> bytes:
        if server.calls > 1:
            return await echo_last_word(body, server)
        moment = datetime.now(UTC) + timedelta(seconds=2)
        return http(429, b"", f"Retry-After: {format_datetime(moment, usegmt=True)}")

    with serve(later) as server:
        start = time.monotonic()
        run = project.run(project.suite(target=openai(server.url), limits=fast()))
    assert run.counts.scored == 1
    assert time.monotonic() - start > 0.9


def test_the_rate_limit_holds(project: Project) -> None:
    project.dataset(10)
    with serve(echo_last_word) as server:
        start = time.monotonic()
        project.run(project.suite(target=openai(server.url), limits=fast(requests_per_second=20)))
    assert time.monotonic() - start > 9 / 20


def test_errored_samples_are_asked_again_and_scored_ones_are_not(project: Project) -> None:
    project.dataset(9)
    broken = True

    async def sometimes(body: dict[str, Any], server: LocalServer) -> bytes:
        odd = int(body["messages"][-1]["content"].split()[-1]) % 2
        return http(400, b"no") if odd and broken else await echo_last_word(body, server)

    with serve(sometimes) as server:
        suite = project.suite(target=openai(server.url), limits=fast())
        first = project.run(suite)
        kept = project.run(suite, retry_errors=False)
        broken = False
        second = project.run(suite)
    assert (first.counts.scored, first.counts.errored) == (5, 4)
    assert kept.table_digest == first.table_digest
    assert (second.counts.scored, second.counts.errored) == (9, 0)
    assert [server.asked[f"say {i}"] for i in range(9)] == [1, 2, 1, 2, 1, 2, 1, 2, 1]
    before = {row["sample"]: row for row in pyarrow.parquet.read_table(first.table).to_pylist()}
    after = pyarrow.parquet.read_table(second.table).to_pylist()
    assert all(before[row["sample"]] == row for row in after if before[row["sample"]]["status"] == "scored")


def test_a_used_up_budget_stops_cleanly_and_a_higher_one_goes_on(project: Project) -> None:
    project.dataset(20)
    with serve(echo_last_word) as server:
        run = project.run(project.suite(target=openai(server.url), limits=fast(max_calls=7)))
        assert server.calls == 7
        assert "budget of 7 calls" in (run.stopped or "")
        assert not run.finished
        assert run.counts.recorded == 7
        assert "not complete" in run.notes[0]
        run = project.run(project.suite(target=openai(server.url), limits=fast()))
    assert run.finished
    assert set(server.asked.values()) == {1}


@pytest.mark.parametrize("limits", [{"max_tokens": 60}, {"max_cost": 4 * 15 / 1e6}], ids=["tokens", "cost"])
def test_budgets_in_tokens_and_cost(project: Project, limits: dict[str, Any]) -> None:
    project.dataset(20)
    with serve(echo_last_word) as server:
        suite = project.suite(
            target=openai(server.url),
            limits=fast(concurrency=1, **limits),
            prices={"input_per_million": 1, "output_per_million": 1},
        )
        run = project.run(suite)
    assert server.calls == 4
    assert run.stopped


def test_a_run_without_a_single_sample_says_so(project: Project) -> None:
    project.dataset(3)

    async def broken(_body: dict[str, Any], _server: LocalServer) -> bytes:
        return http(500, b"")

    with serve(broken) as server:
        run = project.run(project.suite(target=openai(server.url), limits=fast(max_calls=1)))
    assert (run.counts.recorded, run.counts.planned) == (0, 3)
    assert not run.finished
    assert tally(run.table, "task_success_rate") == []
    parse_predicate(Kind.MEASURED, run.predicate())


def test_a_target_that_is_down_ends_the_run(project: Project) -> None:
    project.dataset(50)
    target = openai("http://127.0.0.1:9/v1")
    run = project.run(project.suite(target=target, limits=fast(retries=0, give_up_after=5, concurrency=1)))
    assert run.counts.errored == 5
    assert "5 samples in a row" in (run.stopped or "")


def test_answers_are_cached_for_the_same_question_only(project: Project) -> None:
    project.dataset(6)
    with serve(echo_last_word) as server:
        target = openai(server.url)
        first = project.run(project.suite(target=target))
        scorers = [{"id": "correct", "use": "contains_any", "values": ["1"]}]
        second = project.run(project.suite(target=target, scorers=scorers))
        assert server.calls == 6
        assert second.usage.cached == 6
        assert second.usage.calls == 0
        assert second.started == first.started
        project.run(project.suite(target=target, sampling={"temperature": 1}))
    assert server.calls == 12


def test_fresh_measures_anew_beside_what_was_there(project: Project) -> None:
    project.dataset(3)
    with serve(echo_last_word) as server:
        suite = project.suite(target=openai(server.url))
        first = project.run(suite)
        time.sleep(1.1)  # cached answers carry whole seconds
        second = project.run(suite, fresh=True)
        third = project.run(suite)
    assert server.calls == 6
    assert first.directory != second.directory
    assert first.table.exists()
    assert third.table_digest == second.table_digest


def test_repetitions_are_asked_with_their_own_seed(project: Project) -> None:
    project.dataset(3)
    seeds: list[int] = []

    async def note(body: dict[str, Any], server: LocalServer) -> bytes:
        seeds.append(body["seed"])
        return await echo_last_word(body, server)

    with serve(note) as server:
        suite = project.suite(
            target=openai(server.url),
            epochs=2,
            sampling={"seed": 40},
            dataset={"file": "cases.jsonl", "slices": ["colour"]},
        )
        run = project.run(suite)
    assert sorted(seeds) == [40, 40, 40, 41, 41, 41]
    assert run.counts.scored == 6
    assert run.predicate()["dataset"]["cluster"] == "sample"


def test_a_broken_surrogate_in_an_answer_does_no_harm(project: Project) -> None:
    project.dataset(1)

    async def half_emoji(_body: dict[str, Any], _server: LocalServer) -> bytes:
        return http(200, b'{"choices": [{"message": {"content": "x \\ud83d"}}]}')

    with serve(half_emoji) as server:
        assert project.run(project.suite(target=openai(server.url))).counts.scored == 1


KILLED = """
import sys, yaml
from pathlib import Path
sys.path.insert(0, {tests!r})
from evaluate_project import Project, SYSTEM, FINGERPRINT
from roadworthy.evaluate import record_book
from roadworthy.evaluate.suite import read_suite
from roadworthy.evaluate.runner import run_suite
record_book.PART_ROWS = 16
{before}
root = Path({root!r})
run = run_suite(read_suite(root / "evals/quality.yaml"), SYSTEM, FINGERPRINT, root=root, store=root / ".roadworthy")
print("finished", run.counts)
"""


def start(project: Project, before: str = "") -> subprocess.Popen[str]:
    code = KILLED.format(tests=str(Path(__file__).parent), root=str(project.root), before=before)
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    )


def slowly(seconds: float) -> Any:
    async def behave(body: dict[str, Any], server: LocalServer) -> bytes:
        await asyncio.sleep(seconds)
        return await echo_last_word(body, server)

    return behave


def test_kill_9_at_any_moment_loses_only_what_is_in_flight(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    project.dataset(160)
    concurrency, kills = 4, (23, 64, 111)
    with serve(slowly(0.01)) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=concurrency))
        for at in kills:
            process = start(project)
            deadline = time.monotonic() + 30
            while server.calls < at and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
            assert "finished" not in out, err
            assert server.calls >= at, err
        run = project.run(suite)
        asked = dict(server.asked)
        undisturbed = Project(tmp_path_factory.mktemp("undisturbed"))
        undisturbed.dataset(160)
        other = undisturbed.run(undisturbed.suite(target=openai(server.url)))
    assert run.finished
    assert stable(run.table) == stable(other.table)
    assert sum(count > 1 for count in asked.values()) <= len(kills) * concurrency
    assert max(asked.values()) <= 1 + len(kills)


def test_a_full_disk_keeps_everything_recorded(project: Project) -> None:
    project.dataset(60)

    async def long(body: dict[str, Any], _server: LocalServer) -> bytes:
        return completion(body["messages"][-1]["content"] + " long" * 1000)

    with serve(long) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=1))
        # A real limit on the size of files, which the journal outgrows, stands for the full disk.
        process = start(project, "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))")
        out, err = process.communicate(timeout=60)
        assert "finished" not in out
        assert "StorageError" in err
        assert "journal.jsonl" in err
        assert "nothing recorded is lost" in err
        assert 5 < server.calls < 60
        run = project.run(suite)
    assert run.finished
    assert sum(count > 1 for count in server.asked.values()) <= 1


def test_two_processes_do_not_write_the_same_run(project: Project) -> None:
    project.dataset(40)
    with serve(slowly(0.2)) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=1))
        process = start(project)
        while server.calls < 1:
            time.sleep(0.005)
        try:
            with pytest.raises(StorageError, match="another process"):
                project.run(suite)
        finally:
            process.kill()
            process.communicate()


def test_a_store_that_cannot_be_written_is_named(project: Project) -> None:
    project.dataset(2)
    project.store.write_text("a file where the store should be")
    with pytest.raises(StorageError, match="cannot write"):
        project.run(project.suite(target=openai("http://127.0.0.1:9/v1")))


def test_json_of_a_run(project: Project) -> None:
    project.dataset(2)
    with serve(echo_last_word) as server:
        run = project.run(project.suite(target=openai(server.url)))
    content = json.loads((run.directory / "run.json").read_text())
    assert content["finished"] is True
    assert content["key"] == run.key
    assert {"results.parquet", "part-00000.parquet", "transcripts-00000.parquet", "journal.jsonl"} <= {
        path.name for path in run.directory.iterdir()
    }


class EnoughAfter:
    """Ask the last case first; settled once so many rows are seen."""

    in_rounds = False

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.seen: list[str] = []

    def order(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        cases = reversed(list(dataset.cases(surveyed=True)))
        return ((case, epoch) for case in cases for epoch in range(epochs))

    def row(self, row: Row) -> None:
        self.seen.append(row.sample)

    def settled(self) -> str | None:
        return "seen enough" if len(self.seen) >= self.wanted else None


def test_a_stopping_rule_fixes_the_order_and_ends_the_asking(project: Project) -> None:
    project.dataset(40)
    with serve(echo_last_word) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=2))
        partial = project.run(project.suite(target=openai(server.url), limits=fast(max_calls=3)))
        rule = EnoughAfter(10)
        run = project.run(suite, stopping=rule)
        calls = server.calls
        again = EnoughAfter(10)
        repeated = project.run(suite, stopping=again)
        assert server.calls == calls
        whole = project.run(suite)
    assert partial.counts.recorded == 3
    assert (run.settled, run.stopped, run.finished) == ("seen enough", None, False)
    assert 10 <= run.counts.recorded == calls < 40
    assert sorted(rule.seen[:3]) == ["c0000", "c0001", "c0002"]
    assert min(rule.seen[3:]) > "c0002"
    assert "c0039" in rule.seen[3:6]
    assert sorted(again.seen) == sorted(rule.seen)
    assert repeated.table_digest == run.table_digest
    assert json.loads((run.directory / "run.json").read_text())["planned"] == 40
    assert whole.finished
    assert whole.settled is None


def test_a_stopping_rule_ends_the_reading_of_recorded_answers(project: Project) -> None:
    rows = [{"id": f"r{i:04}", "ok": i % 2} for i in range(600)]
    (project.root / "evals" / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = project.suite(
        dataset={"file": "cases.jsonl"}, prompt=None, scorers=[], target={"kind": "logs", "scores": {"correct": "ok"}}
    )
    run = project.run(suite, stopping=EnoughAfter(100))
    assert run.settled == "seen enough"
    assert 100 <= run.counts.recorded < 600
