"""Make the demo: bundles by the real loop, then months of what people did with them; once, and all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.accounts.models import User
from roadworthy.server.decisions.tasks import reopen_due
from roadworthy.server.findings.jobs import expire_acceptances, remind
from roadworthy.server.portfolio.demo.acts import Acts
from roadworthy.server.portfolio.demo.bundles import Bundles, Told
from roadworthy.server.portfolio.demo.clock import DemoClock, moved_clock
from roadworthy.server.portfolio.demo.people import ADMINISTRATOR, PEOPLE, Cast
from roadworthy.server.portfolio.demo.story import story
from roadworthy.server.portfolio.snapshots import keep_points
from roadworthy.server.systems.models import System

BEGINS = 100
"""Days of history."""


@dataclass(frozen=True)
class Demo:
    """What was made; nothing when it was there already."""

    password: str = ""

    @property
    def words(self) -> str:
        """Say who can sign in."""
        if not self.password:
            return "The demo is there already; its password was printed when it was made."
        people = "\n".join(f"  {one.email:26} {one.name}, {one.about}" for one in (*PEOPLE, ADMINISTRATOR))
        made = "The demo is made; all of it is invented."
        return f"{made} Sign in as one of these with the password {self.password}\n{people}"


def make_demo(home: Path, told: Told, today: datetime | None = None) -> Demo:
    """Fill an empty database with the demo; raises InputError when something else is in it.

    Bundles are kept in `home`. A crash on the way leaves no half demo: the database is filled in one transaction.
    """
    if User.objects.filter(email=ADMINISTRATOR.email).exists():
        return Demo()
    if User.objects.exists() or System.objects.exists():
        raise InputError(
            "the database holds people or systems already, and the demo would mix with them",
            remedy="Set ROADWORTHY_DATA to an empty directory, or DATABASE_URL to an empty database.",
        )
    moment = (today or datetime.now(UTC)).replace(microsecond=0)
    bundles = Bundles(home, moment)
    bundles.prepare(told)
    cast = Cast()
    with moved_clock(moment, moment - timedelta(days=BEGINS)) as clock, transaction.atomic():
        _play(clock, cast, Acts(cast, bundles), told)
    keep_points(moment)
    return Demo(cast.password)


def _play(clock: DemoClock, cast: Cast, acts: Acts, told: Told) -> None:
    cast.enter()
    acts.trust_pipeline()
    steps = story(acts)
    for done, step in enumerate(steps):
        told(done, len(steps), step.what)
        clock.set(step.days, step.hour)
        step.do()
    clock.go(clock.today)
    for job in (expire_acceptances, reopen_due, remind):
        job(clock.today)
