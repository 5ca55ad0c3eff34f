"""Two people at the same moment: one assessment is begun, one acceptance counts, no change is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from assessed_rows import declare, in_review, make_system
from django.db import connection, connections

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.actor import Actor
from roadworthy.server.assessments import lifecycle, scenarios
from roadworthy.server.assessments.content import content_of
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.systems.services import save_version

ROUNDS = 8


@pytest.fixture
def ready(transactional_people):
    from roadworthy.server.standards.seed import seed_standard

    seed_standard()
    return transactional_people


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do things at the same moment; returns what each returned, or the error of the field that it raised."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            found[place] = act()
        except RoadworthyError as error:
            found[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def errors(found: list[Any]) -> int:
    return sum(isinstance(one, Exception) for one in found)


def rounds() -> int:
    return ROUNDS if connection.vendor == "postgresql" else 2


def one_life(number: int, author: Actor, other: Actor, reviewers: list[Actor]) -> None:
    system = make_system(f"agent-{number}")
    begun = together(*(partial(lifecycle.start, one, system.slug) for one in (author, other)))
    assert errors(begun) == 1
    row = Assessment.objects.get(system=system)
    first, second = (item.id for item in content_of(row).scenarios[:2])
    changed = together(
        partial(scenarios.accept_scenario, author, row.pk, 1, first),
        partial(scenarios.dismiss_scenario, other, row.pk, 1, second, "No."),
    )
    assert errors(changed) == 1
    lifecycle.submit(author, row.pk, 2)
    done = together(*(partial(lifecycle.accept, one, row.pk, 3, "Fine.") for one in reviewers))
    assert errors(done) == 1
    assert Assessment.objects.filter(system=system, state="accepted").count() == 1


def test_one_of_two_begins_one_of_two_accepts_and_no_change_is_lost(ready):
    author, other = ready.actor("engineer"), ready.actor("engineer")
    reviewers = [ready.actor("responsible-ai"), ready.actor("responsible-ai")]
    for number in range(rounds()):
        one_life(number, author, other, reviewers)


def test_acceptance_and_a_new_version_do_not_block_each_other(ready):
    author, reviewer = ready.actor("engineer"), ready.actor("responsible-ai")
    models = [{"id": "main", "provider": "openai", "name": "big-2"}]
    for number in range(rounds()):
        system = make_system(f"agent-{number}")
        row = in_review(author, system)
        changed = declare(system=system.slug, title=system.title, product_line="shop", models=models)
        together(
            partial(lifecycle.accept, reviewer, row.pk, row.revision, "Fine."),
            partial(save_version, author, changed, source="page"),
        )
        row.refresh_from_db()
        assert row.refresh_owed, "whichever came first, the newer version is known to owe a fresh look"
