"""Limits of failed sign-ins: shared by processes, never passed, and nobody shuts out a colleague or a person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory
from server_people import PASSWORD

from roadworthy.server.accounts import shared_cache
from roadworthy.server.accounts.models import Kept
from roadworthy.server.accounts.shared_cache import SharedCache
from roadworthy.server.accounts.sign_in_limit import take_attempt
from roadworthy.server.jobs.pruning import prune_kept

OFFICE, ELSEWHERE = "203.0.113.7", "198.51.100.9"
ACCOUNT_LIMIT, ADDRESS_LIMIT = 5, 10


def sign_in(email: str, password: str = PASSWORD, address: str = OFFICE) -> bool:
    client = Client(REMOTE_ADDR=address)
    client.post("/accounts/login/", {"login": email, "password": password})
    return client.get("/account/").status_code == 200


def test_a_success_counts_nowhere(people):
    users = [people.person("viewer") for _ in range(ADDRESS_LIMIT + 2)]
    assert all(sign_in(user.email) for user in users), "a whole company comes in from one address"
    assert all(sign_in(users[0].email) for _ in range(ACCOUNT_LIMIT + 1))


def test_an_account_is_not_guessed_at_from_many_addresses(people):
    user = people.person("viewer")
    for last in range(ACCOUNT_LIMIT):
        assert not sign_in(user.email, "wrong", f"192.0.2.{last}")
    assert not sign_in(user.email, address="192.0.2.200"), "the right password is not even looked at"


def test_an_address_does_not_guess_at_many_accounts(people):
    user = people.person("viewer")
    for number in range(ADDRESS_LIMIT):
        assert not sign_in(f"somebody{number}@example.com", "wrong")
    assert not sign_in(user.email)
    assert sign_in(user.email, address=ELSEWHERE)


def test_who_came_in_from_there_before_is_shut_out_by_nobody(people):
    known, new = people.person("viewer"), people.person("viewer")
    assert sign_in(known.email)
    for number in range(ADDRESS_LIMIT):
        sign_in(f"somebody{number}@example.com", "wrong")
    for last in range(ACCOUNT_LIMIT + 1):
        sign_in(known.email, "wrong", f"192.0.2.{last}")
    assert sign_in(known.email), "neither colleagues nor strangers lock them out"
    assert not sign_in(new.email)
    for _ in range(ACCOUNT_LIMIT):
        assert not sign_in(known.email, "wrong")
    assert not sign_in(known.email), "but their own address does not guess on and on"


def test_what_a_visitor_says_of_their_address_counts_only_behind_a_proxy(people, settings):
    user = people.person("viewer")

    def try_from(address: str, password: str) -> bool:
        client = Client(REMOTE_ADDR=OFFICE, headers={"X-Forwarded-For": address})
        client.post("/accounts/login/", {"login": user.email, "password": password})
        return client.get("/account/").status_code == 200

    assert try_from("192.0.2.1", PASSWORD)
    for last in range(ACCOUNT_LIMIT):
        assert not try_from(f"192.0.2.{last}", "wrong")
    assert not try_from("192.0.2.99", PASSWORD), "another header is no other address"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert try_from("spoofed, 192.0.2.1", PASSWORD), "the proxy adds the last one"


def test_no_address_and_no_account_is_kept_in_the_clear(people):
    user = people.person("viewer")
    sign_in(user.email, "wrong")
    sign_in(user.email)
    kept = str(list(Kept.objects.values_list()))
    assert kept != "[]"
    assert user.email not in kept
    assert OFFICE not in kept


def test_what_is_kept_is_json_until_it_ends(db, monkeypatch):
    at = [1_000_000.0]
    monkeypatch.setattr(shared_cache.time, "time", lambda: at[0])
    shared = SharedCache("", {})
    assert shared.get("a", "none") == "none"
    assert shared.add("a", [1.5, True], 10)
    assert not shared.add("a", "other", 10)
    assert shared.get("a") == [1.5, True]
    shared.set("a", "new", 10)
    assert shared.touch("a", 20)
    at[0] += 15
    assert shared.get("a") == "new"
    at[0] += 5
    assert shared.get("a") is None
    assert not shared.touch("a", 20)
    assert shared.add("a", "again", None), "what has ended is no obstacle"
    at[0] += 1e8
    assert shared.get("a") == "again"
    assert shared.delete("a")
    assert not shared.delete("a")


def test_the_worker_removes_what_has_ended_and_nothing_else(db):
    Kept.objects.create(key="old", value="1", until=99.0)
    Kept.objects.create(key="now", value="1", until=100.5)
    assert prune_kept(datetime.fromtimestamp(100, UTC)) == "1 shared values removed"
    assert [row.key for row in Kept.objects.all()] == ["now"]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_pass_as_may():
    request = RequestFactory().post("/accounts/login/", REMOTE_ADDR=OFFICE)

    def attempt(_: int) -> bool:
        try:
            return take_attempt(request, "ada@example.com") is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        passed = sum(pool.map(attempt, range(4 * ACCOUNT_LIMIT)))
    assert 0 < passed <= ACCOUNT_LIMIT


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_at_once_one_does():
    def add(number: int) -> bool:
        try:
            return cache.add("once", number, 60)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(32))) == 1
