"""A change of the standard: drafted, checked by line, approved by those whom it names, published, in force."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.server.access.actor import Actor, Door, server_actor
from roadworthy.server.access.refusals import Changed, Conflict, Refused
from roadworthy.server.accounts.models import Delegation, Role
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry
from roadworthy.server.standards.authority import shown_digest, standing_of
from roadworthy.server.standards.draft import edit_draft, set_threshold, start_draft, take_back, withdraw
from roadworthy.server.standards.in_force import accepted, in_force, in_force_version, loaded_content
from roadworthy.server.standards.layer import HEADER, load_layer, run_tests
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.server.standards.publish import decide, end_acceptance, propose, publish, put_due_in_force

pytestmark = pytest.mark.django_db
SECRETS = """requirements:
  - id: house-rule
    title: House rule
    control: GOV-01
    because: We say so.
    shown_by: document
    tiers: [high, medium, low]
    document: {kind: house rule}
"""


def proposal(author: Actor, **terms: Any) -> StandardVersion:
    row = start_draft(author)
    row = edit_draft(author, row.pk, row.revision, {**row.layer, "changes.yaml": SECRETS})
    given = {"note": "We say so.", "in_force_from": None, "grace_days": 0, **terms}
    return propose(author, row.pk, row.revision, **given)


def approve(actor: Actor, row: StandardVersion, **other: Any) -> None:
    decide(actor, row.pk, **{"digest": shown_digest(row), "choice": "approve", "reason": "Agreed.", **other})


def test_a_change_comes_into_force_when_each_named_role_has_approved_it(people):
    old = in_force_version()
    row = proposal(people.actor("responsible-ai"))
    with pytest.raises(Refused, match="not approved"):
        publish(people.actor("responsible-ai"), row.pk, row.revision)
    approve(people.actor("responsible-ai-lead"), row)
    assert [missing.roles for missing in standing_of(row).missing] == [("director",)]
    approve(people.actor("director"), row)
    publish(people.actor("responsible-ai"), row.pk, row.revision)
    assert in_force().digest == row.digest
    assert in_force().standard.id == "organisation"
    assert "house-rule" in {item.id for item in in_force().standard.requirements}
    assert accepted(old.digest) is None
    assert list(Entry.objects.order_by("number").values_list("action", flat=True)) == [
        "standard.drafted",
        "standard.edited",
        "standard.proposed",
        "standard.approved",
        "standard.approved",
        "standard.published",
        "standard.in_force",
        "standard.acceptance_ended",
    ]


def test_the_draft_is_what_the_command_line_loads_from_the_same_files(people, tmp_path):
    from roadworthy.standard.load import load_standard

    row = proposal(people.actor("responsible-ai"))
    for name, text in row.layer.items():
        (tmp_path / name).write_text(text)
    assert load_standard([tmp_path]).digest == row.digest == loaded_content(row.content, row.digest).digest


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (SECRETS.replace("control:", "controll:"), 4, "control"),
        (SECRETS.replace("GOV-01", "GOV-99"), 2, "does not exist"),
        (SECRETS.replace("tiers:", "when: system.tols == []\n    tiers:"), 2, "tools"),
        ("requirements:\n\t- x", 2, "YAML"),
        (SECRETS + SECRETS.removeprefix("requirements:\n"), 9, "twice"),
    ],
)
def test_what_cannot_be_loaded_names_file_and_line_and_is_not_kept(people, text, line, says):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    with pytest.raises(InputErrors) as caught:
        edit_draft(author, row.pk, row.revision, {**row.layer, "changes.yaml": text})
    assert f"changes.yaml:{line}" in caught.value.diagnostics()
    assert says in caught.value.diagnostics()
    assert StandardVersion.objects.get(pk=row.pk).digest == row.digest


@pytest.mark.parametrize("name", ["../x.yaml", "/etc/passwd", "tests/../../x.yaml", "a.txt", "sub/dir.yaml", ""])
def test_a_layer_has_plain_file_names_only(people, name):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    with pytest.raises(InputError, match="no name of a file"):
        edit_draft(author, row.pk, row.revision, {**row.layer, name: "requirements: []\n"})


def test_an_unknown_metric_is_found_while_drafting(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    text = SECRETS.replace("shown_by: document", "shown_by: measurement").replace(
        "tiers: [high, medium, low]\n    document: {kind: house rule}",
        "measure: {metric: acuracy}\n    criterion: {high: {at_least: 0.9}}",
    )
    with pytest.raises(InputErrors, match="no known metric"):
        edit_draft(author, row.pk, row.revision, {**row.layer, "changes.yaml": text})


def test_a_threshold_is_changed_by_a_form_and_read_back(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    wanted = {"requirement": "agent-utility", "tier": "high", "value": 0.7, "confidence": 0.99}
    row = set_threshold(author, row.pk, row.revision, **wanted)
    again = {**wanted, "tier": "medium", "value": 0.65, "confidence": 0.9}
    row = set_threshold(author, row.pk, row.revision, **again)
    found = {item.id: item for item in load_layer(row.layer).standard.requirements}["agent-utility"]
    assert [(criterion.at_least, criterion.confidence) for criterion in found.criterion.values()] == [
        (0.7, 0.99),
        (0.65, 0.9),
        (0.5, 0.9),
    ]
    for wrong in ({"tier": "prohibited"}, {"requirement": "agent-utilty"}, {"confidence": 1.0}):
        with pytest.raises(InputError):
            set_threshold(author, row.pk, row.revision, **{**wanted, **wrong})


def test_nobody_approves_what_they_drafted_or_edited(people):
    author = people.actor("responsible-ai-lead")
    editor = people.actor("responsible-ai-lead")
    row = start_draft(author)
    row = edit_draft(editor, row.pk, row.revision, {**row.layer, "changes.yaml": SECRETS})
    row = propose(author, row.pk, row.revision, note="We say so.", in_force_from=None, grace_days=0)
    for actor in (author, editor):
        with pytest.raises(Refused) as caught:
            approve(actor, row)
        assert caught.value.action == "standard.approve_refused"
    assert not row.approvals.exists()


def test_roles_that_the_standard_does_not_name_and_tokens_approve_nothing(people):
    row = proposal(people.actor("responsible-ai"))
    lead = people.person("responsible-ai-lead")
    token = Actor(lead.pk, "token", actor_of(lead, Door.API).reach, {}, Door.API, token_id=1)
    for actor in (people.actor("responsible-ai"), token, server_actor()):
        with pytest.raises(Refused):
            approve(actor, row)


def test_a_role_in_one_system_only_does_not_approve_the_standard_of_all(people):
    row = proposal(people.actor("responsible-ai"))
    with pytest.raises(Refused):
        approve(people.actor("director", system_id=1), row)


def test_one_person_takes_one_seat_though_they_hold_two_roles(people):
    row = proposal(people.actor("responsible-ai"))
    both = people.actor("responsible-ai-lead", "director")
    approve(both, row)
    approve(both, row)
    assert not standing_of(row).approved
    assert len(standing_of(row).missing) == 1


def test_a_lent_role_counts_while_it_is_lent_and_never_for_the_author(people):
    author = people.person("responsible-ai")
    director, stand_in = people.person("director"), people.person("responsible-ai")
    now = timezone.now()
    for receiver in (stand_in, author):
        Delegation.objects.create(
            giver=director,
            receiver=receiver,
            role=Role.objects.get(slug="director"),
            starts=now - timedelta(hours=1),
            ends=now + timedelta(hours=1),
            reason="Away",
        )
    row = proposal(actor_of(author, Door.PAGE))
    with pytest.raises(Refused):
        approve(actor_of(author, Door.PAGE), row)
    approve(actor_of(stand_in, Door.PAGE), row)
    assert row.approvals.get().on_behalf_of == director


def test_a_stale_approval_is_refused(people):
    author, lead = people.actor("responsible-ai"), people.actor("responsible-ai-lead")
    row = proposal(author)
    seen = shown_digest(row)
    approve(lead, row)
    row = take_back(author, row.pk, row.revision)
    row = edit_draft(author, row.pk, row.revision, {**row.layer, "changes.yaml": SECRETS.replace("House", "Home")})
    row = propose(author, row.pk, row.revision, note="We say so.", in_force_from=None, grace_days=0)
    assert standing_of(row).counted == ()
    with pytest.raises(Refused, match="not the one that was shown"):
        approve(people.actor("director"), row, digest=seen)


def test_an_approval_covers_the_terms_too(people):
    author = people.actor("responsible-ai")
    row = proposal(author)
    seen = shown_digest(row)
    row = take_back(author, row.pk, row.revision)
    row = propose(author, row.pk, row.revision, note="We say so.", in_force_from=None, grace_days=300)
    assert shown_digest(row) != seen


def test_a_rejection_ends_it_and_a_request_for_changes_pauses_it(people):
    row = proposal(people.actor("responsible-ai"))
    lead = people.actor("responsible-ai-lead")
    approve(lead, row, choice="request changes")
    assert standing_of(row).state == "changes requested"
    approve(lead, row)
    approve(people.actor("director"), row, choice="reject")
    assert standing_of(row).state == "rejected"
    with pytest.raises(Refused):
        publish(people.actor("responsible-ai"), row.pk, row.revision)


def test_it_judges_from_its_day_and_the_one_before_is_accepted_for_the_grace(people, monkeypatch):
    old = in_force_version()
    now = timezone.now()
    row = proposal(people.actor("responsible-ai"), in_force_from=now + timedelta(days=3), grace_days=14)
    approve(people.actor("responsible-ai-lead"), row)
    approve(people.actor("director"), row)
    publish(people.actor("responsible-ai"), row.pk, row.revision)
    assert in_force().digest == old.digest
    assert accepted(row.digest)
    assert put_due_in_force(server_actor()) == 0
    later = now + timedelta(days=3, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert in_force().digest == row.digest
    assert put_due_in_force(server_actor()) == 1
    assert put_due_in_force(server_actor()) == 0
    assert in_force().digest == row.digest
    assert accepted(old.digest)
    assert end_acceptance(server_actor()) == 0
    monkeypatch.setattr(timezone, "now", lambda: later + timedelta(days=14, minutes=1))
    assert accepted(old.digest) is None
    assert end_acceptance(server_actor()) == 1
    assert Entry.objects.latest("number").action == "standard.acceptance_ended"


def test_a_draft_on_an_earlier_version_undoes_nothing_unseen(people):
    author = people.actor("responsible-ai")
    behind = proposal(author)
    row = proposal(author)
    for approver in (people.actor("responsible-ai-lead"), people.actor("director")):
        approve(approver, row)
        approve(approver, behind)
    publish(author, row.pk, row.revision)
    with pytest.raises(Conflict, match="is in force now"):
        publish(author, behind.pk, behind.revision)


def test_the_next_draft_begins_from_the_layer_in_force_with_the_next_version(people):
    author = people.actor("responsible-ai")
    row = proposal(author)
    approve(people.actor("responsible-ai-lead"), row)
    approve(people.actor("director"), row)
    publish(author, row.pk, row.revision)
    following = start_draft(author)
    assert (following.standard, following.version, following.base) == ("organisation", "2", row)
    assert following.layer["changes.yaml"] == SECRETS


def test_policy_tests_must_pass_before_it_is_proposed(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    files = {**row.layer, HEADER: row.layer[HEADER] + "remove: [agent-utility]\n"}
    row = edit_draft(author, row.pk, row.revision, files)
    assert any(not one.passed for one in run_tests(load_layer(row.layer), row.layer))
    with pytest.raises(Conflict, match="policy tests fail"):
        propose(author, row.pk, row.revision, note="Drop it.", in_force_from=None, grace_days=0)


def test_a_draft_that_changes_nothing_or_says_not_why_is_not_proposed(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    with pytest.raises(InputError, match="says why"):
        propose(author, row.pk, row.revision, note=" ", in_force_from=None, grace_days=0)


def test_two_edits_at_once_lose_nothing(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    edit_draft(author, row.pk, 1, {**row.layer, "changes.yaml": SECRETS})
    with pytest.raises(Changed):
        edit_draft(author, row.pk, 1, dict(row.layer))


def test_published_and_withdrawn_versions_are_not_edited(people):
    author = people.actor("responsible-ai")
    row = start_draft(author)
    row = withdraw(author, row.pk, row.revision, "Not now.")
    assert row.state == StandardState.WITHDRAWN
    for pk, revision in ((row.pk, row.revision), (in_force_version().pk, 1)):
        with pytest.raises(Conflict):
            edit_draft(author, pk, revision, dict(row.layer))


@pytest.mark.parametrize("change", [{"content": "{}"}, {"digest": "0" * 64}, {"state": "draft"}, {"version": "x"}])
def test_the_database_itself_refuses_to_change_what_is_published(change):
    row = in_force_version()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        StandardVersion.objects.filter(pk=row.pk).update(**change)
    StandardVersion.objects.filter(pk=row.pk).update(accepted=False)


def test_who_may_only_read_drafts_nothing(people):
    for role in ("viewer", "engineer", "auditor", "director"):
        with pytest.raises(Refused):
            start_draft(people.actor(role))


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_publish_once(people):
    author = people.actor("responsible-ai")
    row = proposal(author)
    approve(people.actor("responsible-ai-lead"), row)
    approve(people.actor("director"), row)
    done: list[str] = []
    at_once = 2 if connection.vendor == "postgresql" else 1
    together = threading.Barrier(at_once)

    def go() -> None:
        try:
            together.wait()
            publish(author, row.pk, row.revision)
            done.append("published")
        except (Changed, Conflict):
            done.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for first in range(0, 2, at_once):
        for thread in threads[first : first + at_once]:
            thread.start()
        for thread in threads[first : first + at_once]:
            thread.join()
    assert sorted(done) == ["published", "refused"]
    assert StandardVersion.objects.filter(in_force=True).count() == 1
