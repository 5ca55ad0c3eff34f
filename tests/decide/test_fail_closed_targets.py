"""The fail-closed table, continued: targets that hang, refuse or talk rubbish, on a real local server.

After some good answers the server turns bad. The gate holds and says why; once the server is mended, a rerun asks only
what is missing, so that no recorded sample was lost.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from worked_example import Command

GOOD_FIRST = 20
CASES = 40
LIMITS = {
    "retries": 1,
    "backoff_seconds": 0.01,
    "max_wait_seconds": 0.2,
    "timeout_seconds": 0.3,
    "give_up_after": 4,
    "concurrency": 2,
}


class Service(ThreadingHTTPServer):
    """Answers rightly for a while, then misbehaves until it is mended."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.behaviour = "good"
        self.asked: Counter[str] = Counter()
        self.good_answers = 0
        self.mended = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/answer"

    def turn(self, case: str) -> str:
        """Count a question and say how it is to be answered."""
        with self.lock:
            self.asked[case] += 1
            if self.good_answers >= GOOD_FIRST and not self.mended.is_set():
                return self.behaviour
            self.good_answers += 1
            return "good"


class Handler(BaseHTTPRequestHandler):
    server: Service
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        match self.server.turn(body["id"]):
            case "good":
                self.reply(200, json.dumps({"answer": "42"}).encode())
            case "hangs":
                self.server.mended.wait(20)
                self.close_connection = True
            case "500":
                self.reply(500, b"out of order")
            case "429":
                self.reply(429, b"slow down", {"Retry-After": "3600"})
            case "is rubbish":
                self.reply(200, b"\xff\xfe<html>not what you want</html>")
            case "is JSON without the answer":
                self.reply(200, b'{"error": "42"}')
            case "is empty":
                self.reply(200, b"")
            case "is cut off":
                self.reply(200, b'{"answer": "42"', length=9000)
            case "redirects":
                self.reply(302, b"", {"Location": "http://127.0.0.1:9/"})
            case "closes the connection":
                self.close_connection = True

    def reply(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.mended.set()
    server.shutdown()
    server.server_close()
    thread.join(5)


def ask_over_http(command: Command, service: Service) -> None:
    command.example.suite(
        target={
            "kind": "http",
            "url": service.url,
            "body": {"id": "{id}", "question": "{wanted}"},
            "answer": "$.answer",
        },
        limits=LIMITS,
    )
    command.example.cases(right=CASES)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("hangs", "0.3"),
        ("500", "HTTP 500: out of order"),
        ("429", "429"),
        ("is rubbish", "not JSON"),
        ("is JSON without the answer", "the answer holds nothing at $.answer"),
        ("is empty", "not JSON"),
        ("is cut off", "no answer"),
        ("redirects", "HTTP 302"),
        ("closes the connection", "no answer"),
    ],
)
def test_a_target_that_turns_bad_holds_and_loses_nothing(
    command: Command, service: Service, behaviour: str, words: str
) -> None:
    command.sign_all()
    ask_over_http(command, service)
    service.behaviour = behaviour

    said = command("evaluate")
    sys.stdout.write(f"a target that {behaviour}: exit {said.code}: {said.text}\n")
    assert said.code == 3, said.text
    assert "stopped: " in said.text
    assert words in said.text

    assert command.gate().code == 3
    status, reason = command.outcome()
    sys.stdout.write(f"{status}: {reason}\n")
    assert status == "not shown"
    assert f"of {CASES} samples are recorded" in reason

    before = Counter(service.asked)
    service.mended.set()
    said = command("evaluate")
    assert said.code == 0, said.text
    assert f"{CASES} of {CASES} samples" in said.text
    again = {case for case, times in service.asked.items() if times > before[case]}
    assert len(again) == CASES - GOOD_FIRST, "what was answered is not asked again"
    assert command.gate().code == 0
    assert command.outcome()[0] == "met"


def test_nobody_listens(command: Command) -> None:
    """A port on which nobody listens is a target that never answers: the run ends, and shows nothing."""
    command.sign_all()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    target = {"kind": "http", "url": f"http://127.0.0.1:{port}/", "body": {"id": "{id}"}, "answer": "$.answer"}
    command.example.suite(target=target, limits=LIMITS)
    said = command("evaluate")
    assert said.code == 3, said.text
    assert "no answer" in said.text
    assert command.gate().code == 3
    assert command.outcome()[0] == "not shown"


def test_a_few_errors_among_good_answers_count_against_the_system(command: Command, service: Service) -> None:
    """With a target that refuses for good at the end, errors are recorded and judged as wrong answers."""
    command.sign_all()
    ask_over_http(command, service)
    command.example.suite(
        target={"kind": "http", "url": service.url, "body": {"id": "{id}"}, "answer": "$.answer"},
        limits={**LIMITS, "give_up_after": 1000, "retries": 0},
    )
    service.behaviour = "500"
    assert command("evaluate").code == 0
    assert command.gate().code in {1, 3}
    status, reason = command.outcome()
    assert status in {"not met", "inconclusive"}
    assert f"{CASES - GOOD_FIRST} without a score" in reason
    assert "50 %" in reason
