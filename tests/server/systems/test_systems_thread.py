"""The thin thread: a row, who may see it, on the page and over the API."""

from __future__ import annotations

import pytest
from django.test import Client

from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.systems.models import System


@pytest.fixture
def system(db: None) -> System:
    line = ProductLine.objects.create(slug="shop", title="Shop")
    return System.objects.create(
        slug="helper", title="Helper", kind="assistant", purpose="Helps.", team="A", tier="low", product_line=line
    )


def test_a_viewer_sees_it_on_the_page(signed_in, system):
    answer = signed_in("viewer").get("/systems/")
    assert answer.status_code == 200
    assert "Helper" in answer.content.decode()


def test_whoever_may_see_another_system_only_does_not_see_it(signed_in, system):
    assert "Helper" not in signed_in("viewer", system_id=system.pk + 1).get("/systems/").content.decode()
    assert "Helper" in signed_in("viewer", system_id=system.pk).get("/systems/").content.decode()
    assert "Helper" in signed_in("viewer", product_line=system.product_line).get("/systems/").content.decode()


def test_nobody_is_sent_to_sign_in(system):
    assert Client().get("/systems/").status_code == 302
    assert Client().get("/api/v1/systems").status_code == 401


def test_a_token_opens_the_api(people, system):
    secret = people.token(people.person("viewer"))
    answer = Client().get("/api/v1/systems/helper", headers={"Authorization": f"Bearer {secret}"})
    assert answer.json()["title"] == "Helper"
    assert answer["ETag"] == '"r1"'


def test_who_holds_no_role_is_refused_and_that_is_recorded(people, signed_in, system):
    from roadworthy.server.audit.models import Entry

    assert signed_in().get("/systems/").status_code == 403
    assert Entry.objects.get().outcome == "refused"
