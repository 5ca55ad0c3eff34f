"""Checks of the database: it answers, it is up to date, and its clock is ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.audit.models import Entry
from roadworthy.server.configuration import configuration
from roadworthy.server.doctor.check import Answer, failed, ok, warning
from roadworthy.server.preparation import connect, missing_migrations, unknown_migrations

APART, FAR = timedelta(seconds=2), timedelta(seconds=60)
"""How far two clocks may be apart before it calls for a warning, and before times are wrong."""


def answers() -> Answer:
    """Check that the database answers and is new enough."""
    try:
        version = connect()
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "")
    if connection.vendor == "sqlite" and configuration().workers > 1:
        return warning(
            f"{version}, with {configuration().workers} processes that answer",
            "One writes at a time in SQLite. Set DATABASE_URL to a PostgreSQL database for a team.",
        )
    return ok(version)


def migrations() -> Answer:
    """Check that the database is that of this version."""
    unknown, missing = unknown_migrations(), missing_migrations()
    if unknown:
        return failed(
            f"a later Roadworthy has changed the database: {', '.join(unknown[:3])}", "Install that version again."
        )
    if missing:
        return failed(
            f"{len(missing)} migrations are missing, first {missing[0]}", "Run 'roadworthy serve', which does them."
        )
    return ok("all are done")


def clock() -> Answer:
    """Compare our clock with that of the database, and with the newest entry of the audit trail."""
    apart = abs(timezone.now() - _now_there())
    remedy = "Set the clocks of both machines by a time server (NTP)."
    if apart > FAR:
        return failed(f"the clocks here and at the database are {apart.total_seconds():.0f} s apart", remedy)
    newest = Entry.objects.order_by("-number").values_list("at", flat=True).first()
    if newest is not None and newest - timezone.now() > FAR:
        return failed(
            f"the newest entry of the audit trail is of {newest:%Y-%m-%d %H:%M} UTC, which is still to come", remedy
        )
    if apart > APART:
        return warning(f"the clocks here and at the database are {apart.total_seconds():.1f} s apart", remedy)
    return ok(f"{timezone.now().astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, as at the database")


def _now_there() -> datetime:
    """Return the time of the database; SQLite has that of this machine."""
    if connection.vendor == "sqlite":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found
