"""An installation that the doctor examines: what it holds, and what is amiss."""

from __future__ import annotations

from typing import Any

from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import EventKind, declare
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.services import record
from roadworthy.server.doctor.check import Answer, Level
from roadworthy.server.doctor.examination import EVERYTHING, examine

declare({"doctor.tested": EventKind("Tested the doctor", webhook=False)})


def record_one(number: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        record(
            server_actor(), "doctor.tested", Subject("test", str(number), f"Test {number}"), after={"number": number}
        )


def amiss(costs: Any = EVERYTHING) -> dict[str, Answer]:
    """Return what is not well, by name of the check."""
    found = {one.check.name: one.answer for one in examine(costs) if one.check.cost in costs}
    return {name: answer for name, answer in found.items() if answer.level is not Level.OK}
