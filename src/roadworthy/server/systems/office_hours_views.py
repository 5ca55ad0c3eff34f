"""Pages of office hours: questions, one question, and how the standard is read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.audit.trail import trail
from roadworthy.server.shell.components.chip import person, state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Choice, Column, Filter, Listing
from roadworthy.server.systems import office_hours
from roadworthy.server.systems.models import Question, QuestionState, System
from roadworthy.server.systems.views import people_to_choose
from roadworthy.server.wire.form_values import number_of, said

UNPROCESSABLE = 422


def _due(row: Question) -> Any:
    if row.state in office_hours.UNSETTLED:
        return when(row.due, due=True)
    return f"{row.business_days} business days" if row.business_days is not None else ""


def _late(values: list[str]) -> Q:
    late = Q(state__in=office_hours.UNSETTLED, due__lte=timezone.now())
    return late if "late" in values else ~late


QUESTIONS = Listing(
    name="questions",
    columns=[
        Column("state", "State", lambda row: state_chip(row.state), plain=lambda row: row.state),
        Column("title", "Question", lambda row: row.title, main=True),
        Column("topic", "Topic", lambda row: row.topic),
        Column("system", "System", lambda row: row.system or ""),
        Column("asked_by", "Asked by", lambda row: person(row.asked_by), plain=lambda row: row.asked_by),
        Column(
            "assigned_to",
            "Answers",
            lambda row: person(row.assigned_to) if row.assigned_to else "",
            plain=lambda row: row.assigned_to,
        ),
        Column("due", "Due, or took", _due, sort="due", plain=lambda row: row.due),
        Column("asked_at", "Asked", lambda row: when(row.asked_at), sort="asked_at", plain=lambda row: row.asked_at),
    ],
    filters=[
        Filter.on("state", "State", QuestionState.choices),
        Filter.on("topic", "Topic", [(topic, topic) for topic in office_hours.TOPICS]),
        Filter("time", "In time", [Choice("late", "late"), Choice("in-time", "in time")], _late),
    ],
    search=["title__icontains", "body__icontains", "answer__icontains", "interpretation__icontains"],
    sort="-asked_at",
    url=lambda row: f"/questions/{row.pk}/",
    empty="Nobody has asked anything yet. Ask how the standard is to be read for your case.",
    empty_action=("Ask a question", "/questions/new/"),
)
INTERPRETATIONS = Listing(
    name="interpretations",
    columns=[
        Column("topic", "Topic", lambda row: row.topic),
        Column("interpretation", "How the standard is read", lambda row: row.interpretation),
        Column(
            "answered_at",
            "Since",
            lambda row: when(row.answered_at),
            sort="answered_at",
            plain=lambda row: row.answered_at,
        ),
    ],
    filters=[Filter.on("topic", "Topic", [(topic, topic) for topic in office_hours.TOPICS])],
    search=["interpretation__icontains"],
    sort="-answered_at",
    empty="No answer has been written down for everybody yet. Ask at office hours; it is then listed here.",
)


def list_questions(request: Request) -> Any:
    """Show the questions that one may read, with how long answers take."""
    rows = office_hours.visible_questions(request.actor)
    extra = {"pace": office_hours.pace(rows), "within": office_hours.ANSWERED_WITHIN}
    return QUESTIONS.respond(request, rows, "systems/questions.html", extra)


def list_interpretations(request: Request) -> Any:
    """Show how the standard is read."""
    return INTERPRETATIONS.respond(request, office_hours.interpretations(), "systems/interpretations.html")


def new(request: Request) -> HttpResponse:
    """Ask a question."""
    problems: list[str] = []
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("title", "body", "system", "topic")}
        try:
            question = office_hours.ask(request.actor, **given)
        except InputError as error:
            problems = said(error)
        else:
            messages.success(request, "Your question is asked. You are told when it is answered.")
            return redirect("systems:question", question.pk)
    seen = request.actor.visible(System.objects.all(), Permission.SYSTEM_READ)
    shown = {
        "problems": problems,
        "given": request.POST if request.method == "POST" else request.GET,
        "topics": office_hours.TOPICS,
        "systems": seen.order_by("title").values_list("slug", "title")[:1000],
        "within": office_hours.ANSWERED_WITHIN,
    }
    return render(request, "systems/question_new.html", shown, status=UNPROCESSABLE if problems else 200)


def show(request: Request, pk: int, problems: list[str] | None = None) -> HttpResponse:
    """Show a question with what became of it, and the forms of who may act on it."""
    question = office_hours.find_question(request.actor, pk)
    open_still = question.state in office_hours.UNSETTLED
    answers = request.actor.may(Permission.QUESTION_ANSWER)
    shown = {
        "question": question,
        "open_still": open_still,
        "may_triage": answers and open_still,
        "may_answer": answers and open_still and question.asked_by_id != request.actor.user_id,
        "may_withdraw": open_still and question.asked_by_id == request.actor.user_id,
        "people": people_to_choose()[:1000] if answers and open_still else [],
        "topics": office_hours.TOPICS,
        "entries": trail("question", str(question.pk)),
        "problems": problems or [],
        "given": request.POST,
    }
    return render(request, "systems/question.html", shown, status=UNPROCESSABLE if problems else 200)


def triage(request: Request, pk: int) -> HttpResponse:
    """Give a question its topic and somebody who answers it."""
    given = request.POST
    assignee = number_of(given, "assignee") or None
    try:
        office_hours.triage(
            request.actor, pk, number_of(given, "revision"), topic=given.get("topic", ""), assignee=assignee
        )
    except InputError as error:
        return show(request, pk, said(error))
    messages.success(request, "The question is triaged.")
    return redirect("systems:question", pk)


def answer(request: Request, pk: int) -> HttpResponse:
    """Answer a question."""
    given = {name: request.POST.get(name, "") for name in ("answer", "interpretation")}
    try:
        office_hours.answer(request.actor, pk, number_of(request.POST, "revision"), **given)
    except InputError as error:
        return show(request, pk, said(error))
    messages.success(request, "The question is answered.")
    return redirect("systems:question", pk)


def withdraw(request: Request, pk: int) -> HttpResponse:
    """Take a question back."""
    office_hours.withdraw(request.actor, pk, number_of(request.POST, "revision"))
    messages.success(request, "The question is withdrawn.")
    return redirect("systems:question", pk)
