"""Office hours: asked, triaged, answered in business days, kept for everybody, seen by whom it concerns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from declared_systems import declare

from roadworthy.core.errors import InputError
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.audit.models import Entry
from roadworthy.server.systems.models import Question, QuestionState, System
from roadworthy.server.systems.office_hours import (
    answer,
    ask,
    days_between,
    find_question,
    interpretations,
    triage,
    visible_questions,
    withdraw,
)
from roadworthy.server.systems.services import save_version


@pytest.fixture
def question(people) -> Question:
    return ask(people.actor("engineer"), title="Is it high?", body="We rank tickets.", topic="tiering")


def test_a_question_is_due_in_ten_business_days(question):
    assert days_between(question.asked_at, question.due - timedelta(seconds=1)) == 10
    assert days_between(question.asked_at, question.due) >= 10


def test_it_is_triaged_answered_and_its_days_are_counted(people, question):
    specialist = people.actor("responsible-ai")
    triage(specialist, question.pk, 1, topic="law", assignee=specialist.user_id)
    done = answer(specialist, question.pk, 2, answer="No.", interpretation="Tickets are no people.")
    assert (done.state, done.topic, done.business_days) == (QuestionState.ANSWERED, "law", 0)
    assert list(Entry.objects.order_by("number").values_list("action", flat=True)) == [
        "question.asked",
        "question.triaged",
        "question.answered",
    ]
    assert list(interpretations()) == [done]
    with pytest.raises(Conflict):
        answer(specialist, question.pk, 3, answer="Again.")


def test_business_days_leave_weekends_out():
    friday = datetime(2026, 11, 27, 16, tzinfo=UTC)
    assert days_between(friday, friday + timedelta(days=3)) == 1


def test_nobody_answers_their_own_question(people):
    specialist = people.actor("responsible-ai")
    own = ask(specialist, title="Mine?", body="Mine.")
    with pytest.raises(Refused, match="their own"):
        answer(specialist, own.pk, 1, answer="Yes.")


def test_only_who_asked_takes_it_back_and_only_before_the_answer(people, question):
    with pytest.raises(Refused):
        withdraw(people.actor("engineer"), question.pk, 1)
    actor = people.actor("engineer")
    own = ask(actor, title="Mine?", body="Mine.")
    assert withdraw(actor, own.pk, 1).state == QuestionState.WITHDRAWN
    with pytest.raises(Conflict):
        withdraw(actor, own.pk, 2)


def test_a_question_on_a_system_is_seen_by_whoever_may_see_the_system(people):
    save_version(people.actor("engineer"), declare(), source="file")
    system = System.objects.get()
    on_it = ask(people.actor("engineer"), title="Here?", body="Here.", system=system.slug)
    elsewhere = people.actor("viewer", system_id=system.pk + 1)
    with pytest.raises(Missing):
        find_question(elsewhere, on_it.pk)
    assert find_question(people.actor("viewer", system_id=system.pk), on_it.pk) == on_it
    assert on_it not in visible_questions(people.actor("responsible-ai", system_id=system.pk + 1))
    assert on_it in visible_questions(people.actor("responsible-ai"))
    with pytest.raises(Missing):
        ask(elsewhere, title="There?", body="There.", system=system.slug)


@pytest.mark.parametrize(
    "bad", [{"title": " "}, {"body": ""}, {"body": "a\x00"}, {"topic": "x"}, {"body": "x" * 20_001}]
)
def test_what_is_no_question_is_refused(people, bad):
    with pytest.raises(InputError):
        ask(people.actor("viewer"), **{"title": "T", "body": "B", **bad})


def test_an_engineer_answers_nothing_and_an_old_revision_changes_nothing(people, question):
    with pytest.raises(Refused):
        answer(people.actor("engineer"), question.pk, 1, answer="Yes.")
    triage(people.actor("responsible-ai"), question.pk, 1, topic="law", assignee=None)
    with pytest.raises(Changed):
        triage(people.actor("responsible-ai"), question.pk, 1, topic="data", assignee=None)


def test_who_can_answer_is_told_of_the_question_and_who_asked_of_the_answer(people):
    from roadworthy.server.jobs.models import Notice

    specialist = people.actor("responsible-ai")
    asker = people.actor("engineer")
    question = ask(asker, title="Is it high?", body="We rank tickets.")
    assert list(Notice.objects.values_list("user_id", flat=True)) == [specialist.user_id]
    answer(specialist, question.pk, 1, answer="No.")
    assert Notice.objects.filter(user_id=asker.user_id, event="question.answered").count() == 1
