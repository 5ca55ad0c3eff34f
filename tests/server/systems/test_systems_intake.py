"""Intakes: answered step by step, kept unfinished, resumed, and made a version of a declaration."""

from __future__ import annotations

from typing import Any

import pytest
from declared_systems import HELPER, declare

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.declare.load import system_value
from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.jobs.models import Notice
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.intake import (
    discard,
    find_intake,
    find_step,
    hand_over,
    replace_answers,
    save_step,
    start_intake,
    submit,
    takers,
)
from roadworthy.server.systems.intake_check import problems_of, progress_of, tier_so_far
from roadworthy.server.systems.intake_form import StepForm, row_name
from roadworthy.server.systems.intake_questions import ABOUT, IMPACT, MODELS, STEPS, TOOLS, Form, steps_for
from roadworthy.server.systems.models import Intake, System
from roadworthy.server.systems.services import save_version

ABOUT_DATA = {
    "title": "Order helper",
    "system": "order-helper",
    "kind": "agent",
    "purpose": "Answers questions.",
    "intended_use": "One\n\n Two ",
    "owner__team": "Orders",
    "owner__contact": "orders@example.org",
}


def step(slug: str):
    return next(one for one in STEPS if one.slug == slug)


def fill(actor, intake: Intake, pages: dict[str, dict[str, Any]]) -> Intake:
    for slug, data in pages.items():
        intake, form = save_step(actor, intake.pk, intake.revision, step(slug), data)
        assert not form.errors
    return intake


def test_answers_become_a_declaration_a_tier_and_a_version(people):
    actor = people.actor("engineer")
    intake = fill(
        actor,
        start_intake(actor),
        {
            "about": ABOUT_DATA,
            "users": {"users__who": "customers\nstaff", "users__monthly": "5000"},
            "impact": {"exposure__public": "on", "exposure__generates": ["text"], "practices": []},
            "models": {
                "models-0-id": "main",
                "models-0-provider": "self-hosted",
                "models-0-name": "small-1",
                "prompts-0-id": "main",
                "prompts-0-text": "Be brief.",
                "settings": "temperature: 0.2\nmode: strict\nsafe: true",
            },
            "tools": {"tools-0-id": "refund", "tools-0-effect": "external", "tools-0-permissions": "pay\n"},
            "data": {"data-0-id": "kb", "data-0-use": "retrieval", "data-0-personal": "on"},
            "where": {"regions": "EU\nUS", "launch": "2027-01-05", "monitors-0-id": "m", "monitors-0-signal": "drift"},
        },
    )
    assert problems_of(intake.answers) == []
    assert all(one.done for one in progress_of(intake.answers))
    version = submit(actor, intake.pk, intake.revision)
    declaration = declared(version)
    assert declaration.intended_use == ["One", "Two"]
    assert declaration.settings == {"temperature": 0.2, "mode": "strict", "safe": True}
    assert declaration.tools[0].permissions == ["pay"]
    assert declaration.data[0].personal
    assert str(declaration.launch) == "2027-01-05"
    assert (version.source, version.system.tier) == ("intake", "high")
    with pytest.raises(Conflict):
        submit(actor, intake.pk, intake.revision + 1)


def test_what_is_unfinished_is_kept_and_said_with_what_to_do(people):
    actor = people.actor("engineer")
    intake = fill(actor, start_intake(actor), {"about": {**ABOUT_DATA, "system": "Not An Id", "owner__team": ""}})
    todo = {(one.step, one.field): one.todo for one in problems_of(intake.answers)}
    assert todo["about", "system"].startswith("Use lower-case letters")
    assert todo["about", "owner__team"] == "Fill in: team."
    assert todo["models", ""] == "Add at least one model."
    assert todo["users", "users__who"] == "Fill in: groups of people."
    with pytest.raises(InputErrors) as caught:
        submit(actor, intake.pk, intake.revision)
    assert "Use lower-case letters" in caught.value.diagnostics()
    assert not System.objects.exists()


def test_a_row_that_is_half_filled_says_which_field_is_missing(people):
    actor = people.actor("engineer")
    intake = fill(actor, start_intake(actor), {"models": {"models-0-id": "main", "models-1-name": "x"}})
    fields = {one.field for one in problems_of(intake.answers) if one.step == "models"}
    assert {"models-0-provider", "models-0-name", "models-1-id", "models-1-provider"} <= fields


def test_a_cleared_row_and_a_cleared_answer_go_away(people):
    actor = people.actor("engineer")
    intake = start_intake(actor, {**HELPER, "segments": ["a"]})
    intake = fill(actor, intake, {"tools": {"tools-0-id": ""}, "users": {"users__who": "x"}})
    assert "tools" not in intake.answers
    assert intake.answers["users"] == {"who": ["x"]}
    assert "segments" not in intake.answers


def test_tools_are_asked_of_what_can_use_them_only():
    assert TOOLS in steps_for({"kind": "agent"})
    assert TOOLS not in steps_for({"kind": "ranker"})
    assert TOOLS in steps_for({"kind": "ranker", "tools": [{"id": "x"}]})


def test_questions_about_decisions_are_asked_when_there_are_some():
    from roadworthy.server.systems.intake_questions import asked

    influence = next(one for one in IMPACT.questions if one.path == "decision.influence")
    assert not asked(influence, {})
    assert asked(influence, {"decision": {"about_people": True}})


def test_the_tier_shows_as_far_as_is_answered(people):
    loaded = in_force()
    assert tier_so_far({}, loaded).tier == "medium"
    assert tier_so_far({"tools": [{"id": "pay", "effect": "external"}]}, loaded).tier == "high"
    assert tier_so_far({"practices": ["social-scoring"], "system": "Not An Id"}, loaded).tier == "prohibited"


def test_two_windows_do_not_overwrite_each_other(people):
    actor = people.actor("engineer")
    intake = start_intake(actor)
    save_step(actor, intake.pk, intake.revision, ABOUT, ABOUT_DATA)
    with pytest.raises(Changed):
        save_step(actor, intake.pk, intake.revision, MODELS, {})
    assert Intake.objects.get().answers["title"] == "Order helper"


def test_saving_what_is_there_changes_no_revision(people):
    actor = people.actor("engineer")
    intake, _ = save_step(actor, start_intake(actor).pk, 1, ABOUT, ABOUT_DATA)
    again, _ = save_step(actor, intake.pk, intake.revision, ABOUT, ABOUT_DATA)
    assert again.revision == intake.revision


def test_nobody_sees_or_submits_the_intake_of_another(people):
    intake = start_intake(people.actor("engineer"), HELPER)
    for act in (lambda a: submit(a, intake.pk, 1), lambda a: discard(a, intake.pk, 1)):
        with pytest.raises(Missing):
            act(people.actor("engineer"))


def test_an_intake_takes_no_id_of_another_system(people):
    save_version(people.actor("engineer"), declare(), source="file")
    actor = people.actor("engineer")
    intake = start_intake(actor, {**HELPER, "purpose": "Mine now."})
    with pytest.raises(Conflict, match="belongs to another"):
        submit(actor, intake.pk, intake.revision)
    assert System.objects.get().purpose == HELPER["purpose"]


def test_a_system_is_edited_from_its_newest_version_and_not_over_a_newer_one(people):
    actor = people.actor("engineer")
    save_version(actor, declare(), source="file")
    first, second = (start_intake(actor, system="order-helper") for _ in range(2))
    assert submit(actor, first.pk, 1).number == 1
    second = replace_answers(actor, second.pk, 1, {**second.answers, "purpose": "Another."})
    assert submit(actor, second.pk, 2).number == 2
    third = start_intake(actor, system="order-helper")
    save_version(actor, declare(purpose="A third."), source="file")
    with pytest.raises(Conflict, match="since you began"):
        submit(actor, third.pk, 1)


def test_editing_without_a_change_keeps_the_declaration_as_it_is(people):
    actor = people.actor("engineer")
    full = declare(
        title="T",
        segments=["a"],
        decision={"about_people": True, "influence": "informs"},
        exposure={"public": True, "generates": ["text"], "discloses_ai": True},
        prompts=[{"id": "p", "text": "x"}],
        data=[{"id": "d", "use": "input", "lineage": ["a", "b"], "untrusted": True}],
        vendors=[{"id": "v", "supplies": "s"}],
        environments=[{"id": "e"}],
        settings={"temperature": 0, "mode": "a: b"},
        guard={"pii": "redact", "on": False},
        launch="2027-01-05",
    )
    save_version(actor, full, source="file")
    intake = start_intake(actor, system="order-helper")
    for one in steps_for(intake.answers):
        form = StepForm(one, intake.answers)
        data = {name: _sent(value) for name, value in form.initial.items()}
        intake, sent = save_step(actor, intake.pk, intake.revision, one, data)
        assert not sent.errors
    version = submit(actor, intake.pk, intake.revision)
    assert version.number == 1, list(version.changes)
    assert system_value(declared(version)) == system_value(full)


def _sent(value: Any) -> Any:
    return "on" if value is True else ("" if value in (None, False) else value)


def test_every_key_of_a_declaration_is_asked_somewhere():
    from roadworthy.declare.system import System as Declaration

    asked = {path.partition(".")[0] for one in STEPS for path in one.paths}
    assert set(Declaration.model_fields) - asked == {"roadworthy"}
    forms = {question.form for one in STEPS for question in one.questions}
    assert Form.PAIRS in forms
    assert row_name("tools", 0, "id") == "tools-0-id"


@pytest.mark.parametrize(
    "answers", [{"title": "a\x00"}, {"title": "\ud800"}, {"title": "x" * 300_000}, {"n": float("nan")}]
)
def test_answers_that_cannot_be_stored_are_refused(people, answers):
    with pytest.raises(InputError):
        start_intake(people.actor("engineer"), answers)


def test_who_may_not_register_starts_no_intake(people):
    with pytest.raises(Refused):
        start_intake(people.actor("viewer"))


def test_a_discarded_intake_is_gone(people):
    actor = people.actor("engineer")
    intake = start_intake(actor)
    discard(actor, intake.pk, 1)
    assert not Intake.objects.exists()


def test_a_step_that_is_not_asked_is_not_there(people):
    intake = start_intake(people.actor("engineer"), {"kind": "ranker"})
    with pytest.raises(Missing):
        find_step(intake, "tools")


def test_an_intake_is_handed_over_with_its_answers_and_both_are_told(people):
    giver, receiver = people.actor("engineer"), people.person("engineer", name="Rita Receiver")
    intake = start_intake(giver, {"title": "Order desk"})
    handed = hand_over(giver, intake.pk, intake.revision, receiver.pk)
    assert (handed.owner, handed.answers["title"]) == (receiver, "Order desk")
    with pytest.raises(Missing):
        find_intake(giver, intake.pk)
    assert find_intake(actor_of(receiver, Door.PAGE), intake.pk) == intake
    entry = Entry.objects.get(action="intake.handed_over")
    assert (entry.actor, '"owner":"Rita Receiver"' in entry.detail) == (giver.id, True)
    told = {one.user_id: one.title for one in Notice.objects.filter(event="intake.handed_over")}
    assert told[giver.user_id] == "You handed over an intake to Rita Receiver: Order desk"
    assert told[receiver.pk] == "Handed over an intake: Order desk"


def test_only_who_may_make_an_intake_takes_it(people):
    giver = people.actor("engineer")
    intake = start_intake(giver)
    gone = people.person("engineer")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    for other, error in [(people.person("viewer").pk, InputError), (giver.user_id, InputError), (gone.pk, Missing)]:
        with pytest.raises(error):
            hand_over(giver, intake.pk, intake.revision, other)
    with pytest.raises(Missing):
        hand_over(people.actor("engineer"), intake.pk, intake.revision, gone.pk)
    with pytest.raises(Changed):
        hand_over(giver, intake.pk, intake.revision + 1, people.person("engineer").pk)
    assert Intake.objects.get().owner_id == giver.user_id


def test_an_intake_of_a_change_goes_to_who_may_change_that_system(people):
    giver = people.actor("engineer")
    row = save_version(giver, declare(), source="file").system
    intake = start_intake(giver, system=row.slug)
    far, near = people.person("engineer", system_id=row.pk + 1), people.person("engineer", system_id=row.pk)
    assert far not in takers(intake)
    with pytest.raises(InputError, match="cannot take"):
        hand_over(giver, intake.pk, intake.revision, far.pk)
    assert near in takers(intake)
    assert hand_over(giver, intake.pk, intake.revision, near.pk).owner == near


def test_handing_over_on_the_page_and_over_the_api(people, signed_in):
    client, receiver = signed_in("engineer"), people.person("engineer", name="Rita Receiver")
    intake = start_intake(actor_of(User.objects.get(pk=client.session["_auth_user_id"]), Door.PAGE))
    at = f"/intakes/{intake.pk}"
    assert f'<option value="{receiver.pk}">Rita Receiver</option>' in client.get(f"{at}/summary/").content.decode()
    refused = client.post(f"{at}/hand-over/", {"revision": 1, "to": people.person("viewer").pk}, follow=True)
    assert "cannot take this intake" in refused.content.decode()
    done = client.post(f"{at}/hand-over/", {"revision": 1, "to": receiver.pk}, follow=True)
    assert "is with Rita Receiver now" in done.content.decode()
    assert client.get(f"{at}/summary/").status_code == 404
    headers = {"Authorization": f"Bearer {people.token(receiver)}", "If-Match": '"r2"'}
    back = {"to": people.person("engineer").pk}
    answer = client.post(f"/api/v1{at}/hand-over", back, content_type="application/json", headers=headers)
    assert answer.status_code == 204
    assert Intake.objects.get().owner_id == back["to"]
