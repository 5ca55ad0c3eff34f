"""Signing in over OpenID Connect, against the npm package `oidc-provider`: code flow with PKCE."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings as django_settings
from django.test import override_settings
from playwright.sync_api import sync_playwright

from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.accounts.people import deactivate
from roadworthy.server.audit.models import Entry

pytestmark = pytest.mark.peer
PACKAGES = Path(__file__).parents[3] / ".cache" / "peers" / "oidc"
SCRIPT = Path(__file__).parent / "oidc" / "provider.mjs"


@pytest.fixture
def issuer(live_server) -> Iterator[str]:
    """Start the provider, and let the server know it."""
    callback = f"{live_server.url}/accounts/oidc/sso/login/callback/"
    with subprocess.Popen(
        ["node", str(SCRIPT), str(PACKAGES), callback], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        app = {
            "provider_id": "sso",
            "name": "Company",
            "client_id": "roadworthy",
            "secret": "a secret of the tests",
            "settings": {"server_url": address},
        }
        providers = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
        policy = {**django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": ["'self'", address]}
        try:
            with override_settings(SOCIALACCOUNT_PROVIDERS=providers, CONTENT_SECURITY_POLICY={"DIRECTIVES": policy}):
                yield address
        finally:
            process.terminate()


class Browser:
    """A browser without a screen: follows the forms of server and provider."""

    def __init__(self, server: str) -> None:
        self._server = server
        self.session = requests.Session()

    def to_provider(self) -> requests.Response:
        """Ask the server to sign in, and arrive at the provider's form."""
        page = self.session.get(f"{self._server}/accounts/login/").text
        link = re.search(r'href="(/accounts/oidc/sso/login/[^"]*)"', page)
        assert link is not None, page
        address = f"{self._server}{link[1]}"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.session.get(address).text)
        assert token is not None
        return self.session.post(address, {"csrfmiddlewaretoken": token[1]}, headers={"Referer": self._server})

    def callback(self, person: str) -> str:
        """Sign in at the provider and consent; return where it sends back to."""
        page = self.to_provider()
        page = self._submit(page, {"prompt": "login", "login": person, "password": "x"})
        answer = self._submit(page, {"prompt": "consent"}, follow=False)
        while "callback" not in answer.headers["Location"] or "code=" not in answer.headers["Location"]:
            answer = self.session.get(answer.headers["Location"], allow_redirects=False)
        return answer.headers["Location"]

    def _submit(self, page: requests.Response, fields: dict[str, str], follow: bool = True) -> requests.Response:
        action = re.search(r'action="([^"]+)"', page.text)
        assert action is not None, page.text
        return self.session.post(action[1], fields, allow_redirects=follow)

    def sign_in(self, person: str) -> requests.Response:
        """Sign in from the beginning to the end."""
        return self.session.get(self.callback(person))

    @property
    def inside(self) -> bool:
        """Tell whether somebody is signed in."""
        return self.session.get(f"{self._server}/account/", allow_redirects=False).status_code == 200


@pytest.fixture
def browser(issuer, live_server, transactional_people) -> Browser:
    return Browser(live_server.url)


def test_the_first_sign_in_makes_a_person_without_roles(browser):
    browser.sign_in("ada")
    assert browser.inside
    ada = User.objects.get()
    assert (ada.email, ada.name, ada.has_usable_password()) == ("ada@example.com", "Ada Lovelace", False)
    assert not Grant.objects.exists()
    assert browser.session.get(browser._server + "/systems/").status_code == 403
    said = Entry.objects.filter(kind="user").order_by("number").values_list("action", flat=True)
    assert list(said) == ["user.added", "user.signed_in"]


def test_the_second_sign_in_is_the_same_person(browser, live_server):
    browser.sign_in("ada")
    Grant.objects.create(role=Role.objects.get(slug="viewer"), user=User.objects.get())
    again = Browser(live_server.url)
    again.sign_in("ada")
    assert User.objects.count() == 1
    assert again.session.get(live_server.url + "/systems/").status_code == 200


def test_who_was_invited_is_recognised_by_a_verified_mail_address(browser):
    invited = User.objects.create_user("Grace@example.com", "Grace")
    browser.sign_in("grace")
    assert browser.inside
    assert User.objects.get() == invited


def test_a_mail_address_that_the_provider_did_not_verify_opens_nothing(browser):
    User.objects.create_user("grace@example.com", "Grace", "a password of hers")
    answer = browser.sign_in("mallory")
    assert not browser.inside
    assert "No account was made" in answer.text
    assert User.objects.count() == 1


def test_who_has_no_mail_address_gets_no_account(browser):
    answer = browser.sign_in("nomail")
    assert not browser.inside
    assert "No account was made" in answer.text
    assert not User.objects.exists()


def test_who_was_deactivated_stays_out(browser, live_server, transactional_people):
    browser.sign_in("ada")
    deactivate(transactional_people.actor("administrator"), User.objects.get(email="ada@example.com").pk, None)
    assert not browser.inside
    again = Browser(live_server.url)
    answer = again.sign_in("ada")
    assert not again.inside
    assert "switched off" in answer.text


def test_an_answer_of_the_provider_works_once(browser):
    address = browser.callback("ada")
    browser.session.get(address)
    assert browser.inside
    browser.session.cookies.clear()
    browser.session.get(address)
    assert not browser.inside


def test_an_answer_works_only_in_the_browser_that_asked(browser, live_server):
    address = browser.callback("ada")
    thief = Browser(live_server.url)
    thief.session.get(address)
    assert not thief.inside


def test_a_made_up_answer_opens_nothing(browser, live_server):
    browser.to_provider()
    for query in ("code=abc&state=abc", "code=abc", "error=access_denied", "state=abc"):
        browser.session.get(f"{live_server.url}/accounts/oidc/sso/login/callback/?{query}")
        assert not browser.inside


def test_the_code_is_bound_to_a_challenge_of_this_browser(browser):
    asked = [one.headers["Location"] for one in browser.to_provider().history if "/auth?" in one.headers["Location"]]
    query = parse_qs(urlsplit(asked[0]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert "state" in query


def test_a_code_of_somebody_else_is_refused(browser, live_server):
    """An attacker plants a code in the browser of another, whose state and challenge are others."""
    stolen = parse_qs(urlsplit(browser.callback("ada")).query)["code"][0]
    other = Browser(live_server.url)
    asked = [one.headers["Location"] for one in other.to_provider().history if "/auth?" in one.headers["Location"]]
    state = parse_qs(urlsplit(asked[0]).query)["state"][0]
    other.session.get(f"{live_server.url}/accounts/oidc/sso/login/callback/?code={stolen}&state={state}")
    assert not other.inside


@pytest.mark.parametrize("path", ["nobody", "sso2", "sso%2F.."])
def test_another_provider_is_not_there(browser, live_server, path):
    assert requests.get(f"{live_server.url}/accounts/oidc/{path}/login/", timeout=10).status_code == 404


def test_a_real_browser_signs_in_under_the_content_security_policy(browser, live_server, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    path = os.environ.get("ROADWORTHY_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"])
        page = started.new_page()
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_role("link", name="Company").click()
        page.locator("main button").click()
        page.locator("input[name=login]").fill("ada")
        page.locator("input[name=password]").fill("x")
        page.locator("button[type=submit]").click()
        page.locator("button[type=submit]").click()
        page.wait_for_url(f"{live_server.url}/**")
        page.goto(f"{live_server.url}/account/")
        assert page.get_by_role("heading", name="Account", exact=True).is_visible()
        started.close()
