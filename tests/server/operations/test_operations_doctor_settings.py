"""The doctor names settings that do not work, and asks the provider of identities who it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from examined_server import amiss

from roadworthy.server.configuration import PREFIX
from roadworthy.server.doctor import outside
from roadworthy.server.doctor.examination import USUAL

Set = Callable[..., None]


@pytest.mark.parametrize(
    ("settings", "check", "level", "told"),
    [
        ({"ROADWORTHY_DEBUG": "true"}, "configuration", "failed", "DEBUG is on"),
        ({f"{PREFIX}S3_BUKCET": "x"}, "configuration", "warning", f"nothing reads {PREFIX}S3_BUKCET"),
        ({"ROADWORTHY_BASE_URL": "http://rw.example.com"}, "addresses", "failed", "not encrypted"),
        ({"ROADWORTHY_BASE_URL": "rw.example.com"}, "addresses", "failed", "no address of a web server"),
        ({"ROADWORTHY_BASE_URL": "https://rw.example.com"}, "addresses", "warning", "no proxy is trusted"),
        ({"ROADWORTHY_HOST": "0.0.0.0"}, "addresses", "warning", "links lead to http://127.0.0.1:8000"),
        ({"ROADWORTHY_EMAIL_URL": "http://x"}, "mail", "failed", "no address of a mail server"),
        ({"ROADWORTHY_EMAIL_URL": "smtp://127.0.0.1:1"}, "mail", "failed", "refused"),
        ({"ROADWORTHY_OIDC_ISSUER": "http://127.0.0.1:1"}, "configuration", "failed", "without a client"),
        (
            {"ROADWORTHY_OIDC_ISSUER": "http://127.0.0.1:1", "ROADWORTHY_OIDC_CLIENT_ID": "x"},
            "identities",
            "failed",
            "does not describe itself",
        ),
        (
            {"ROADWORTHY_OIDC_ISSUER": "file:///etc", "ROADWORTHY_OIDC_CLIENT_ID": "x"},
            "identities",
            "failed",
            "no address of a provider",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_does_not_work_is_named(sound, configure, settings, check, level, told):
    configure(**settings)
    found = amiss(USUAL)[check]
    assert (found.level, told in found.detail) == (level, True), found
    assert found.remedy


def test_addresses_behind_a_proxy_are_fine(sound, configure):
    configure(ROADWORTHY_BASE_URL="https://rw.example.com", ROADWORTHY_BEHIND_PROXY="true", ROADWORTHY_HOST="0.0.0.0")
    assert amiss() == {}


@pytest.mark.parametrize(
    ("told", "level", "detail"),
    [
        (lambda url: {"issuer": url}, "failed", "lacks authorization_endpoint"),
        (lambda url: described("https://other.example"), "failed", "calls itself https://other.example"),
        (lambda url: described(url), "ok", "answers"),
        (lambda url: [], "failed", "lacks issuer"),
    ],
)
def test_a_provider_of_identities_is_asked_who_it_is(sound, configure, told, level, detail):
    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(told(url)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        url = f"http://127.0.0.1:{provider.server_port}"
        Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01}).start()
        configure(ROADWORTHY_OIDC_ISSUER=url, ROADWORTHY_OIDC_CLIENT_ID="roadworthy")
        found = outside.identities()
        provider.shutdown()
    assert (found.level, detail in found.detail) == (level, True), found


def described(url: str) -> dict[str, str]:
    return dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"), url)
