"""Secrets come from the environment and go into requests only: everything that is written is searched for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from evaluate_project import LocalServer, Project, completion, fast, http, openai, serve

from roadworthy.evaluate.run import Run

KEY = 'sk-"top"/secret+key\\1'
PASSWORD = "hunter2-swordfish"
FORMS = [KEY, quote(KEY, safe=""), json.dumps(KEY)[1:-1], "sk-", "swordfish"]


def traces(root: Path, run: Run) -> list[str]:
    """Search every file below the project except what the test wrote itself, and what the run says."""
    found = [
        f"{form!r} in {path.relative_to(root)}"
        for path in (root / ".roadworthy").rglob("*")
        if path.is_file()
        for form in FORMS
        if form.encode() in path.read_bytes() or form in path.name
    ]
    said = repr(run.notes) + json.dumps(run.predicate()) + repr(run.stopped) + run.key
    return found + [f"{form!r} in the run" for form in FORMS if form in said]


def leaky(body: dict[str, Any], form: str) -> bytes:
    """Put the key wherever an answer has room for text."""
    tool = {"id": form, "type": "function", "function": {"name": form, "arguments": json.dumps({form: [form]})}}
    message = {"role": "assistant", "content": f"my key is {form}", "tool_calls": [tool]}
    choice = {"message": message, "finish_reason": form}
    answer = {"id": form, "model": form, "system_fingerprint": form, "choices": [choice]}
    return http(200, json.dumps(answer).encode(), f"X-Echo: {quote(form)}")


ANSWERS = {
    "in the answer": lambda body: leaky(body, KEY),
    "in the answer, as in an address": lambda body: leaky(body, quote(KEY, safe="")),
    "in an error": lambda _: http(400, f"the key {KEY} is not known".encode()),
    "in an error as JSON": lambda _: http(401, json.dumps({"error": {"message": f"bad key: {KEY}"}}).encode()),
    "in an error at the cut": lambda _: http(500, ("x" * 185 + KEY + "y" * 900).encode()),
    "in rubbish": lambda _: http(200, f"<html>{KEY}</html>".encode()),
    "in the status line": lambda _: f"HTTP/1.1 xx {KEY}\r\n\r\n".encode(),
    "in a redirect": lambda _: http(302, b"", f"Location: http://127.0.0.1:9/?{quote(KEY)}"),
    "in the encoding": lambda _: http(200, b"{}", f"Content-Encoding: {KEY}"),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_server_that_repeats_the_key_brings_it_nowhere(
    project: Project, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    project.dataset(3)

    async def behave(body: dict[str, Any], _server: LocalServer) -> bytes:
        result: bytes = answer(body)
        return result

    with serve(behave) as server:
        suite = project.suite(target=openai(server.url, api_key_env="THE_KEY"), limits=fast(retries=1))
        run = project.run(suite)
    assert KEY in server.headers[0]
    assert run.counts.recorded == 3
    assert traces(project.root, run) == []


def test_headers_and_passwords_of_addresses(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", KEY)
    project.dataset(2)

    async def behave(_body: dict[str, Any], server: LocalServer) -> bytes:
        return completion("I got " + server.headers[-1])

    with serve(behave) as server:
        monkeypatch.setenv("THE_URL", server.url.replace("http://", f"http://me:{PASSWORD}@"))
        target = {
            "kind": "http",
            "url": "${THE_URL}/ask",
            "headers": {"X-Key": "${THE_KEY}"},
            "body": {"q": "{prompt}"},
        }
        run = project.run(project.suite(target=target, prompt=None, limits=fast()))
    token = server.headers[0].split("Authorization: Basic ")[1].split("\r\n")[0]
    assert traces(project.root, run) == []
    assert not any(token.encode() in path.read_bytes() for path in project.store.rglob("*") if path.is_file())


def test_a_key_that_no_header_can_hold(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", f"{KEY}\r\nX-More: 1")
    project.dataset(1)
    target = openai("http://127.0.0.1:9/v1", api_key_env="THE_KEY")
    run = project.run(project.suite(target=target, limits=fast(retries=0)))
    assert run.counts.errored == 1
    assert traces(project.root, run) == []
