"""Versions of declarations: saved once, with tier, change, links and an event; by whom the table lets."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from declared_systems import declare
from django.db import connection

from roadworthy.core.errors import InputError
from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.refusals import Changed, Refused
from roadworthy.server.accounts.models import ProductLine, Unit
from roadworthy.server.audit.models import Entry
from roadworthy.server.systems.models import System, SystemVersion
from roadworthy.server.systems.services import save_version


def actions() -> list[str]:
    return list(Entry.objects.order_by("number").values_list("action", flat=True))


def test_the_first_version_registers_the_system_with_what_lists_show(people):
    actor = people.actor("engineer")
    version = save_version(actor, declare(title="Order helper", launch="2027-01-05"), source="file")
    row = System.objects.get()
    assert (row.slug, row.title, row.kind, row.reach, row.regions) == (
        "order-helper",
        "Order helper",
        "assistant",
        5000,
        "EU, US",
    )
    assert row.version == version
    assert (version.number, version.assessment_owed, version.changes) == (1, True, [])
    assert row.tier == version.tier == version.tiering["tier"]
    assert version.tiering["because"][0]["facts"]
    assert version.tiering["standard"].startswith("roadworthy-default")
    assert actions() == ["system.registered", "system.version_saved"]


def test_the_same_declaration_and_parts_make_no_second_version(people):
    actor = people.actor("engineer")
    first = save_version(actor, declare(), source="bundle", parts={"prompts": "a" * 64})
    assert save_version(actor, declare(), source="bundle", parts={"prompts": "a" * 64}) == first
    assert save_version(actor, declare(), source="page") == first
    assert save_version(actor, declare(), source="bundle", parts={"prompts": "b" * 64}) != first
    assert SystemVersion.objects.count() == 2


def test_a_change_is_computed_and_says_whether_an_assessment_is_owed(people):
    actor = people.actor("engineer")
    save_version(actor, declare(), source="file")
    names = save_version(actor, declare(title="New name"), source="file")
    assert [change["kind"] for change in names.changes] == ["other"]
    assert not names.assessment_owed
    tools = save_version(
        actor, declare(title="New name", tools=[{"id": "refund", "effect": "external"}]), source="file"
    )
    assert {change["what"] for change in tools.changes} == {"tools.lookup: removed", "tools.refund: added"}
    assert tools.assessment_owed
    assert System.objects.get().tier == "high"
    assert actions().count("system.tier_changed") == 1


def test_content_behind_equal_words_is_seen_across_a_version_without_parts(people):
    actor = people.actor("engineer")
    save_version(actor, declare(), source="bundle", parts={"prompts": "a" * 64})
    save_version(actor, declare(title="Edited"), source="page")
    pushed = save_version(actor, declare(title="Edited"), source="bundle", parts={"prompts": "b" * 64})
    assert pushed.changes == [{"kind": "prompt", "what": "prompts: the content changed"}]
    assert pushed.assessment_owed


def test_a_system_belongs_to_the_product_line_that_it_names(people):
    unit = Unit.objects.create(slug="retail", title="Retail")
    line = ProductLine.objects.create(slug="shop", title="Web shop", unit=unit)
    save_version(people.actor("engineer"), declare(product_line="web shop"), source="file")
    assert System.objects.get().product_line == line
    save_version(people.actor("engineer"), declare(system="other", product_line="Bank"), source="file")
    assert System.objects.get(slug="other").product_line == ProductLine.objects.get(slug="bank")


def test_nobody_registers_a_system_where_they_do_not_reach(people):
    shop = ProductLine.objects.create(slug="shop", title="Shop")
    ProductLine.objects.create(slug="bank", title="Bank")
    actor = people.actor("engineer", product_line=shop)
    save_version(actor, declare(product_line="Shop"), source="file")
    for elsewhere in ({"product_line": "Bank"}, {"product_line": "New"}, {}):
        with pytest.raises(Refused):
            save_version(actor, declare(system="another", **elsewhere), source="file")
    assert not ProductLine.objects.filter(slug="new").exists()


def test_a_declaration_moves_no_system_into_a_line_that_its_writer_does_not_reach(people):
    shop = ProductLine.objects.create(slug="shop", title="Shop")
    ProductLine.objects.create(slug="bank", title="Bank")
    actor = people.actor("engineer", product_line=shop)
    save_version(actor, declare(product_line="Shop"), source="file")
    save_version(actor, declare(product_line="Bank"), source="file")
    assert System.objects.get().product_line == shop


def test_the_owner_is_found_by_mail_or_by_a_name_that_one_person_bears(people):
    ines = people.person("engineer", name="Ines Albrecht")
    people.person("engineer", name="Two Of Them")
    people.person("engineer", name="Two Of Them")
    actor = people.actor("engineer")
    owner = {"team": "A", "contact": "nobody@example.org", "accountable": "ines albrecht"}
    save_version(actor, declare(owner=owner), source="file")
    assert System.objects.get().owner == ines
    twice = {**owner, "accountable": "Two Of Them"}
    save_version(actor, declare(system="second", owner=twice), source="file")
    assert System.objects.get(slug="second").owner is None


def test_who_may_only_read_or_push_elsewhere_changes_nothing(people):
    save_version(people.actor("engineer"), declare(), source="file")
    system = System.objects.get()
    for actor in (people.actor("viewer"), people.actor("engineer", system_id=system.pk + 1)):
        with pytest.raises(Refused):
            save_version(actor, declare(purpose="Another."), source="bundle")
    assert SystemVersion.objects.count() == 1


def test_the_permission_to_push_is_enough_for_a_bundle_only(people):
    from roadworthy.server.access.actor import Actor
    from roadworthy.server.access.permissions import Permission

    save_version(people.actor("engineer"), declare(), source="file")
    full = people.actor("engineer")
    pusher = Actor(full.user_id, "ci", {Permission.RELEASE_PUSH: full.scope(Permission.RELEASE_PUSH)})
    assert save_version(pusher, declare(purpose="Another."), source="bundle").number == 2
    with pytest.raises(Refused):
        save_version(pusher, declare(purpose="A third."), source="api")


def test_an_old_revision_changes_nothing(people):
    actor = people.actor("engineer")
    save_version(actor, declare(), source="file")
    save_version(actor, declare(purpose="Another."), source="page", revision=1)
    with pytest.raises(Changed):
        save_version(actor, declare(purpose="A third."), source="page", revision=1)


@pytest.mark.parametrize(
    "changes",
    [{"purpose": "a\x00b"}, {"purpose": "a\ud800b"}, {"users": {"who": ["all"], "monthly": 2**60}}],
)
def test_what_cannot_be_stored_is_said_and_nothing_is_kept(people, changes):
    actor = people.actor("engineer")
    declaration = Declaration.model_construct(**{**dict(declare()), **_built(changes)})
    with pytest.raises(InputError):
        save_version(actor, declaration, source="api")
    assert not System.objects.exists()


def _built(changes: dict[str, Any]) -> dict[str, Any]:
    from roadworthy.declare.system import Users

    return {name: Users(**value) if name == "users" else value for name, value in changes.items()}


@pytest.mark.django_db(transaction=True)
def test_two_first_pushes_at_once_register_one_system_and_lose_nothing(people):
    actor = people.actor("engineer")
    at_once = 4 if connection.vendor == "postgresql" else 1  # SQLite in memory has one writer, and no waiting
    together = threading.Barrier(at_once)
    failures: list[BaseException] = []

    def push(number: int) -> None:
        try:
            together.wait()
            save_version(actor, declare(release=str(number)), source="bundle")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=push, args=(number,)) for number in range(4)]
    for first in range(0, 4, at_once):
        for thread in threads[first : first + at_once]:
            thread.start()
        for thread in threads[first : first + at_once]:
            thread.join()
    assert failures == []
    assert System.objects.count() == 1
    assert sorted(SystemVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert System.objects.get().version == SystemVersion.objects.get(number=4)
