"""Several targets in one paired run: the same cases, in turn, each a run of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import LocalServer, Project, completion, fast, openai, serve

from roadworthy.core.errors import EvidenceError, InputError, InputErrors
from roadworthy.evidence.predicate import Kind, parse_predicate
from worked_example import SUITE, Command


@contextmanager
def servers(log: list[tuple[str, str]]) -> Iterator[dict[str, LocalServer]]:
    """Three servers that write down what they are asked; only `good` is right."""

    def answering(name: str) -> Any:
        async def behave(body: dict[str, Any], _server: LocalServer) -> bytes:
            question = body["messages"][-1]["content"]
            log.append((name, question))
            return completion(question.split()[-1] if name == "good" else "?")

        return behave

    with serve(answering("good")) as good, serve(answering("old")) as old, serve(answering("rival")) as rival:
        yield {"good": good, "old": old, "rival": rival}


def test_the_same_cases_are_asked_of_each_in_turn(project: Project) -> None:
    project.dataset(60)
    log: list[tuple[str, str]] = []
    with servers(log) as at:
        suite = project.suite(
            target=openai(at["good"].url),
            comparators={"old-model": openai(at["old"].url), "rival": openai(at["rival"].url)},
            limits=fast(concurrency=1),
        )
        run = project.run(suite)
        calls = len(log)
        again = project.run(suite)
        alone = project.run(project.suite(target=openai(at["good"].url), limits=fast()))
    assert len(log) == calls == 180
    assert [who for who, _ in log] == ["good", "old", "rival"] * 60
    assert [question for _, question in log] == [f"say {i}" for i in range(60) for _ in range(3)]
    assert [other.plan.suite.comparator for other in run.beside] == ["old-model", "rival"]
    tables = [pyarrow.parquet.read_table(each.table).to_pylist() for each in (run, *run.beside)]
    assert len({each.directory for each in (run, *run.beside)}) == 3
    assert [[row["sample"] for row in table] for table in tables[1:]] == [[row["sample"] for row in tables[0]]] * 2
    assert [sum(row["score.correct"] for row in table) for table in tables] == [40, 0, 0]
    assert [each.table_digest for each in again.beside] == [each.table_digest for each in run.beside]
    assert alone.table_digest == run.table_digest
    said = [json.loads((each.directory / "run.json").read_text())["comparator"] for each in (run, *run.beside)]
    assert said == [None, "old-model", "rival"]


def test_only_the_run_of_the_system_itself_is_evidence(project: Project) -> None:
    project.dataset(3)
    with servers([]) as at:
        run = project.run(project.suite(target=openai(at["good"].url), comparators={"old": openai(at["old"].url)}))
    parse_predicate(Kind.MEASURED, run.predicate())
    assert run.beside[0].predicate()["comparator"] == "old"
    with pytest.raises(EvidenceError):
        parse_predicate(Kind.MEASURED, run.beside[0].predicate())


def test_a_comparator_that_is_down_does_not_hold_the_others_up(project: Project) -> None:
    project.dataset(40)
    with servers([]) as at:
        suite = project.suite(
            target=openai(at["good"].url),
            comparators={"down": openai("http://127.0.0.1:9/v1")},
            limits=fast(retries=0, give_up_after=5, concurrency=2),
        )
        run = project.run(suite)
    assert run.counts.scored == 40
    assert "samples in a row" in (run.beside[0].stopped or "")
    assert not run.beside[0].finished


def test_mistakes_in_a_comparator_are_named(project: Project) -> None:
    project.dataset(1)
    target = openai("http://127.0.0.1:9/v1")
    with pytest.raises(InputErrors, match=r"quality.yaml:\d+.*base_url"):
        project.suite(target=target, comparators={"x": {"kind": "openai", "model": "m"}})
    with pytest.raises(InputErrors, match="recorded answers are not asked"):
        project.suite(target=target, comparators={"x": {"kind": "logs", "scores": {"correct": "ok"}}})
    suite = project.suite(target=target, comparators={"x": openai("${NO_SUCH_VARIABLE}")})
    with pytest.raises(InputError, match="NO_SUCH_VARIABLE") as caught:
        project.run(suite)
    assert caught.value.place == suite.place("comparators", "x")


def test_a_comparator_that_comes_later_is_asked_alone_and_says_so(project: Project) -> None:
    project.dataset(20)
    log: list[tuple[str, str]] = []
    with servers(log) as at:
        one = {"target": openai(at["good"].url), "limits": fast(concurrency=1)}
        project.run(project.suite(**one))
        two = project.suite(**one, comparators={"old": openai(at["old"].url)})
        late = project.run(two)
        assert late.beside[0].apart == "asked alone for 20 samples, which the system was asked before"
        assert [who for who, _ in log[20:]] == ["old"] * 20
        assert project.run(two).beside[0].apart is None, "what is recorded is not asked"
        again = project.run(two, fresh=True, use_cache=False)
    assert again.beside[0].apart is None
    assert [who for who, _ in log[40:]] == ["good", "old"] * 20


def test_a_comparator_that_was_there_is_paired_also_when_the_run_is_taken_up(project: Project) -> None:
    project.dataset(20)
    with servers([]) as at:
        both = {"target": openai(at["good"].url), "comparators": {"old": openai(at["old"].url)}}
        project.run(project.suite(**both, limits=fast(max_calls=8)))
        run = project.run(project.suite(**both, limits=fast()))
    assert run.finished
    assert run.beside[0].apart is None


def test_a_comparator_of_a_settled_run_is_not_asked_and_the_screen_says_so(command: Command) -> None:
    command.example.suite(prompt="{wanted}")
    assert "settled after" in command("evaluate", "--until-decided").text
    command.example.suite(prompt="{wanted}", comparators={"same": SUITE["target"]})
    said = command("evaluate").text
    assert "beside it: same, 0 samples in" in said
    assert "; not asked, as the run of the system was settled before: with --again both are asked in turn" in said
    said = command("evaluate", "--again", "--until-decided").text
    assert "--again both" not in said
    assert "beside it: same, 0 samples" not in said
    assert "--again both" not in command("evaluate").text, "it was beside the run that is settled"
