"""What the vendors answer when something is wrong: blocked prompts, refusals, overload, streams that are cut off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import vendor_answers as answers
import vendor_sdks as sdks
from evaluate_project import Project, fast
from openai import BadRequestError
from test_targets_vendors import address
from vendor import KEY, MESSAGES, Answer, Received, as_events, as_json, ask, serve

from roadworthy.core.errors import InputError
from roadworthy.evaluate.reply import Reply, TargetError

SPECS: dict[str, dict[str, Any]] = {
    "openai": {"kind": "openai", "model": "m", "api_key_env": "THE_KEY"},
    "responses": {"kind": "openai", "model": "m", "api_key_env": "THE_KEY", "api": "responses"},
    "azure": {"kind": "azure-openai", "deployment": "d", "api_key_env": "THE_KEY"},
    "anthropic": {"kind": "anthropic", "model": "m", "api_key_env": "THE_KEY"},
    "gemini": {"kind": "gemini", "model": "m", "api_key_env": "THE_KEY"},
    "bedrock": {"kind": "bedrock", "model": "m", "region": "eu-central-1"},
}
STREAMS: dict[str, tuple[list[Any], str, str]] = {
    "openai": (answers.completion_chunks(), "data: [DONE]\n\n", "data: [DONE]"),
    "responses": (answers.response_events(), "", "response.completed"),
    "azure": (answers.completion_chunks(), "data: [DONE]\n\n", "data: [DONE]"),
    "anthropic": (answers.message_events(), "", "message_stop"),
    "gemini": (answers.contents_chunks(), "", "a finishReason"),
}


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)
    for name, value in sdks.AWS.items():
        monkeypatch.setenv(name, value)


def asked(name: str, answer: Answer, **more: Any) -> Reply:
    spec = {**SPECS[name], **more}
    with serve(lambda _: answer) as vendor:
        return ask({**spec, **address(spec, vendor.url)}, {"max_tokens": 5} if name == "anthropic" else {})


def problem(name: str, answer: Answer, **more: Any) -> TargetError:
    with pytest.raises(TargetError) as caught:
        asked(name, answer, **more)
    return caught.value


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(
    ("status", "advice", "again"),
    [
        (400, "check the model and the keys under 'sampling' and 'extra'", False),
        (401, "check the key in", False),
        (404, "check the address, the model and the version", False),
        (429, "", True),
        (500, "", True),
        (529, "", True),
    ],
)
def test_refusals_say_what_to_do(name: str, status: int, advice: str, again: bool) -> None:
    said = f"Something about {KEY}"
    body = {"message": said} if name == "bedrock" else {"error": {"message": said, "type": "t", "code": "c"}}
    error = problem(name, as_json(body, status, **{"Retry-After": "7"}))
    assert error.problem.startswith(f"HTTP {status}: Something about ")
    assert advice in error.problem
    assert (error.retry, error.retry_after) == (again, 7)
    assert error.overloaded is (status in (429, 529))
    if status == 401:
        assert ("AWS_ACCESS_KEY_ID" if name == "bedrock" else "THE_KEY") in error.problem
    if name != "bedrock":
        assert KEY not in error.problem


def test_gemini_says_in_the_body_how_long_to_wait() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"}]
    body = {"error": {"code": 429, "message": "Quota.", "status": "RESOURCE_EXHAUSTED", "details": details}}
    assert problem("gemini", as_json(body, 429)).retry_after == 17.5


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("left", ["none", "some", "all but the end"])
def test_a_stream_without_its_end_is_an_error(name: str, left: str) -> None:
    events, _, marker = STREAMS[name]
    kept = {"none": [], "some": events[:2], "all but the end": events[:-1] if name != "openai" else events}[left]
    if name == "azure" and left == "all but the end":
        kept = events
    error = problem(name, as_events(kept, piece=5), stream=True)
    assert error.problem == f"the stream was cut off: it ended without {marker}"
    assert error.retry


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_that_breaks_off_is_an_error(name: str) -> None:
    events, end, _ = STREAMS[name]
    whole = as_events(events, end=end)
    promised = Answer(whole.content[:-40], 200, {**whole.headers, "Content-Length": str(len(whole.content))}, 50)
    assert problem(name, promised, stream=True).retry


@pytest.mark.parametrize(
    ("name", "event", "said"),
    [
        ("anthropic", {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "overloaded"),
        ("openai", {"error": {"code": "rate_limit_exceeded", "message": "Slow down"}}, "rate_limit_exceeded"),
        ("responses", {"type": "error", "code": "rate_limit_exceeded", "message": "Slow"}, "rate_limit_exceeded"),
        ("gemini", {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Busy"}}, "UNAVAILABLE"),
    ],
)
def test_an_error_inside_a_stream(name: str, event: Any, said: str) -> None:
    first = STREAMS[name][0][:2]
    error = problem(name, as_events([*first, event]), stream=True)
    assert said in error.problem
    assert error.retry
    assert error.overloaded


FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
    }
}


@pytest.mark.parametrize("stream", [False, True])
def test_a_prompt_that_azure_blocks_is_an_answer(stream: bool) -> None:
    reply = asked("azure", as_json(FILTERED, 400), stream=stream)
    assert (reply.text, reply.finish) == ("", "content_filter")
    # The vendor's own client knows the same answer as an error with the same code.
    with (
        serve(lambda _: as_json(FILTERED, 400)) as vendor,
        sdks.the_azure(vendor.url) as client,
        pytest.raises(BadRequestError) as caught,
    ):
        client.chat.completions.create(model="d", messages=MESSAGES)
    assert caught.value.code == reply.finish
    # Elsewhere the code has no such meaning.
    assert "HTTP 400" in problem("openai", as_json(FILTERED, 400)).problem


def test_a_prompt_that_gemini_blocks_is_an_answer() -> None:
    blocked = {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 4}}
    for answer, stream in ((as_json(blocked), False), (as_events([blocked]), True)):
        reply = asked("gemini", answer, stream=stream)
        assert (reply.text, reply.finish, reply.tokens_in) == ("", "PROHIBITED_CONTENT", 4)
    unsafe = {"candidates": [{"finishReason": "SAFETY", "index": 0}], "modelVersion": "g"}
    assert asked("gemini", as_json(unsafe)).finish == "SAFETY"


def test_refusals_of_the_model_are_answers() -> None:
    declined = answers.message() | {"content": [], "stop_reason": "refusal"}
    assert asked("anthropic", as_json(declined)).finish == "refusal"
    refused = answers.response()
    refused["output"][1]["content"] = [{"type": "refusal", "refusal": "I won't."}]
    assert asked("responses", as_json(refused)).text == "I won't."
    short = answers.response(status="incomplete", reason="max_output_tokens")
    assert asked("responses", as_json(short)).finish == "max_output_tokens"
    said = answers.completion()
    said["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "No."}
    assert asked("openai", as_json(said)).text == "No."


def test_a_response_that_failed_is_an_error() -> None:
    failed = answers.response(status="failed") | {"error": {"code": "server_error", "message": "Oh"}, "output": []}
    error = problem("responses", as_json(failed))
    assert "server_error: Oh" in error.problem
    assert error.retry
    assert "status: in_progress" in problem("responses", as_json(answers.response(status="in_progress"))).problem


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("body", [{}, [], None, 7, {"choices": 1, "output": 1, "content": 1, "candidates": 1}])
def test_answers_that_are_none(name: str, body: Any) -> None:
    assert problem(name, as_json(body)).retry


@pytest.mark.parametrize("name", SPECS)
def test_keys_are_kept_nowhere(name: str, project: Project) -> None:
    """The server says every header and the whole request back, in an error first, then in the answer."""
    project.dataset(2)
    spec = SPECS[name]

    def indiscreet(received: Received) -> Answer:
        said = json.dumps(received.headers) + json.dumps(sdks.AWS) + received.url
        if "say 1" in received.content.decode():
            return as_json({"error": {"message": said}, "message": said}, 418)
        return as_json(
            json.loads(json.dumps(WHOLE[name]).replace(json.dumps(answers.TEXT)[1:-1], json.dumps(said)[1:-1]))
        )

    with serve(indiscreet) as vendor:
        sampling = {"max_tokens": 5} if name == "anthropic" else {}
        suite = project.suite(target={**spec, **address(spec, vendor.url)}, sampling=sampling, limits=fast(retries=0))
        run = project.run(suite)
        key = sdks.AWS["AWS_SESSION_TOKEN"] if name == "bedrock" else KEY
        assert key in str(vendor.received[0].headers)
        assert not any(key in received.url for received in vendor.received)
    statuses = pyarrow.parquet.read_table(run.table)["status"].to_pylist()
    assert statuses == ["scored", "errored"]
    secrets = sdks.AWS.values() if name == "bedrock" else [KEY]
    assert [path for path in kept(project.store) for secret in secrets if secret.encode() in path.read_bytes()] == []
    assert key not in str(run.predicate())


WHOLE = {
    "openai": answers.completion(),
    "responses": answers.response(),
    "azure": answers.completion(),
    "anthropic": answers.message(),
    "gemini": answers.contents(),
    "bedrock": answers.converse(),
}


def kept(store: Path) -> list[Path]:
    files = [path for path in store.rglob("*") if path.is_file()]
    assert files
    return files


def test_bedrock_takes_a_bearer_token_or_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", KEY)
    with serve(lambda _: as_json(answers.converse())) as vendor:
        ask({**SPECS["bedrock"], "base_url": vendor.url}, {})
    assert vendor.received[0].headers["authorization"] == f"Bearer {KEY}"
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(InputError, match="AWS_SECRET_ACCESS_KEY is not set"):
        ask({**SPECS["bedrock"], "base_url": "http://127.0.0.1:9"}, {})


def test_azure_takes_a_token_instead_of_a_key() -> None:
    spec = {"kind": "azure-openai", "deployment": "d", "token_env": "THE_KEY"}
    with serve(lambda _: as_json(answers.completion())) as vendor:
        ask({**spec, "endpoint": vendor.url}, {})
    assert vendor.received[0].headers["authorization"] == f"Bearer {KEY}"
    assert "api-key" not in vendor.received[0].headers
