"""The table of checks, in the order in which one rests on another. Command, page, API and docs are made from it."""

from __future__ import annotations

from roadworthy.server.doctor import database, outside, place, record, work
from roadworthy.server.doctor.check import Check, Cost

DATABASE, UP_TO_DATE = "database", "migrations"

CHECKS = (
    Check("configuration", "Settings", place.settings),
    Check("directory", "Data directory", place.directory),
    Check("keys", "Keys of the server", place.keys, rests_on="directory"),
    Check("addresses", "Addresses", place.addresses),
    Check(DATABASE, "Database", database.answers),
    Check(UP_TO_DATE, "Migrations", database.migrations, rests_on=DATABASE),
    Check("clock", "Clock", database.clock, rests_on=UP_TO_DATE),
    Check("administrator", "Administrators", record.administrator, rests_on=UP_TO_DATE),
    Check("standard", "Standard in force", record.standard, rests_on=UP_TO_DATE),
    Check("sealed", "Sealed secrets", record.sealed, rests_on=UP_TO_DATE),
    Check("audit", "End of the audit trail", record.trail_end, rests_on=UP_TO_DATE),
    Check("evidence", "Store of evidence", record.files_there, rests_on=UP_TO_DATE),
    Check("worker", "Workers", work.worker, rests_on=UP_TO_DATE),
    Check("schedules", "Jobs that come back", work.schedules, rests_on=UP_TO_DATE),
    Check("tasks", "Tasks", work.tasks, rests_on=UP_TO_DATE),
    Check("deliveries", "Webhooks", work.deliveries, rests_on=UP_TO_DATE),
    Check("mail", "Mail", outside.mail, Cost.OUTSIDE),
    Check("identities", "Single sign-on", outside.identities, Cost.OUTSIDE),
    Check("bucket", "Bucket", outside.bucket, Cost.OUTSIDE),
    Check("audit-whole", "Whole audit trail", record.trail_whole, Cost.DEEP, rests_on=UP_TO_DATE),
    Check("evidence-whole", "Every file of evidence", record.files_whole, Cost.DEEP, rests_on=UP_TO_DATE),
)
