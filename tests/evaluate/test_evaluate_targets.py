"""Targets other than chat: plain HTTP, Python functions, recorded logs, predictions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import LocalServer, Project, fast, http, serve

from roadworthy.core.errors import InputError
from roadworthy.evaluate.json_path import JsonPath
from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.targets.completions import read_completion
from roadworthy.evaluate.targets.wire import retry_after


def rows(project: Project, **suite: Any) -> list[dict[str, Any]]:
    return pyarrow.parquet.read_table(project.run(project.suite(**suite)).table).to_pylist()


def test_plain_http_by_template(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.dataset(3)
    monkeypatch.setenv("SHOP_TOKEN", "tok-very-secret")
    bodies: list[dict[str, Any]] = []

    async def shop(body: dict[str, Any], _server: LocalServer) -> bytes:
        bodies.append(body)
        answer = {"out": [{"text": body["question"].split()[-1]}], "m": "shop-1", "usage": {"in": 3, "out": 4}}
        return http(200, json.dumps(answer).encode())

    with serve(shop) as server:
        monkeypatch.setenv("SHOP", server.url)
        target = {
            "kind": "http",
            "url": "${SHOP}/ask/{colour}?q={prompt}",
            "headers": {"Authorization": "Bearer ${SHOP_TOKEN}"},
            "body": {"question": "{prompt}", "number": "{k}", "nested": [{"id": "no. {id}"}]},
            "answer": "$.out[0].text",
            "model": "$.m",
            "tokens_in": "$.usage.in",
            "tokens_out": "$.usage.out",
        }
        found = rows(project, target=target, prompt=None, limits=fast(concurrency=1))
    assert bodies[0] == {"question": "say 0", "number": 0, "nested": [{"id": "no. c0000"}]}
    assert "/v1/ask/r?q=say%200 HTTP/1.1" in server.headers[0]
    assert "tok-very-secret" in server.headers[0]
    assert [row["score.correct"] for row in found] == [0, 1, 1]
    assert found[0]["tokens_out"] == 4
    assert not any(b"tok-very-secret" in path.read_bytes() for path in project.store.rglob("*") if path.is_file())


def test_plain_text_over_http_and_a_path_that_is_not_there(project: Project) -> None:
    project.dataset(2)

    async def text(_body: dict[str, Any], _server: LocalServer) -> bytes:
        return http(200, b'{"a": 1}')

    with serve(text) as server:
        target = {"kind": "http", "url": server.url, "body": {"q": "{prompt}"}}
        scorers = [{"id": "correct", "use": "json_valid", "keys": ["a"]}]
        assert [row["score.correct"] for row in rows(project, target=target, prompt=None, scorers=scorers)] == [1, 1]
        target["answer"] = "$.b"
        found = rows(project, target=target, prompt=None, scorers=scorers, limits=fast(retries=0))
    assert found[0]["error"] == "the answer holds nothing at $.b"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", {"a": [1, {"b c": 2}]}),
        ("$.a[0]", 1),
        ("$.a[-1]['b c']", 2),
        ("$.x.y", None),
        ("$.a[7]", None),
        ("$[0]", None),
    ],
)
def test_json_paths(path: str, value: Any) -> None:
    assert JsonPath(path).find({"a": [1, {"b c": 2}]}) == value


@pytest.mark.parametrize("path", ["a", "$a", "$..a", "$.a[*]", "$.a["])
def test_json_paths_that_cannot_be_read(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        JsonPath(path).steps  # noqa: B018


def test_python_functions(project: Project) -> None:
    project.dataset(4)
    (project.root / "evals" / "mine.py").write_text(
        "async def later(request):\n"
        "    return {'text': request['messages'][-1]['content'].split()[-1], 'tokens_in': 2, 'tokens_out': 1}\n"
        "def plain(request):\n"
        "    if request['id'] == 'c0003': raise KeyError('lost')\n"
        "    return request['fields']['k']\n"
        "def scores(request):\n"
        "    return {'text': '', 'scores': {'correct': 0.25}}\n"
        "def odd(request):\n    return [1]\n"
    )
    later = rows(project, target={"kind": "python", "function": "mine.py:later"})
    assert [row["score.correct"] for row in later] == [0, 1, 1, 0]
    plain = rows(project, target={"kind": "python", "function": "mine.py:plain"})
    assert [row["status"] for row in plain] == ["scored"] * 3 + ["errored"]
    assert "KeyError: 'lost'" in plain[3]["error"]
    given = rows(project, target={"kind": "python", "function": "mine.py:scores"}, scorers=[])
    assert [row["score.correct"] for row in given] == [0.25] * 4
    odd = rows(project, target={"kind": "python", "function": "mine.py:odd"})
    assert "returned list" in odd[0]["error"]
    with pytest.raises(InputError, match="has no function 'absent'"):
        project.run(project.suite(target={"kind": "python", "function": "mine.py:absent"}))


LOGS = [
    {"id": "a", "task": "t1", "ok": True, "hit": False, "error": None},
    {"id": "b", "task": "t1", "ok": "no", "hit": 1, "error": ""},
    {"id": "c", "task": "t2", "ok": False, "hit": True, "error": "context length exceeded"},
    {"id": "d", "task": "t2", "ok": "maybe", "hit": False, "error": None},
]


def test_recorded_logs_keep_failed_runs_as_errors(project: Project) -> None:
    (project.root / "evals" / "logs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LOGS))
    suite = project.suite(
        dataset={"file": "logs.jsonl", "cluster": "task"},
        target={"kind": "logs", "error": "error", "scores": {"attack_success": "hit", "utility": "ok"}},
        prompt=None,
        scorers=[],
        metrics=["attack_success_rate", "utility"],
    )
    run = project.run(suite)
    found = pyarrow.parquet.read_table(run.table).to_pylist()
    assert [row["status"] for row in found] == ["scored", "scored", "errored", "unscored"]
    assert found[2]["error"] == "the recorded run failed: context length exceeded"
    assert [row["score.utility"] for row in found] == [1, 0, None, None]
    assert tally(run.table, "attack_success_rate")[0].mean == 2 / 4
    assert tally(run.table, "utility")[0].mean == 1 / 4
    assert run.usage.calls == 0
    assert project.run(suite).table_digest == run.table_digest


def predictions(project: Project, text: str, **target: Any) -> Any:
    (project.root / "evals" / "p.csv").write_text(text)
    return project.suite(
        dataset={"file": "p.csv", "slices": ["race"]},
        target={"kind": "predictions", "label": "y", **target},
        prompt=None,
        scorers=[],
        groups=["race"],
        metrics=["accuracy", "false_positive_rate_gap"],
    )


def test_predictions(project: Project) -> None:
    suite = predictions(
        project, "id,race,y,p\n1,a,0,High\n2,a,1,Low\n3,b,1,High\n4,b,0,\n", prediction="p", positive=["High"]
    )
    run = project.run(suite)
    found = pyarrow.parquet.read_table(run.table).to_pylist()
    assert [row["score.prediction"] for row in found] == [1, 0, 1, None]
    assert [row["score.correct"] for row in found] == [0, 0, 1, None]
    assert [row["score.label"] for row in found] == [0, 1, 1, 0]
    assert found[3]["status"] == "errored"
    assert {t.label: (t.n, t.errored) for t in tally(run.table, "false_positive_rate_gap", ["race"])} == {
        "race=a": (1, 0),
        "race=b": (1, 1),
    }
    assert run.predicate()["settings"]["groups"] == ["race"]


def test_predictions_by_threshold(project: Project) -> None:
    suite = predictions(project, "id,race,y,p\n1,a,0,0.5\n2,a,1,0.49\n", score="p", threshold=0.5)
    found = pyarrow.parquet.read_table(project.run(suite).table)
    assert found["score.prediction"].to_pylist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("id,race,y,p\n1,a,2,1\n", {"prediction": "p"}, r"p.csv:2: '2' in the column 'y' is neither 0 nor 1"),
        (
            "id,race,y,p\n1,a,1,nan\n",
            {"score": "p", "threshold": 0.5},
            r"p.csv:2: 'nan' in the column 'p' is not a number",
        ),
        (
            "id,race,y,p\n1,a,1,Hihg\n",
            {"prediction": "p", "predictions": {"High": 1, "Low": 0}},
            r"p.csv:2: 'Hihg' in .*'p'.*\n.*Did you mean 'High'",
        ),
    ],
)
def test_predictions_without_a_meaning_are_refused(
    project: Project, text: str, target: dict[str, Any], said: str
) -> None:
    suite = predictions(project, text, **target)
    with pytest.raises(InputError, match=said):
        project.run(suite)


def test_a_chat_answer_in_its_many_shapes() -> None:
    def answer(content: Any, **message: Any) -> Any:
        return {"choices": [{"message": {"content": content, **message}, "finish_reason": "stop"}]}

    assert read_completion(answer("x")).text == "x"
    assert read_completion(answer(None)).text == ""
    assert read_completion(answer(None, refusal="No.")).text == "No."
    assert (
        read_completion(answer([{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}])).text
        == "ab"
    )
    for bad in (None, [], {}, {"choices": None}, {"choices": [{}]}, answer(7), answer([3]), answer("x") | {"usage": 3}):
        with pytest.raises(TargetError):
            read_completion(bad)


def test_retry_after() -> None:
    assert retry_after(None) is None
    assert retry_after("7") == 7
    assert retry_after(" 0.5 ") == 0.5
    assert retry_after("soon") is None
    ahead = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after(ahead) == pytest.approx(30, abs=2)
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
