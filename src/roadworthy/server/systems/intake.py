"""Intakes: begun, answered step by step, resumed, handed over, submitted as a declaration, or discarded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from roadworthy.core.errors import InputError, InputErrors, Place
from roadworthy.declare.load import system_value
from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.access.subject import Subject
from roadworthy.server.accounts.concerned import candidates
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.services import record
from roadworthy.server.jobs.notices import notify
from roadworthy.server.systems.declaration import declared, unstorable
from roadworthy.server.systems.intake_check import declaration_of, problems_of
from roadworthy.server.systems.intake_form import StepForm, with_answers
from roadworthy.server.systems.intake_questions import STEPS, Step, steps_for
from roadworthy.server.systems.models import Intake, System, SystemVersion
from roadworthy.server.systems.properties import locked
from roadworthy.server.systems.services import save_version
from roadworthy.server.wire.revision import same_revision

SUMMARY = "summary"
NOTE = "Submitted from an intake."
LARGEST = 200_000
"""Characters of all answers."""


@transaction.atomic
def start_intake(actor: Actor, answers: Mapping[str, Any] | None = None, title: str = "", system: str = "") -> Intake:
    """Begin an intake; `answers` are keys of `roadworthy.yaml` that are known already, such as those from a brief.

    With `system`, it changes the declaration of one that is there, from its newest version. Raises Refused, Missing,
    and InputError for answers that cannot be stored.
    """
    if actor.user_id is None:
        raise Refused("an intake belongs to a person", remedy="Sign in, or use the token of a person.")
    row, base = None, None
    if system:
        row = locked(actor, system, Permission.SYSTEM_WRITE)
        base = row.version
    else:
        actor.need(Permission.SYSTEM_CREATE)
    known = _plain(system_value(declared(base))) if base else {}
    intake = Intake.objects.create(
        owner_id=actor.user_id,
        system=row,
        base=base,
        title=(title or (row.title if row else "") or str((answers or {}).get("title", "")))[:300],
        answers=_storable({**known, **dict(answers or {})}),
        step=STEPS[0].slug,
    )
    record(actor, "intake.started", subject_of(intake), row=intake)
    return intake


@transaction.atomic
def save_step(actor: Actor, pk: int, revision: int, step: Step, data: Mapping[str, Any]) -> tuple[Intake, StepForm]:
    """Keep what was answered on a step, finished or not; returns the form with what is not readable in it.

    Raises Changed when the intake was changed in another window. Autosaves are not recorded one by one.
    """
    intake = _open(actor, pk, revision)
    form = StepForm(step, intake.answers, data)
    form.is_valid()
    answers = _storable(with_answers(intake.answers, form.given()))
    if answers != intake.answers or intake.step != step.slug:
        intake.answers, intake.step = answers, step.slug
        intake.title = str(answers.get("title") or intake.title)[:300]
        intake.revision += 1
        intake.save()
    return intake, form


@transaction.atomic
def replace_answers(actor: Actor, pk: int, revision: int, answers: Mapping[str, Any]) -> Intake:
    """Replace all answers at once, as the API does."""
    intake = _open(actor, pk, revision)
    intake.answers = _storable(answers)
    intake.title = str(answers.get("title") or intake.title)[:300]
    intake.revision += 1
    intake.save()
    return intake


@transaction.atomic
def submit(actor: Actor, pk: int, revision: int) -> SystemVersion:
    """Make a version of the answers. Raises InputErrors that say what is left to do, Conflict when it was overtaken."""
    intake = _open(actor, pk, revision)
    try:
        declaration = declaration_of(intake.answers)
    except ValidationError as error:
        todo = [InputError(one.label, place=Place(one.step), remedy=one.todo) for one in problems_of(intake.answers)]
        raise InputErrors(todo) from error
    _not_overtaken(intake, declaration.system)
    version = save_version(actor, declaration, source="intake", note=NOTE, new=intake.system is None)
    intake.system, intake.submitted_at = version.system, timezone.now()
    intake.revision += 1
    intake.save()
    record(actor, "intake.submitted", subject_of(intake), after={"version": version.number}, row=intake)
    return version


@transaction.atomic
def hand_over(actor: Actor, pk: int, revision: int, to: int) -> Intake:
    """Give an intake, with all its answers, to somebody who may make one; both are told, and it is theirs from then on.

    Raises Missing for nobody who is active, InputError for oneself and for who may not make it.
    """
    intake = _open(actor, pk, revision)
    receiver = User.objects.filter(pk=to, is_active=True).first()
    if receiver is None:
        raise Missing("there is no such person", remedy="Choose somebody who can sign in here.")
    if receiver.pk == intake.owner_id or not _may_make(receiver, intake):
        raise InputError(f"{receiver.name} cannot take this intake", remedy="Choose somebody else who may make it.")
    before = {"owner": intake.owner.name}
    intake.owner = receiver
    intake.revision += 1
    intake.save()
    title = f"You handed over an intake to {receiver.name}: {intake}"
    notify([actor.person], "intake.handed_over", title, key=f"handed:{intake.pk}:{intake.revision}")
    after, people = {"owner": receiver.name}, [receiver.pk]
    record(actor, "intake.handed_over", subject_of(intake), before=before, after=after, row=intake, people=people)
    return intake


def takers(intake: Intake) -> list[User]:
    """Return who could take an intake, by name."""
    found = candidates(_needed(intake), intake.system)
    return [user for user in found if user.pk != intake.owner_id]


def _needed(intake: Intake) -> Permission:
    return Permission.SYSTEM_WRITE if intake.system else Permission.SYSTEM_CREATE


def _may_make(user: User, intake: Intake) -> bool:
    scope, system = actor_of(user, Door.NONE).scope(_needed(intake)), intake.system
    return bool(scope) if system is None else scope.reaches(system.pk, system.product_line_id, system.unit_id)


@transaction.atomic
def discard(actor: Actor, pk: int, revision: int) -> None:
    """Give up an intake: its answers are removed."""
    intake = _open(actor, pk, revision)
    record(actor, "intake.discarded", subject_of(intake), row=intake)
    intake.delete()


def find_intake(actor: Actor, pk: int) -> Intake:
    """Return an intake of one's own; raises Missing for those of others."""
    rows = Intake.objects.select_related("system", "base")
    intake = rows.filter(pk=pk, owner_id=actor.user_id).first() if pk < 2**63 and actor.user_id else None
    if intake is None:
        raise Missing("there is no intake of yours here", remedy="Choose one of your intakes.")
    return intake


def find_step(intake: Intake, slug: str) -> Step:
    """Return a step that is asked; raises Missing for another."""
    step = next((step for step in steps_for(intake.answers) if step.slug == slug), None)
    if step is None:
        raise Missing("this step is not asked here", remedy="Choose one of the steps.")
    return step


def subject_of(intake: Intake) -> Subject:
    """Return how events name an intake."""
    slug = intake.system.slug if intake.system else ""
    return Subject("intake", str(intake.pk), str(intake), slug, f"/intakes/{intake.pk}/")


def _open(actor: Actor, pk: int, revision: int) -> Intake:
    find_intake(actor, pk)
    intake = Intake.objects.select_for_update().get(pk=pk)
    same_revision(intake, revision)
    if intake.submitted_at:
        raise Conflict("this intake was submitted", remedy="Begin a new one from the page of the system.")
    return intake


def _not_overtaken(intake: Intake, slug: str) -> None:
    if intake.system is None:
        if System.objects.filter(slug=slug).exists():
            raise Conflict(
                f"the id {slug!r} belongs to another system", remedy="Choose another id in the step about the system."
            )
        return
    if intake.system.slug != slug:
        raise Conflict(f"the id of {intake.system} does not change", remedy=f"Set it back to {intake.system.slug}.")
    if intake.system.version_id != intake.base_id:
        raise Conflict(
            f"{intake.system} was changed since you began", remedy="Look at what changed, and begin from there anew."
        )


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no value, as the form does."""
    return with_answers({}, {key: item for key, item in value.items() if key != "roadworthy"})


def _storable(answers: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(answers, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError("the answers are not plain values", remedy="Send text, numbers, lists and keys.") from error
    if len(text) > LARGEST:
        raise InputError("the answers are too long", remedy=f"Keep them under {LARGEST} characters in all.")
    if unstorable(answers):
        raise InputError(
            "the answers hold characters that cannot be stored", remedy="Remove NUL and broken characters."
        )
    return dict(answers)
