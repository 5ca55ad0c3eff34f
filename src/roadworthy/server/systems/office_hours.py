"""Office hours: a question is asked, triaged and answered; its interpretation stays for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.accounts.concerned import who_may
from roadworthy.server.accounts.models import User
from roadworthy.server.audit.services import record
from roadworthy.server.business_days import business_calendar
from roadworthy.server.systems.declaration import unstorable
from roadworthy.server.systems.models import Question, QuestionState, System
from roadworthy.server.wire.revision import same_revision

ANSWERED_WITHIN = 10
"""Business days within which a question is answered (requirement A3)."""
TOPICS = (
    "tiering",
    "safety",
    "fairness",
    "privacy",
    "security",
    "robustness",
    "explainability",
    "grounding",
    "agents",
    "data",
    "human oversight",
    "transparency",
    "monitoring",
    "incidents",
    "vendors",
    "law",
    "process",
    "other",
)
UNSETTLED = (QuestionState.OPEN, QuestionState.TRIAGED)


@transaction.atomic
def ask(actor: Actor, *, title: str, body: str, system: str = "", topic: str = "") -> Question:
    """Ask a question, about a system or in general; it is due in business days."""
    actor.need(Permission.QUESTION_ASK)
    if actor.user_id is None:
        raise Refused("a question belongs to a person", remedy="Sign in, or use the token of a person.")
    _check(title=title, body=body)
    _known_topic(topic)
    row = actor.find(System.objects.all(), Permission.SYSTEM_READ, slug=system) if system else None
    question = Question.objects.create(
        system=row,
        asked_by_id=actor.user_id,
        title=title.strip()[:300],
        body=body.strip(),
        topic=topic,
        due=business_calendar().due(timezone.now(), ANSWERED_WITHIN),
    )
    after = {"title": question.title, "topic": topic, "due": question.due}
    people = who_may(Permission.QUESTION_ANSWER)
    record(actor, "question.asked", question.subject, after=after, row=question, people=people)
    return question


@transaction.atomic
def triage(actor: Actor, pk: int, revision: int, *, topic: str, assignee: int | None) -> Question:
    """Give a question its topic and somebody who answers it."""
    question = _to_answer(actor, pk, revision)
    _known_topic(topic)
    person = User.objects.filter(pk=assignee, is_active=True).first() if assignee else None
    if assignee and person is None:
        raise InputError("there is no such active person", remedy="Choose one of the list.")
    before = {"topic": question.topic, "assigned_to": str(question.assigned_to or "")}
    question.topic, question.assigned_to = topic, person
    question.state = QuestionState.TRIAGED
    question.triaged_at = question.triaged_at or timezone.now()
    _save(question)
    after = {"topic": topic, "assigned_to": str(person or "")}
    people = [person.pk] if person else []
    record(actor, "question.triaged", question.subject, before=before, after=after, row=question, people=people)
    return question


@transaction.atomic
def answer(actor: Actor, pk: int, revision: int, *, answer: str, interpretation: str = "") -> Question:
    """Answer a question. The interpretation says what it means for everybody, and is found by everybody."""
    question = _to_answer(actor, pk, revision)
    _check(answer=answer)
    _check_optional(interpretation=interpretation)
    if question.asked_by_id == actor.user_id:
        raise Refused("nobody answers their own question", remedy="Ask a colleague.", system=question.subject.system)
    now = timezone.now()
    question.answer, question.interpretation = answer.strip(), interpretation.strip()
    question.state, question.answered_at, question.answered_by_id = QuestionState.ANSWERED, now, actor.user_id
    question.business_days = days_between(question.asked_at, now)
    _save(question)
    after = {"business_days": question.business_days, "interpretation": question.interpretation[:500]}
    people = [question.asked_by_id]
    record(actor, "question.answered", question.subject, after=after, row=question, people=people)
    return question


@transaction.atomic
def withdraw(actor: Actor, pk: int, revision: int) -> Question:
    """Take back one's own question before it is answered."""
    question = _locked(actor, pk, revision)
    if question.asked_by_id != actor.user_id:
        raise Refused("only who asked takes a question back", remedy="Answer it instead.")
    _unsettled(question)
    question.state, question.withdrawn_at = QuestionState.WITHDRAWN, timezone.now()
    _save(question)
    record(actor, "question.withdrawn", question.subject, after={"state": question.state}, row=question)
    return question


def visible_questions(actor: Actor) -> QuerySet[Question]:
    """Return the questions that the actor may read: general ones, one's own, those on systems one may see."""
    rows = Question.objects.select_related("system", "asked_by", "assigned_to", "answered_by")
    if actor.may(Permission.QUESTION_ANSWER):
        return rows
    seen = actor.scope(Permission.SYSTEM_READ).condition("system__")
    return rows.filter(Q(system=None) | Q(asked_by_id=actor.user_id) | Q(Q(system__isnull=False) & seen))


def interpretations() -> QuerySet[Question]:
    """Return what was settled for everybody; only topic, interpretation and day of these rows are for all to see."""
    return Question.objects.filter(state=QuestionState.ANSWERED).exclude(interpretation="").order_by("-answered_at")


@dataclass(frozen=True)
class Pace:
    """How long answers took, over the last 90 days."""

    answered: int
    median: float | None
    """Business days; None while nothing was answered."""
    in_time: int
    """Answered within what is promised."""
    late: int
    """Open now, and past their due time."""


def pace(rows: QuerySet[Question]) -> Pace:
    """Return how long answers to some questions took; two queries, over at most a few hundred numbers."""
    since = timezone.now() - timedelta(days=90)
    days = list(
        rows.filter(state=QuestionState.ANSWERED, answered_at__gte=since, business_days__isnull=False)
        .order_by("-answered_at")
        .values_list("business_days", flat=True)[:1000]
    )
    taken = [number for number in days if number is not None]
    late = rows.filter(state__in=UNSETTLED, due__lte=timezone.now()).order_by()[:1000].count()
    return Pace(len(taken), median(taken) if taken else None, sum(n <= ANSWERED_WITHIN for n in taken), late)


def find_question(actor: Actor, pk: int) -> Question:
    """Return a question; raises Missing for what the actor may not know of."""
    question = visible_questions(actor).filter(pk=pk).first() if pk < 2**63 else None
    if question is None:
        raise Missing("there is no question here that you may see", remedy="Check the address.")
    return question


def days_between(start: datetime, end: datetime) -> int:
    """Count the business days from one moment to another."""
    calendar = business_calendar()
    return max(0, calendar.business_days_between(calendar.day(start), calendar.day(end)))


def _to_answer(actor: Actor, pk: int, revision: int) -> Question:
    actor.need(Permission.QUESTION_ANSWER)
    question = _locked(actor, pk, revision)
    _unsettled(question)
    return question


def _locked(actor: Actor, pk: int, revision: int) -> Question:
    find_question(actor, pk)
    question = Question.objects.select_for_update().get(pk=pk)
    same_revision(question, revision)
    return question


def _unsettled(question: Question) -> None:
    if question.state not in UNSETTLED:
        raise Conflict(f"the question is {question.state}", remedy="Ask a new one, and name this one in it.")


def _save(question: Question) -> None:
    question.revision += 1
    question.save()


def _known_topic(topic: str) -> None:
    if topic and topic not in TOPICS:
        raise InputError(f"{topic[:80]!r} is no topic", remedy=f"Choose of: {', '.join(TOPICS)}.")


def _check(**texts: str) -> None:
    for name, text in texts.items():
        if not text.strip():
            raise InputError(f"the {name} is empty", remedy=f"Write the {name}.")
    _check_optional(**texts)


def _check_optional(**texts: Any) -> None:
    for name, text in texts.items():
        if len(text) > 20_000 or unstorable(text):
            raise InputError(f"the {name} is too long, or holds broken characters", remedy="Shorten or correct it.")
