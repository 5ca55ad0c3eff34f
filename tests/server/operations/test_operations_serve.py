"""The server as an operator meets it: started, stopped, killed, started several times, started wrongly."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest
from operated_server import COMMAND, IMPATIENT, Running, children, eventually, lives

pytestmark = pytest.mark.stress


def only_line(text: str, start: str) -> str:
    [line] = [line for line in text.splitlines() if line.startswith(start)]
    return line


def test_it_starts_without_configuration_greets_answers_and_stops_gracefully(start):
    server = start()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", server.url)
    assert server.get("/healthz")[0] == 200
    assert server.get("/readyz") == (200, '{"status": "ready"}')
    assert "set-up" in server.link
    worker, answering = server.worker(), server.answering()
    assert len(answering) == 1
    assert server.stop() == 0
    assert not any(map(lives, [worker, *answering]))


def test_the_link_makes_one_administrator_and_is_not_printed_again(start):
    server = start()
    assert server.get(server.link)[0] == 200
    code = set_up(server, server.link)
    assert code == 302
    assert server.get(server.link)[0] == 404
    assert server.stop(signal.SIGINT) == 0
    again = start()
    assert again.link == ""
    assert "Nobody administers" not in again.said


def set_up(server: Running, path: str) -> int:
    """Fill in the form of the link over HTTP, with cookies and the token against forged forms; return the status."""
    from http.cookiejar import CookieJar
    from urllib.error import HTTPError
    from urllib.parse import urlencode
    from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None: ...

    opener = build_opener(HTTPCookieProcessor(CookieJar()), Stay)
    page = opener.open(f"{server.url}{path}").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    values = {"email": "ada@example.com", "name": "Ada", "password": "a staple of correct horses"}
    asked = Request(f"{server.url}{path}", urlencode({**values, "csrfmiddlewaretoken": token[1]}).encode())
    asked.add_header("Referer", f"{server.url}{path}")
    try:
        return opener.open(asked).status
    except HTTPError as answer:
        answer.close()
        return answer.code


def test_three_that_start_at_the_same_moment_on_an_empty_database_all_serve(start, environment, tmp_path):
    shared = environment.get("DATABASE_URL", f"sqlite:///{tmp_path / 'shared.sqlite'}")
    (tmp_path / "data").mkdir()
    servers = [start(DATABASE_URL=shared) for _ in range(3)]
    assert [server.get("/readyz")[0] for server in servers] == [200, 200, 200]
    assert len({server.url for server in servers}) == 3


def test_a_worker_that_is_killed_in_the_middle_of_a_job_is_replaced_and_the_job_is_done_anew(start, tmp_path):
    server = start(sys.executable, str(IMPATIENT), str(tmp_path))
    happened = tmp_path / "happened"

    def begun() -> list[str]:
        lines = happened.read_text().splitlines() if happened.exists() else []
        return [line for line in lines if line.startswith("began")]

    assert server.url
    eventually(begun, "the job begins")
    first = server.worker()
    assert begun() == [f"began {first}"]
    os.kill(first, signal.SIGKILL)
    eventually(lambda: len(begun()) == 2, "another worker takes the job")
    (tmp_path / "go").touch()
    eventually(lambda: "done" in happened.read_text(), "the job is done")
    second = server.worker()
    assert second != first
    assert happened.read_text().splitlines() == [f"began {first}", f"began {second}", f"done {second}"]
    assert "the worker ended with -9" in server.said


def test_a_server_that_is_killed_takes_its_processes_with_it_and_starts_again_with_all_it_had(start):
    server = start()
    port = server.url.rpartition(":")[2]
    assert set_up(server, server.link) == 302
    below = [server.worker(), *server.answering()]
    server.kill()
    eventually(lambda: not any(map(lives, below)), "its processes end")
    again = start(ROADWORTHY_PORT=port)
    assert again.url == server.url
    assert again.link == ""
    assert again.get("/readyz")[0] == 200


def test_a_process_that_answers_is_replaced_when_it_is_killed(start):
    server = start()
    assert server.url
    [first] = server.answering()
    os.kill(first, signal.SIGKILL)
    eventually(lambda: server.answering() and server.answering() != [first], "another process answers")

    def answers() -> bool:
        try:
            return server.get("/readyz")[0] == 200
        except OSError:
            return False

    eventually(answers, "it answers again")


def test_a_request_that_is_being_answered_is_finished_when_the_server_is_told_to_stop(start):
    server = start()
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    body = b"email=ada%40example.com"
    head = f"POST {server.link} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\n".encode() + body[:5])
        server.process.send_signal(signal.SIGTERM)
        eventually(lambda: refuses(host, int(port)), "nobody else is let in")
        connection.sendall(body[5:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 403")
    assert server.process.wait(60) == 0


def refuses(host: str, port: int) -> bool:
    """Tell whether nobody listens any more."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) != 0


def test_a_worker_alone_serves_nobody_and_needs_no_terminal(start, environment):
    worker = start(*COMMAND, "work")
    eventually(lambda: "queued the job" in worker.said, "it schedules")
    assert not children(worker.process.pid)
    assert worker.stop() == 0, worker.said


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DATABASE_URL": "mysql://127.0.0.1/x"}, "DATABASE_URL: mysql is no database that the server knows"),
        ({"DATABASE_URL": "postgres://127.0.0.1:99999/x"}, "DATABASE_URL: its port is no number up to 65535"),
        ({"DATABASE_URL": "postgres://127.0.0.1"}, "DATABASE_URL names no database"),
        ({"DATABASE_URL": "postgres://ada:hidden@127.0.0.1:1/x"}, "the database does not answer: "),
        ({"DATABASE_URL": "sqlite:////proc/nothing.sqlite"}, "cannot use /proc/nothing.sqlite as a SQLite database: "),
        ({"DATABASE_URL": f"sqlite:///{Path(__file__)}"}, "cannot use "),
        ({"ROADWORTHY_DATA": "/proc/nothing"}, "cannot write to /proc/nothing: "),
        ({"ROADWORTHY_PORT": "99999"}, "ROADWORTHY_PORT: "),
        (
            {"ROADWORTHY_HOST": "192.0.2.1"},
            "cannot listen on 192.0.2.1 port 0: this machine does not have that address",
        ),
        ({"ROADWORTHY_HOST": "no such host"}, "cannot listen on no such host port 0: "),
        ({"ROADWORTHY_THREADS": "0"}, "ROADWORTHY_THREADS: "),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "",
)
def test_what_keeps_it_from_starting_is_said_in_a_sentence(start, settings, told):
    server = start(**settings)
    assert server.process.wait(90) == 2
    assert only_line(server.said, told)
    assert "Traceback" not in server.said
    assert "hidden" not in server.said
    assert len(server.said.splitlines()) == 2


def test_a_port_that_is_taken_is_said(start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = start(ROADWORTHY_PORT=str(port))
        assert server.process.wait(90) == 2
    assert only_line(server.said, f"cannot listen on 127.0.0.1 port {port}: another program listens there")


def test_a_second_server_on_the_same_port_does_not_start(start):
    server = start()
    second = start(ROADWORTHY_PORT=server.url.rpartition(":")[2])
    assert second.process.wait(90) == 2
    assert "another program listens there" in second.said
    assert server.get("/healthz")[0] == 200


def test_an_old_postgresql_is_refused(monkeypatch):
    from roadworthy.core.errors import InputError
    from roadworthy.server import preparation

    class Old:
        class info:
            server_version = 140_011

        def __enter__(self) -> Old:
            return self

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("psycopg.connect", lambda **_: Old())
    monkeypatch.setattr(preparation, "_parameters", dict)
    with pytest.raises(InputError, match="PostgreSQL 14; 15 or later is needed"):
        preparation._connect_postgres()


@pytest.mark.django_db
def test_a_database_of_a_later_version_is_refused():
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    from roadworthy.core.errors import InputError

    MigrationRecorder(connection).record_applied("releases", "9999_of_tomorrow")
    from roadworthy.server import preparation

    with pytest.raises(InputError, match=r"later Roadworthy, which added releases\.9999_of_tomorrow"):
        preparation._migrate()


def test_a_restore_that_was_not_finished_keeps_the_server_from_starting(start, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "restoring").touch()
    server = start()
    assert server.process.wait(90) == 2
    assert "was begun and not finished" in server.said
