"""Plain HTTP endpoints: answers that come in pieces, and bodies that are no JSON."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest
from evaluate_project import Project
from vendor import Answer, Received, as_events, as_json, ask, serve

from roadworthy.core.errors import InputError
from roadworthy.evaluate.reply import Reply, TargetError

SSE = {"text": "$.delta.text", "done": "[DONE]"}
LINES = {"format": "ndjson", "text": "$.message", "done": "$.done"}
PIECES: list[Any] = [{"m": "shop-1"}, {"delta": {"text": "Four, "}}, {"delta": {"text": "said the café."}}, {"n": 7}]
OLLAMA = b'{"message": "Four, ", "done": false}\n{"message": "said the caf\xc3\xa9.", "done": true, "m": "s", "n": 7}'


def streamed(answer: Answer, how: dict[str, Any]) -> Reply:
    with serve(lambda _: answer) as vendor:
        paths = {"model": "$.m", "tokens_out": "$.n"}
        return ask({"kind": "http", "url": vendor.url, "body": {"q": "{prompt}"}, "stream": how, **paths}, {})


@pytest.mark.parametrize(
    ("answer", "how", "model"),
    [
        (as_events(PIECES, end="data: [DONE]\n\n", piece=5), SSE, "shop-1"),
        (Answer(OLLAMA, 200, {"Content-Type": "application/x-ndjson"}, 5), LINES, "s"),
    ],
)
def test_pieces_are_joined_up_to_the_end_marker(answer: Answer, how: dict[str, Any], model: str) -> None:
    reply = streamed(answer, how)
    assert (reply.text, reply.model, reply.tokens_out) == ("Four, said the café.", model, 7)


@pytest.mark.parametrize(
    ("answer", "how", "marker"),
    [
        (as_events(PIECES, piece=5), SSE, "[DONE]"),
        (Answer(OLLAMA.splitlines()[0] + b"\n", piece=5), LINES, "$.done"),
        (Answer(b"", piece=5), SSE, "[DONE]"),
    ],
)
def test_a_stream_without_its_end_is_an_error(answer: Answer, how: dict[str, Any], marker: str) -> None:
    with pytest.raises(TargetError) as caught:
        streamed(answer, how)
    assert caught.value.problem == f"the stream was cut off: it ended without {marker}"
    assert caught.value.retry


def test_a_form_and_a_plain_text() -> None:
    def answer(received: Received) -> Answer:
        if received.headers["content-type"].startswith("application/x-www-form-urlencoded"):
            return as_json(dict(parse_qsl(received.content.decode(), strict_parsing=True)))
        assert received.headers["content-type"] == "text/plain; charset=utf-8"
        return as_json({"q": received.content.decode()})

    for body, kind in (({"q": "{prompt}", "k": "a&b=ü"}, "form"), ("{prompt}", "text")):
        with serve(answer) as vendor:
            spec = {"kind": "http", "url": vendor.url, "body": body, "body_as": kind, "answer": "$.q"}
            assert ask(spec, {}).text == "What is 2 + 2?"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"body_as": "form", "body": "x"}, "'body_as: form' needs a 'body' of keys and values"),
        ({"body_as": "text", "body": {"a": 1}}, "'body_as: text' needs a 'body' that is a text"),
        ({"answer": "$.a", "stream": SSE}, "give either 'answer' or 'stream'"),
        ({"stream": {**SSE, "text": "delta"}}, "must start with"),
    ],
)
def test_what_does_not_go_together(project: Project, more: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        project.suite(target={"kind": "http", "url": "http://127.0.0.1:9", **more}, prompt=None)
