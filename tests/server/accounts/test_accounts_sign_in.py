"""Signing in with a password and a second factor, and what the server asks for before anything else."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from server_people import PASSWORD

from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.people import remove_second_factor
from roadworthy.server.audit.models import Entry
from roadworthy.server.configuration import Configuration, configuration


def code(secret: str) -> str:
    """Return the code that an authenticator shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(user: User, password: str = PASSWORD, client: Client | None = None) -> Client:
    client = client or Client()
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client


def confirm(client: Client) -> None:
    """Give the password again, as is asked before what is sensitive."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def comes_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.fixture
def enrolled(people, django_capture_on_commit_callbacks) -> tuple[User, str, list[str]]:
    """Return somebody with a second factor, its secret, and their recovery codes."""
    user = people.person("viewer")
    client = sign_in(user)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"\b[A-Z2-7]{32}\b", page)
    assert secret is not None, page
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code(secret[0])}, follow=True)
    codes = re.findall(r"\b\d{8}\b|\b\d{4}-\d{4}\b", answer.content.decode())
    assert len(codes) == 10, answer.content.decode()
    cache.clear()  # the code that was just used may be used again
    return user, secret[0], codes


def test_a_password_lets_in_and_that_is_recorded(people):
    user = people.person("viewer")
    assert comes_in(sign_in(user))
    assert Entry.objects.filter(action="user.signed_in", subject=str(user.pk)).count() == 1
    assert not comes_in(sign_in(user, "wrong"))
    assert comes_in(sign_in(user, client=Client()))


def test_who_was_deactivated_stays_out(people):
    user = people.person("viewer")
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert not comes_in(sign_in(user))


def test_who_has_no_password_does_not_sign_in_with_one(people):
    user = people.person("viewer")
    user.set_unusable_password()
    user.save()
    assert not comes_in(sign_in(user, ""))
    assert not comes_in(sign_in(user, "!"))


def test_guessing_passwords_is_stopped(people):
    user = people.person("viewer")
    for _ in range(5):
        sign_in(user, "wrong")
    assert not comes_in(sign_in(user))
    cache.clear()
    assert comes_in(sign_in(user))


def test_a_second_factor_is_asked_for_once_it_is_there(enrolled):
    user, secret, _ = enrolled
    client = sign_in(user)
    assert not comes_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not comes_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert comes_in(client)
    assert Entry.objects.filter(action="user.second_factor_added").exists()


def test_a_code_works_once(enrolled):
    user, secret, _ = enrolled
    now = code(secret)
    first, second = sign_in(user), sign_in(user)
    first.post("/accounts/2fa/authenticate/", {"code": now})
    second.post("/accounts/2fa/authenticate/", {"code": now})
    assert comes_in(first)
    assert not comes_in(second)


def test_a_recovery_code_works_once(enrolled):
    user, _, codes = enrolled
    first, second = sign_in(user), sign_in(user)
    first.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    second.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert comes_in(first)
    assert not comes_in(second)


def test_the_secret_is_sealed_in_the_database(enrolled):
    _, secret, _ = enrolled
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert "v1." in kept


def test_a_setup_link_does_not_pass_by_the_second_factor(enrolled, people):
    from roadworthy.server.accounts.setup import link_for

    user, _, _ = enrolled
    client = Client()
    client.post(f"/set-up/{link_for(user)}", {"password": "another long phrase"})
    assert not comes_in(client)
    assert not comes_in(sign_in(user, "another long phrase", client))


def test_an_administrator_removes_a_lost_second_factor(enrolled, people):
    user, _, _ = enrolled
    remove_second_factor(people.actor("administrator"), user.pk)
    assert comes_in(sign_in(user))


def test_a_password_is_changed(people):
    user = people.person("viewer")
    client, other = sign_in(user), sign_in(user)
    confirm(client)
    new = {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"}
    client.post("/accounts/password/change/", new)
    assert comes_in(client)
    assert not comes_in(other)
    assert comes_in(sign_in(user, "another long phrase"))
    assert Entry.objects.filter(action="user.password_set").exists()


@pytest.fixture
def asks_for_more(monkeypatch, server_data):
    """Let the server ask for a second factor."""
    monkeypatch.setenv("ROADWORTHY_REQUIRE_MFA", "true")
    configuration.cache_clear()
    assert Configuration().require_mfa
    yield
    configuration.cache_clear()


def test_where_a_second_factor_is_asked_for_nothing_else_is_open_before(people, asks_for_more):
    client = sign_in(people.person("administrator"))
    for path in ("/", "/people/", "/account/", "/account/tokens/", "/systems/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"] == "/accounts/2fa/totp/activate/"
    assert client.post("/account/tokens/new", {"name": "x"}).status_code == 302
    assert client.get("/api/v1/me").status_code == 403
    confirm(client)
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_where_a_second_factor_is_asked_for_one_is_enough(asks_for_more, enrolled):
    user, secret, _ = enrolled
    client = sign_in(user)
    assert not comes_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert comes_in(client)


def test_tokens_are_not_asked_for_a_second_factor(people, asks_for_more):
    secret = people.token(people.person("viewer"))
    assert Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "password/reset/", "password/set/", "3rdparty/", "3rdparty/signup/"]
)
@pytest.mark.parametrize("role", ["", "viewer"])
def test_what_is_not_used_of_allauth_is_not_there(signed_in, role, path):
    client = signed_in(role) if role else Client()
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}", {"email": "x@example.com"}).status_code == 404
