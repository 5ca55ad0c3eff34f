"""Pages of accounts, as an administrator and as everybody uses them."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from roadworthy.server.accounts.models import ApiToken, Delegation, Grant, Group, ProductLine, Role, Unit, User
from roadworthy.server.audit.models import Entry

PAGES = [
    "/people/",
    "/people/invite",
    "/groups/",
    "/groups/new",
    "/roles/",
    "/roles/new",
    "/roles/viewer/",
    "/grants/",
    "/units/",
    "/units/new",
    "/product-lines/new",
    "/tokens/",
    "/account/",
    "/account/tokens/",
    "/account/tokens/new",
    "/delegations/",
    "/delegations/new",
]


@pytest.fixture
def admin(signed_in) -> Client:
    return signed_in("administrator")


def post(client: Client, path: str, **data: object) -> str:
    """Post a form and return what the page after it says."""
    answer = client.post(path, data, follow=True)
    assert answer.redirect_chain, answer.content.decode()
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there(admin, path):
    page = admin.get(path).content.decode()
    assert page.count("<h1>") == 1
    assert "style=" not in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_not_ones_own_needs_an_administrator(signed_in, path):
    own = path.startswith(("/account/", "/delegations/", "/units/", "/roles/")) and path not in {
        "/units/new",
        "/roles/new",
    }
    assert signed_in("viewer").get(path).status_code == (200 if own else 403)


def test_somebody_is_invited_given_a_role_and_shut_out(admin):
    page = post(admin, "/people/invite", name="Ada", email="ada@example.com")
    link = re.search(r"http://\S+(/set-up/[\w-]+)", page)
    assert link is not None
    ada = User.objects.get(email="ada@example.com")
    assert link[1] not in admin.get(f"/people/{ada.pk}/").content.decode()
    page = post(admin, f"/people/{ada.pk}/roles", role="viewer", unit="", product_line="", system="")
    assert "The role is given." in page
    browser = Client()
    browser.post(link[1], {"password": "a long enough phrase"})
    assert browser.get("/systems/").status_code == 200
    assert "Deactivated" in post(admin, f"/people/{ada.pk}/deactivate", revision=1)
    assert browser.get("/systems/").status_code == 302
    page = post(admin, f"/people/{ada.pk}/reactivate", revision=2)
    assert "Reactivated." in page
    assert browser.get("/systems/").status_code == 302
    assert "Took a role back" not in page
    post(admin, f"/grants/{Grant.objects.get(user=ada).pk}/take")
    assert not Grant.objects.filter(user=ada).exists()


def test_a_stale_form_changes_nothing(admin, people):
    user = people.person()
    assert admin.post(f"/people/{user.pk}/change", {"name": "B", "email": user.email, "revision": 1}).status_code == 302
    answer = admin.post(f"/people/{user.pk}/change", {"name": "C", "email": user.email, "revision": 1})
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.content.decode()
    user.refresh_from_db()
    assert user.name == "B"


def test_a_mail_address_that_is_taken_is_told_beside_the_form(admin, people):
    answer = admin.post("/people/invite", {"name": "Eve", "email": people.person().email.upper()})
    assert answer.status_code == 422
    assert "This mail address is taken" in answer.content.decode()


def test_the_last_administrator_is_told_why_not(admin):
    user = User.objects.get()
    answer = admin.post(f"/people/{user.pk}/deactivate", {"revision": 1})
    assert answer.status_code == 403
    assert "nobody could manage people" in answer.content.decode()
    assert Entry.objects.filter(action="user.lockout_refused", outcome="refused").count() == 1


def test_groups_on_pages(admin, people):
    user = people.person()
    post(admin, "/groups/new", name="Team")
    group = Group.objects.get()
    assert user.email in post(admin, f"/groups/{group.pk}/members", email=user.email.upper())
    assert "nobody active" in post(admin, f"/groups/{group.pk}/members", email="x@example.com").lower()
    post(admin, f"/groups/{group.pk}/roles", role="viewer")
    assert group.grants.count() == 1
    post(admin, f"/groups/{group.pk}/members/{user.pk}/remove", person=user.pk)
    assert not group.members.exists()
    post(admin, f"/people/{user.pk}/join", group=group.pk)
    assert group.members.get() == user
    group.refresh_from_db()
    post(admin, f"/groups/{group.pk}/change", name="Crew", revision=group.revision)
    group.refresh_from_db()
    post(admin, f"/groups/{group.pk}/delete", revision=group.revision)
    assert not Group.objects.exists()


def test_roles_on_pages(admin):
    post(admin, "/roles/new", id="clerk", title="Clerk", permissions=["system.read"], signs="on")
    role = Role.objects.get(slug="clerk")
    assert role.permissions == ["system.read"]
    assert role.signs
    post(admin, "/roles/clerk/change", title="Clerk", permissions=["finding.read"], revision=1)
    post(admin, "/roles/clerk/delete", revision=2)
    assert not Role.objects.filter(slug="clerk").exists()
    assert admin.get("/roles/viewer/change").status_code == 409
    assert "does not change" in post(admin, "/roles/viewer/delete", revision=1)


def test_units_on_pages(admin):
    post(admin, "/units/new", id="emea", title="EMEA", parent="")
    post(admin, "/units/new", id="dach", title="DACH", parent="emea")
    post(admin, "/product-lines/new", id="shop", title="Shop", unit="dach")
    page = admin.get("/units/").content.decode()
    assert page.index("EMEA") < page.index("DACH") < page.index("Shop")
    post(admin, "/units/dach/change", title="DACH", parent="", revision=1)
    post(admin, "/product-lines/shop/change", title="Shop", unit="emea", revision=1)
    assert "belong to it" in post(admin, "/units/emea/delete", revision=1)
    post(admin, "/product-lines/shop/delete", revision=2)
    post(admin, "/units/emea/delete", revision=1)
    assert list(Unit.objects.values_list("slug", flat=True)) == ["dach"]
    assert not ProductLine.objects.exists()


def test_a_token_is_shown_once(signed_in):
    page = signed_in("engineer")
    shown = post(page, "/account/tokens/new", name="ci", permissions=["system.read"], system="", days=30)
    secret = re.search(r"rw_[\w-]{40,}", shown)
    assert secret is not None
    assert secret[0] not in page.get("/account/tokens/").content.decode()
    assert Client().get("/api/v1/systems", headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 200
    post(page, f"/tokens/{ApiToken.objects.get().pk}/revoke")
    assert Client().get("/api/v1/systems", headers={"Authorization": f"Bearer {secret[0]}"}).status_code == 401


def test_a_token_form_offers_what_one_holds(signed_in):
    page = signed_in("viewer").get("/account/tokens/new").content.decode()
    assert "system.read" in page
    assert "account.manage" not in page
    answer = signed_in("viewer").post(
        "/account/tokens/new", {"name": "x", "permissions": ["account.manage"], "days": 3}
    )
    assert answer.status_code == 422


def test_a_role_is_delegated_and_taken_back(people, signed_in):
    page, receiver = signed_in("legal"), people.person()
    shown = post(page, "/delegations/new", role="legal", email=receiver.email, days=5, reason="Leave")
    assert receiver.name in shown
    assert "in force" not in shown
    post(page, f"/delegations/{Delegation.objects.get().pk}/revoke")
    assert Delegation.objects.get().revoked_at


def test_ones_own_name_and_sessions(signed_in):
    page = signed_in("viewer")
    assert "Grace" in post(page, "/account/", name="Grace")
    page.post("/account/sessions/end")
    assert page.get("/account/").status_code == 302


def test_everybody_sees_who_somebody_is_but_not_how_they_come_in(people, signed_in):
    other = people.person("legal")
    ApiToken.objects.create(user=other, name="secretive", digest="x", hint="rw_x", expires_at=other.created_at)
    page = signed_in("viewer").get(f"/people/{other.pk}/").content.decode()
    assert "Legal approver" in page
    assert "secretive" not in page
    assert "Deactivate" not in page


@pytest.mark.parametrize("path", ["/people/", "/groups/", "/grants/", "/tokens/", "/roles/", "/units/"])
def test_a_page_takes_as_many_queries_for_thirty_rows_as_for_three(people, admin, path, django_assert_max_num_queries):
    viewer = Role.objects.get(slug="viewer")
    for number in range(30):
        user, group = people.person(), Group.objects.create(name=f"G{number}")
        group.members.add(user)
        Grant.objects.create(role=viewer, user=user, system_id=number + 1)
        Grant.objects.create(role=viewer, group=group)
        ApiToken.objects.create(user=user, name="t", digest=str(number), hint="x", expires_at=user.created_at)
        Unit.objects.create(slug=f"u{number}", title=f"U{number}", parent=Unit.objects.order_by("-pk").first())
    with django_assert_max_num_queries(14):
        assert admin.get(path).status_code == 200
