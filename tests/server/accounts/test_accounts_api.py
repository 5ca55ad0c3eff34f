"""Accounts over the API, as an administrator's program uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.accounts.models import ApiToken, User
from roadworthy.server.audit.models import Entry


class Caller:
    """Calls the API with a token."""

    def __init__(self, secret: str) -> None:
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._client = Client(raise_request_exception=True)

    def __call__(self, method: str, path: str, body: Any = None, match: int | None = None):
        headers = {**self._headers, **({"If-Match": f'"r{match}"'} if match else {})}
        more = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self._client, method.lower())(f"/api/v1/{path}", headers=headers, **more)


@pytest.fixture
def administrator(people) -> User:
    return people.person("administrator")


@pytest.fixture
def call(people, administrator) -> Caller:
    return Caller(people.token(administrator))


def test_who_am_i(people, call, administrator):
    told = call("GET", "me").json()
    assert told["person"] == administrator.pk
    assert told["token"] == ApiToken.objects.get().pk
    assert Permission.ACCOUNT_MANAGE in told["permissions"]
    assert told["roles"] == []
    assert call("PATCH", "me", {"name": "Other"}, match=1).status_code == 403


def test_a_person_from_invitation_to_leaving(call):
    answer = call("POST", "people", {"email": "Ada@Example.com", "name": "Ada"})
    assert answer.status_code == 201
    invited = answer.json()
    ada = invited["person"]["id"]
    assert "/set-up/" in invited["setup_link"]
    assert call("POST", "people", {"email": "ADA@example.com", "name": "Other"}).status_code == 422
    assert call("GET", f"people/{ada}")["ETag"] == '"r1"'
    assert call("PATCH", f"people/{ada}", {"name": "Ada L."}).status_code == 428
    assert call("PATCH", f"people/{ada}", {"name": "Ada L."}, match=1).json()["revision"] == 2
    assert call("PATCH", f"people/{ada}", {"name": "Ada M."}, match=1).status_code == 412
    assert call("POST", f"people/{ada}/setup-link").status_code == 201
    assert call("POST", f"people/{ada}/deactivate", match=2).json()["is_active"] is False
    assert call("POST", f"people/{ada}/setup-link").status_code == 409
    assert call("POST", f"people/{ada}/reactivate", match=3).json()["is_active"] is True
    assert call("GET", "people?active=false").json()["items"] == []
    said = Entry.objects.filter(kind="user", subject=str(ada)).order_by("number").values_list("action", flat=True)
    assert list(said) == ["user.added", "user.changed", "user.link_made", "user.deactivated", "user.reactivated"]


def test_the_setup_link_of_an_invitation_works_once(call):
    link = call("POST", "people", {"email": "ada@example.com", "name": "Ada"}).json()["setup_link"]
    path = link[link.index("/set-up/") :]
    ada = Client()
    assert ada.get(path).status_code == 200
    assert ada.post(path, {"password": "short"}).status_code == 422
    assert ada.post(path, {"password": "a long enough phrase"}).status_code == 302
    assert ada.get("/api/v1/me").json()["name"] == "Ada"
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": "another long phrase"}).status_code == 404


def test_groups_and_what_they_give(people, call):
    group = call("POST", "groups", {"name": "Reviewers"}).json()
    assert call("POST", "groups", {"name": "Reviewers"}).status_code == 422
    user = people.person()
    assert call("PUT", f"groups/{group['id']}/members/{user.pk}").status_code == 204
    assert [one["id"] for one in call("GET", f"groups/{group['id']}/members").json()["items"]] == [user.pk]
    granted = call("POST", "grants", {"role": "viewer", "group": group["id"]})
    assert granted.status_code == 201
    mine = Caller(people.token(user))
    assert mine("GET", "systems").status_code == 200
    assert call("DELETE", f"groups/{group['id']}/members/{user.pk}").status_code == 204
    assert mine("GET", "systems").status_code == 403
    assert call("PATCH", f"groups/{group['id']}", {"name": "Others"}, match=3).json()["name"] == "Others"
    assert call("DELETE", f"groups/{group['id']}", match=4).status_code == 204
    assert call("GET", "grants?group=" + str(group["id"])).json()["items"] == []


def test_roles_of_the_organisation(people, call):
    role = {"id": "clerk", "title": "Clerk", "permissions": ["system.read"], "signs": False}
    assert call("POST", "roles", role).status_code == 201
    assert call("POST", "roles", role).status_code == 422
    assert call("POST", "roles", {**role, "id": "other", "permissions": ["all"]}).status_code == 422
    granted = call("POST", "grants", {"role": "clerk", "person": people.person().pk}).json()
    assert call("DELETE", "roles/clerk", match=1).status_code == 409
    changed = call("PUT", "roles/clerk", {"title": "Clerk", "permissions": ["finding.read"]}, match=1).json()
    assert changed["permissions"] == ["finding.read"]
    assert call("DELETE", f"grants/{granted['id']}").status_code == 204
    assert call("DELETE", "roles/clerk", match=2).status_code == 204
    assert call("GET", "roles/clerk").status_code == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_role_that_ships_with_the_server_stays(call, method):
    body = {"title": "Weak", "permissions": []} if method == "PUT" else None
    assert call(method, "roles/viewer", body, match=1).status_code == 409


def test_permissions_are_the_table(call):
    assert {one["id"] for one in call("GET", "permissions").json()} == set(PERMISSIONS)


def test_units_form_a_tree(call):
    assert call("POST", "units", {"id": "emea", "title": "EMEA"}).status_code == 201
    assert call("POST", "units", {"id": "dach", "title": "DACH", "parent": "emea"}).json()["parent"] == "emea"
    ring = call("PUT", "units/emea", {"title": "EMEA", "parent": "dach"}, match=1)
    assert ring.status_code == 422
    assert call("POST", "product-lines", {"id": "shop", "title": "Shop", "unit": "dach"}).status_code == 201
    assert call("DELETE", "units/dach", match=1).status_code == 409
    moved = call("PUT", "product-lines/shop", {"title": "Shop", "unit": ""}, match=1)
    assert moved.json()["unit"] is None
    assert call("DELETE", "units/dach", match=1).status_code == 204
    assert call("DELETE", "units/emea", match=1).status_code == 204
    assert call("DELETE", "product-lines/shop", match=2).status_code == 204


def token_body(**changes: Any) -> dict[str, Any]:
    ends = (timezone.now() + timedelta(days=7)).isoformat()
    return {"name": "ci", "permissions": ["clearance.read"], "expires_at": ends, **changes}


def test_tokens_of_a_person(people, signed_in):
    page = signed_in("engineer")
    made = page.post("/api/v1/tokens", token_body(), content_type="application/json")
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret not in str(list(ApiToken.objects.values()))
    ci = Caller(secret)
    assert ci("GET", "systems").status_code == 403
    assert ci("POST", "tokens", token_body()).status_code == 422
    assert [one["name"] for one in ci("GET", "tokens").json()["items"]] == ["ci"]
    assert ci("DELETE", f"tokens/{made.json()['token']['id']}").status_code == 204
    assert ci("GET", "me").status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"permissions": []},
        {"permissions": ["account.manage"]},
        {"permissions": ["nothing"]},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2120-01-01T00:00:00Z"},
        {"expires_at": "2120-01-01T00:00:00"},
        {"system": "nowhere"},
        {"name": ""},
    ],
)
def test_a_bad_token_is_refused(signed_in, wrong):
    answer = signed_in("engineer").post("/api/v1/tokens", token_body(**wrong), content_type="application/json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert not ApiToken.objects.exists()


def test_tokens_of_others_are_for_administrators(people, call):
    engineer = people.person("engineer")
    secret = people.token(engineer)
    other = ApiToken.objects.get(hint=secret[:8])
    assert Caller(secret)("GET", "tokens?everybody=true").status_code == 403
    assert other.pk in {one["id"] for one in call("GET", "tokens?everybody=true").json()["items"]}
    mine = Caller(people.token(people.person("engineer")))
    assert mine("DELETE", f"tokens/{other.pk}").status_code == 404
    assert call("DELETE", f"tokens/{other.pk}").status_code == 204
    assert Caller(secret)("GET", "me").status_code == 401


def test_deactivation_ends_sessions_tokens_and_links_for_good(people, call):
    user = people.person("engineer")
    page, secret = Client(), people.token(user)
    page.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    link = call("POST", f"people/{user.pk}/setup-link").json()["setup_link"]
    assert page.get("/api/v1/me").status_code == 200
    call("POST", f"people/{user.pk}/deactivate", match=1)
    call("POST", f"people/{user.pk}/reactivate", match=2)
    assert page.get("/api/v1/me").status_code == 401
    assert Caller(secret)("GET", "me").status_code == 401
    assert Client().get(link[link.index("/set-up/") :]).status_code == 404


def test_sessions_end_when_asked(people, call):
    user = people.person("engineer")
    page = Client()
    page.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert call("POST", f"people/{user.pk}/end-sessions").status_code == 204
    assert page.get("/api/v1/me").status_code == 401


def test_delegations(people, call, signed_in):
    giver, receiver = people.person("legal"), people.person()
    page = Client()
    page.force_login(giver, backend="django.contrib.auth.backends.ModelBackend")
    body = {
        "role": "legal",
        "receiver": receiver.pk,
        "ends": (timezone.now() + timedelta(days=3)).isoformat(),
        "reason": "Leave",
    }
    made = page.post("/api/v1/delegations", body, content_type="application/json")
    assert made.status_code == 201
    assert Caller(people.token(giver))("POST", "delegations", body).status_code == 403
    third = signed_in("viewer")
    assert third.get("/api/v1/delegations").json()["items"] == []
    assert third.delete(f"/api/v1/delegations/{made.json()['id']}").status_code == 404
    assert page.delete(f"/api/v1/delegations/{made.json()['id']}").json()["revoked_at"]


def test_a_session_needs_its_csrf_token_at_the_api(people):
    page = Client(enforce_csrf_checks=True)
    page.force_login(people.person("engineer"), backend="django.contrib.auth.backends.ModelBackend")
    assert page.get("/api/v1/me").status_code == 200
    answer = page.post("/api/v1/tokens", token_body(), content_type="application/json")
    assert answer.status_code == 403
    assert not ApiToken.objects.exists()
    assert Entry.objects.filter(outcome="refused").exists()


@pytest.mark.parametrize(
    "body",
    ['{"name": "a\\u0000b"}', '{"name": "\\ud800"}', '{"name": ' + "[" * 100_000, '{"name": "' + "x" * 500 + '"}'],
)
def test_what_no_database_takes_is_refused(call, body):
    answer = call("POST", "groups", body)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["people/0", "people/9999999999999999999999", "people/x", "units/%00", "people?x=%00"])
def test_ids_that_are_none(call, path):
    assert call("GET", path).status_code in {404, 422}


@pytest.mark.parametrize("path", ["people", "groups", "grants", "tokens?everybody=true", "units", "product-lines"])
def test_lists_take_as_many_queries_for_thirty_rows_as_for_three(people, call, path, django_assert_max_num_queries):
    from roadworthy.server.accounts.models import Grant, Group, ProductLine, Role, Unit

    viewer = Role.objects.get(slug="viewer")
    for number in range(30):
        user = people.person()
        Group.objects.create(name=f"G{number}")
        Grant.objects.create(role=viewer, user=user, system_id=number + 1)
        ApiToken.objects.create(
            user=user, name="t", digest=str(number), hint="x", expires_at=timezone.now(), system_id=number + 1
        )
        unit = Unit.objects.create(slug=f"u{number}", title="U", parent=Unit.objects.first())
        ProductLine.objects.create(slug=f"p{number}", title="P", unit=unit)
    with django_assert_max_num_queries(8):
        assert len(call("GET", path).json()["items"]) >= 30
