"""The live model is served, answers, and goes away with whoever started it."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SERVE = Path(__file__).resolve().parents[2] / "examples" / "support-assistant" / "serve.py"

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def serve() -> ModuleType:
    spec = importlib.util.spec_from_file_location("serve", SERVE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def complete(base_url: str, question: str) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": question}], "max_tokens": 8, "temperature": 0}
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        completion: dict[str, Any] = json.load(answer)
    return completion


def is_listening(base_url: str) -> bool:
    try:
        urllib.request.urlopen(base_url.removesuffix("/v1") + "/health", timeout=2).close()
    except urllib.error.URLError:
        return False
    return True


def wait_until_gone(base_url: str) -> bool:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if not is_listening(base_url):
            return True
        time.sleep(0.1)
    return False


def test_it_answers_on_this_machine_only_and_stops_with_the_block(serve: ModuleType) -> None:
    with serve.serving() as base_url:
        assert base_url.startswith("http://127.0.0.1:")
        completion = complete(base_url, "What is the capital of France?")
        assert completion["choices"][0]["message"]["content"].strip()
        assert completion["model"] == serve.MODEL
    assert not is_listening(base_url)


def test_it_stops_at_once_when_terminated() -> None:
    with subprocess.Popen([sys.executable, str(SERVE)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not is_listening(base_url)


def test_it_does_not_outlive_the_process_that_started_it() -> None:
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, {str(SERVE)!r}]).wait()"
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        base_url = parent.stdout.readline().strip()
        assert is_listening(base_url)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait(10)
        assert wait_until_gone(base_url)
