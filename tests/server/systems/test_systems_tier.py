"""Another tier than the rules give, what people set beside the declaration, and what a new standard does to tiers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from declared_systems import declare
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor, Door, server_actor
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.decisions.models import AuthorityRule
from roadworthy.server.standards.draft import edit_draft, start_draft
from roadworthy.server.standards.impact import IMPACT_SOURCES, ask_preview, visible_rows
from roadworthy.server.standards.models import StandardVersion
from roadworthy.server.standards.publish import _put_in_force
from roadworthy.server.systems.lowering import ask_lower_tier, decide_lower_tier, withdraw_lower_tier
from roadworthy.server.systems.models import Governance, System, TierOverride, TierRequest
from roadworthy.server.systems.override import end_overdue, end_set_tier, set_tier
from roadworthy.server.systems.properties import move_governance, retire, set_on_many, set_properties
from roadworthy.server.systems.services import save_version

REASON = "Only drafts, and a person sends every one of them."


@pytest.fixture
def helper(people) -> System:
    save_version(people.actor("engineer"), declare(tools=[{"id": "refund", "effect": "external"}]), source="file")
    return System.objects.get()


@pytest.fixture
def small(people) -> System:
    """A system that the rules put into medium tier, so that a stricter one can be set."""
    save_version(people.actor("engineer"), declare(), source="file")
    return System.objects.get()


def tomorrow():
    return timezone.now() + timedelta(days=1)


def lower(people, row, tier="medium"):
    """Have one specialist ask for a lower tier, and another one approve it."""
    row.refresh_from_db()
    asked = ask_lower_tier(
        people.actor("responsible-ai"), row.slug, row.revision, tier=tier, reason=REASON, until=tomorrow()
    )
    return decide_lower_tier(people.actor("responsible-ai"), row.slug, asked.pk, approve=True, reason="So it is.")


def test_a_specialist_sets_a_stricter_tier_with_a_reason_until_a_day(people, small):
    assert small.tier == "medium"
    set_tier(people.actor("responsible-ai"), small.slug, 1, tier="high", reason=REASON, until=tomorrow())
    small.refresh_from_db()
    assert (small.tier, small.tier_set, small.version.tier) == ("high", True, "medium")
    assert TierOverride.objects.get().role == "responsible-ai"
    entry = Entry.objects.get(action="system.tier_set")
    assert REASON in entry.detail


@pytest.mark.parametrize(
    "given",
    [
        {"tier": "medium"},
        {"tier": "lowest"},
        {"reason": "short"},
        {"until": timezone.now() - timedelta(days=1)},
        {"until": timezone.now() + timedelta(days=1000)},
    ],
)
def test_a_set_tier_needs_another_tier_a_reason_and_an_end(people, small, given):
    wanted = {"tier": "high", "reason": REASON, "until": tomorrow(), **given}
    with pytest.raises(InputError):
        set_tier(people.actor("responsible-ai"), small.slug, 1, **wanted)
    if wanted["tier"] != "lowest":
        with pytest.raises(InputError):
            ask_lower_tier(people.actor("responsible-ai"), small.slug, 1, **wanted)


def test_neither_owner_nor_engineer_nor_token_sets_a_tier(people, small):
    owner = people.person("responsible-ai", name="Olga Owner")
    System.objects.filter(pk=small.pk).update(accountable="olga owner")
    specialist = people.person("responsible-ai")
    token = Actor(specialist.pk, "token", actor_of(specialist, Door.API).reach, {}, Door.API, token_id=1)
    for actor in (actor_of(owner, Door.PAGE), people.actor("engineer"), token):
        with pytest.raises(Refused):
            set_tier(actor, small.slug, 1, tier="high", reason=REASON, until=tomorrow())
    assert not TierOverride.objects.exists()


def test_a_lower_tier_takes_two_people(people, helper):
    specialist = people.actor("responsible-ai")
    with pytest.raises(Refused, match="needs the approval of somebody else"):
        set_tier(specialist, helper.slug, 1, tier="medium", reason=REASON, until=tomorrow())
    asked = ask_lower_tier(specialist, helper.slug, 1, tier="medium", reason=REASON, until=tomorrow())
    assert System.objects.get().tier == "high"
    with pytest.raises(Refused, match="nobody approves what they asked for"):
        decide_lower_tier(specialist, helper.slug, asked.pk, approve=True, reason="Mine.")
    with pytest.raises(Conflict, match="already"):
        ask_lower_tier(specialist, helper.slug, 1, tier="low", reason=REASON, until=tomorrow())
    other = people.actor("responsible-ai-lead")
    with pytest.raises(InputError):
        decide_lower_tier(other, helper.slug, asked.pk, approve=True, reason=" ")
    with pytest.raises(Changed):
        decide_lower_tier(other, helper.slug, asked.pk, approve=True, reason="Yes.", revision=9)
    decided = decide_lower_tier(other, helper.slug, asked.pk, approve=True, reason="They are read.", revision=1)
    assert (decided.state, decided.decided_role, System.objects.get().tier) == (
        "approved",
        "responsible-ai-lead",
        "medium",
    )
    assert TierOverride.objects.get().reason == f"{REASON} Asked for by {specialist.name}. Approved: They are read."
    assert TierOverride.objects.get().user_id == other.user_id
    with pytest.raises(Conflict, match="approved already"):
        decide_lower_tier(other, helper.slug, asked.pk, approve=False, reason="No.")
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"system.tier_asked", "system.tier_decided", "system.tier_set"} <= actions


def test_who_may_not_approve_a_lower_tier(people, helper):
    asked = ask_lower_tier(
        people.actor("responsible-ai"), helper.slug, 1, tier="medium", reason=REASON, until=tomorrow()
    )
    owner = people.person("responsible-ai")
    System.objects.filter(pk=helper.pk).update(owner=owner)
    specialist = people.person("responsible-ai")
    token = Actor(specialist.pk, "token", actor_of(specialist, Door.API).reach, {}, Door.API, token_id=1)
    for actor in (actor_of(owner, Door.PAGE), people.actor("director"), people.actor("engineer"), token):
        with pytest.raises(Refused):
            decide_lower_tier(actor, helper.slug, asked.pk, approve=True, reason="Yes.")
    with pytest.raises(Refused):
        ask_lower_tier(token, helper.slug, 1, tier="low", reason=REASON, until=tomorrow())
    with pytest.raises(Missing):
        decide_lower_tier(people.actor("responsible-ai"), helper.slug, asked.pk + 1, approve=True, reason="Yes.")
    assert System.objects.get().tier == "high"


def test_the_rules_of_authority_narrow_who_sets_a_tier(people, helper):
    AuthorityRule.objects.create(action="tier", roles=["responsible-ai-lead", "director"])
    asked = ask_lower_tier(
        people.actor("responsible-ai"), helper.slug, 1, tier="medium", reason=REASON, until=tomorrow()
    )
    with pytest.raises(Refused):
        decide_lower_tier(people.actor("responsible-ai"), helper.slug, asked.pk, approve=True, reason="Yes.")
    AuthorityRule.objects.filter(action="tier").delete()
    with pytest.raises(Refused, match="holds no role"):
        decide_lower_tier(people.actor("responsible-ai-lead"), helper.slug, asked.pk, approve=True, reason="Yes.")


def test_a_rejected_or_withdrawn_request_lowers_nothing_and_another_one_may_follow(people, helper):
    specialist, other = people.actor("responsible-ai"), people.actor("responsible-ai")
    terms = {"tier": "medium", "reason": REASON, "until": tomorrow()}
    first = ask_lower_tier(specialist, helper.slug, 1, **terms)
    assert decide_lower_tier(other, helper.slug, first.pk, approve=False, reason="No.").state == "rejected"
    second = ask_lower_tier(specialist, helper.slug, 1, **terms)
    with pytest.raises(InputError):
        withdraw_lower_tier(specialist, helper.slug, second.pk, reason="")
    assert withdraw_lower_tier(specialist, helper.slug, second.pk, reason="Wrong.").state == "withdrawn"
    assert System.objects.get().tier == "high"


def test_what_was_asked_under_other_rules_or_for_a_day_that_passed_is_not_approved(people, helper):
    asked = ask_lower_tier(people.actor("responsible-ai"), helper.slug, 1, tier="low", reason=REASON, until=tomorrow())
    other = people.actor("responsible-ai")
    TierRequest.objects.update(until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="the end"):
        decide_lower_tier(other, helper.slug, asked.pk, approve=True, reason="Yes.")
    TierRequest.objects.update(until=tomorrow())
    save_version(people.actor("engineer"), declare(), source="file")
    with pytest.raises(Conflict, match="by now"):
        decide_lower_tier(other, helper.slug, asked.pk, approve=True, reason="Yes.")


def test_who_owns_a_system_does_not_end_a_stricter_tier(people, small):
    set_tier(people.actor("responsible-ai"), small.slug, 1, tier="high", reason=REASON, until=tomorrow())
    owner = people.person("responsible-ai")
    System.objects.filter(pk=small.pk).update(owner=owner)
    with pytest.raises(Refused):
        end_set_tier(actor_of(owner, Door.PAGE), small.slug, 2, "It is in our way.")
    assert System.objects.get().tier == "high"


def test_what_the_standard_prohibits_stays_prohibited(people):
    save_version(people.actor("engineer"), declare(practices=["social-scoring"]), source="file")
    row = System.objects.get()
    assert row.tier == "prohibited"
    with pytest.raises(Refused) as caught:
        set_tier(people.actor("responsible-ai"), row.slug, 1, tier="high", reason=REASON, until=tomorrow())
    assert caught.value.action == "system.tier_set_refused"


def test_a_change_that_owes_an_assessment_ends_the_set_tier_and_a_new_name_does_not(people, helper):
    lower(people, helper)
    tools = [{"id": "refund", "effect": "external"}]
    save_version(people.actor("engineer"), declare(tools=tools, title="Renamed"), source="file")
    assert System.objects.get().tier == "medium"
    save_version(people.actor("engineer"), declare(tools=tools, title="Renamed", regions=["KR"]), source="file")
    assert (System.objects.get().tier, System.objects.get().tier_set) == ("high", False)
    assert TierOverride.objects.get().ended_why


def test_a_set_tier_ends_on_its_day_or_by_hand(people, helper):
    specialist = people.actor("responsible-ai")
    lower(people, helper)
    assert end_overdue(server_actor()) == 0
    TierOverride.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert end_overdue(server_actor()) == 1
    assert System.objects.get().tier == "high"
    lower(people, helper, "low")
    end_set_tier(specialist, helper.slug, 4, "The reason fell away.")
    assert System.objects.get().tier == "high"
    with pytest.raises(Conflict):
        end_set_tier(specialist, helper.slug, 5, "Again.")


def test_properties_are_set_one_by_one_and_on_many(people, helper):
    shop = ProductLine.objects.create(slug="shop", title="Shop")
    engineer = people.actor("engineer")
    row = set_properties(engineer, helper.slug, 1, lifecycle="live", product_line="shop", owner=str(engineer.user_id))
    assert (row.lifecycle, row.product_line, row.owner_id, row.revision) == ("live", shop, engineer.user_id, 2)
    with pytest.raises(Changed):
        set_properties(engineer, helper.slug, 1, lifecycle="paused")
    save_version(engineer, declare(system="second"), source="file")
    assert set_on_many(engineer, ["second", helper.slug], "lifecycle", "paused") == 2
    assert set(System.objects.values_list("lifecycle", flat=True)) == {"paused"}


@pytest.mark.parametrize("values", [{"lifecycle": "retired"}, {"lifecycle": "x"}, {"owner": "0"}, {"owner": "x"}])
def test_values_that_are_none_are_refused(people, helper, values):
    with pytest.raises(InputError):
        set_properties(people.actor("engineer"), helper.slug, 1, **values)


def test_a_bulk_action_changes_all_or_nothing(people, helper):
    shop = ProductLine.objects.create(slug="shop", title="Shop")
    System.objects.update(product_line=shop)
    save_version(people.actor("engineer"), declare(system="elsewhere"), source="file")
    with pytest.raises(Missing):
        set_on_many(people.actor("engineer", product_line=shop), ["order-helper", "elsewhere"], "lifecycle", "live")
    assert System.objects.get(slug="order-helper").lifecycle == "planned"


def test_nobody_moves_a_system_where_they_do_not_reach(people, helper):
    shop, _ = ProductLine.objects.create(slug="shop", title="Shop"), ProductLine.objects.create(slug="b", title="B")
    System.objects.update(product_line=shop)
    for line in ("b", ""):
        with pytest.raises(Refused):
            set_properties(people.actor("engineer", product_line=shop), helper.slug, 1, product_line=line)


def test_a_system_is_retired_with_a_reason_and_never_deleted(people, helper):
    with pytest.raises(InputError):
        retire(people.actor("engineer"), helper.slug, 1, " ")
    assert retire(people.actor("engineer"), helper.slug, 1, "Replaced.").lifecycle == "retired"
    with pytest.raises(Conflict):
        retire(people.actor("engineer"), helper.slug, 2, "Again.")


def test_governance_moves_apart_from_the_lifecycle(helper):
    move_governance(server_actor(), helper, Governance.CLEARED, "Approved.")
    move_governance(server_actor(), helper, Governance.CLEARED, "Approved.")
    row = System.objects.get()
    assert (row.governance, row.lifecycle) == ("cleared", "planned")
    assert Entry.objects.filter(action="system.governance_moved").count() == 1


RULE = """tier_rules:
  - id: refunds
    tier: prohibited
    when: system.tools.exists(t, t.id == "refund")
    because: We do not let programs pay.
"""


@pytest.fixture
def stricter(people) -> StandardVersion:
    author = people.actor("responsible-ai")
    row = start_draft(author)
    return edit_draft(author, row.pk, row.revision, {**row.layer, "changes.yaml": RULE})


def test_the_preview_says_what_a_draft_changes_for_each_system(people, helper, stricter, monkeypatch):
    monkeypatch.setattr("roadworthy.server.standards.impact.IMPACT_SOURCES", {"systems": IMPACT_SOURCES["systems"]})
    save_version(people.actor("engineer"), declare(system="untouched"), source="file")
    preview = ask_preview(people.actor("responsible-ai"), stricter.pk)
    result = preview.result["systems"]
    assert (preview.state, result["looked_at"], result["changed"]) == ("done", 2, 1)
    assert result["kinds"]["tier"] == 1
    assert "tier: high -> prohibited" in result["rows"][0]["what"]
    assert len(visible_rows(people.actor("viewer"), preview, "systems")) == 1
    assert visible_rows(people.actor("viewer", system_id=helper.pk + 99), preview, "systems") == []


def test_many_systems_are_previewed_by_a_task(
    people, helper, stricter, monkeypatch, django_capture_on_commit_callbacks
):
    from roadworthy.server.standards import impact

    monkeypatch.setattr(impact, "AT_ONCE", 0)
    with django_capture_on_commit_callbacks(execute=True):
        preview = ask_preview(people.actor("responsible-ai"), stricter.pk)
    assert preview.state == "waiting"
    impact.compute_preview.func(preview.pk)
    preview.refresh_from_db()
    assert (preview.state, preview.done) == ("done", preview.total)


def test_a_preview_of_what_was_edited_meanwhile_fails_and_says_so(people, helper, stricter, monkeypatch):
    from roadworthy.server.standards import impact

    monkeypatch.setattr(impact, "AT_ONCE", 0)
    preview = ask_preview(people.actor("responsible-ai"), stricter.pk)
    StandardVersion.objects.filter(pk=stricter.pk).update(digest="0" * 64)
    impact.compute_preview.func(preview.pk)
    preview.refresh_from_db()
    assert (preview.state, preview.problem) == ("failed", "the draft was changed meanwhile")


def test_a_new_standard_gives_every_system_its_tier_and_ends_what_was_set(people, helper, stricter):
    lower(people, helper)
    StandardVersion.objects.filter(pk=stricter.pk).update(state="published")
    _put_in_force(server_actor(), StandardVersion.objects.get(pk=stricter.pk))
    row = System.objects.get()
    assert (row.tier, row.tier_set) == ("prohibited", False)
    assert Entry.objects.filter(action="system.tier_changed").count() == 1
    assert row.version.tier == "high"
