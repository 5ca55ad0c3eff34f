"""Rows for bench/server.py: one real push, copied in the database until the portfolio is that of a large company."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from peers.server_facts import note

USERS = 50
FOREVER = "now() - (g.n %% 500) * interval '1 day' - (g.n %% 86400) * interval '1 second'"


@dataclass(frozen=True)
class Sizes:
    """How many rows of each."""

    systems: int
    releases: int
    findings: int
    entries: int
    records: int

    @classmethod
    def full(cls) -> Sizes:
        """Return the sizes that the server must bear."""
        return cls(10_000, 100_000, 1_000_000, 5_000_000, 100_000)

    def shrunk(self, times: int) -> Sizes:
        """Return smaller ones, to try the bench itself."""
        return replace(self, **{name: max(20, value // times) for name, value in vars(self).items()})


@dataclass(frozen=True)
class Seeded:
    """What the users need to ask."""

    cookies: list[str]
    """Of people who see everything."""
    narrowed: list[str]
    """Of people who see one unit each."""
    token: str
    pages: list[str]


def seed(bundle: Path, sizes: Sizes) -> Seeded:
    """Fill the database; return cookies of 50 people, a token of a pipeline, and the pages to ask for."""
    from django.core.management import call_command
    from django.utils import timezone

    from roadworthy.server.portfolio.snapshots import keep_points

    call_command("migrate", verbosity=0)
    people = make_people()
    token = make_token(people[0])
    release = push(people[0], bundle)
    multiply(release, people, sizes)
    keep_points(timezone.now())  # as the worker does each night
    narrowed = make_narrowed()
    return Seeded([session_of(one) for one in people], [session_of(one) for one in narrowed], token, pages())


def make_narrowed() -> list[Any]:
    """Make 50 more people: leads of one unit each."""
    from roadworthy.server.accounts.models import Grant, Role, Unit, User

    units = list(Unit.objects.order_by("pk"))
    lead = Role.objects.get(slug="responsible-ai-lead")
    people = [User.objects.create_user(f"lead{n}@example.com", f"Lead {n}") for n in range(USERS)]
    Grant.objects.bulk_create(
        Grant(user=person, role=lead, unit=units[n % len(units)]) for n, person in enumerate(people)
    )
    return people


def unsolve() -> None:
    """Open closed findings until half of all are unsolved; rounds stay as they are."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE findings_finding SET state = (ARRAY['open','in progress'])[1 + id % 2], closed_at = NULL "
            "WHERE state = 'closed' AND id / 10000 % 9 < 4"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE findings_finding")


def make_people() -> list[Any]:
    """Make 50 people: leads, who see everything."""
    from roadworthy.server.accounts.models import Grant, Role, User

    people = [User.objects.create_user(f"user{n}@example.com", f"User {n}") for n in range(USERS)]
    roles = {slug: Role.objects.get(slug=slug) for slug in ("administrator", "responsible-ai-lead")}
    Grant.objects.bulk_create(Grant(user=person, role=role) for person in people for role in roles.values())
    return people


def make_token(person: Any) -> str:
    """Make a token with which a pipeline pushes."""
    from django.utils import timezone

    from roadworthy.server.access.actor import Door
    from roadworthy.server.access.permissions import Permission
    from roadworthy.server.accounts.reach import actor_of
    from roadworthy.server.accounts.tokens import make_token as make

    held = [Permission.RELEASE_PUSH, Permission.RELEASE_READ, Permission.SYSTEM_CREATE, Permission.SYSTEM_WRITE]
    _, secret = make(actor_of(person, Door.PAGE), "pipeline", held, timezone.now() + timedelta(days=1))
    return secret


def push(person: Any, bundle: Path) -> Any:
    """Receive a bundle as the server does."""
    from roadworthy.evidence.keys import load_signer
    from roadworthy.server.access.actor import Door
    from roadworthy.server.accounts.reach import actor_of
    from roadworthy.server.releases.models import TrustedKey
    from roadworthy.server.releases.receive import receive

    TrustedKey.objects.create(key_id=load_signer().key_id, name="pipeline")
    with bundle.open("rb") as stream:
        return receive(actor_of(person, Door.API), stream, declared_size=bundle.stat().st_size).release


def session_of(person: Any) -> str:
    """Sign a person in and return the cookie."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def multiply(release: Any, people: list[Any], sizes: Sizes) -> None:
    """Copy the rows of one push, varied, in the database itself."""
    from django.db import connection

    from roadworthy.server.accounts.models import ProductLine, Unit
    from roadworthy.server.audit.models import Entry
    from roadworthy.server.evidence.models import EvidenceRecord
    from roadworthy.server.findings.models import Finding, FindingRound
    from roadworthy.server.portfolio.models import ReleaseFact
    from roadworthy.server.releases.models import Release
    from roadworthy.server.systems.models import System, SystemVersion

    units = Unit.objects.bulk_create(Unit(slug=f"unit-{n}", title=f"Unit {n}") for n in range(8))
    lines = ProductLine.objects.bulk_create(
        ProductLine(slug=f"line-{n}", title=f"Line {n}", unit=units[n % 8]) for n in range(40)
    )
    system, version = release.system, release.version
    finding = Finding.objects.filter(system=system).first()
    record = EvidenceRecord.objects.filter(system=system).first()
    entry = Entry.objects.order_by("-number").first()
    first_line, first_user, user_count = lines[0].pk, people[0].pk, len(people)
    tiers = "(ARRAY['high','medium','medium','low'])[1 + g.n %% 4]"
    states = "(ARRAY['registered','in assessment','awaiting decision','cleared','held'])[1 + g.n %% 5]"
    unsolved = "(g.n / 10000 %% 10 = 0)"  # one in ten; those were opened in the last forty days
    opened = f"CASE WHEN {unsolved} THEN now() - (g.n %% 40) * interval '1 day' ELSE {FOREVER} END"
    rank = "(g.n + g.n / 10000) %% 4"
    with connection.cursor() as cursor, without_indexes(cursor, Finding, FindingRound, Entry, Release, ReleaseFact):
        # rows are copies of sound ones; triggers are not asked
        cursor.execute("SET session_replication_role = replica")
        copy(
            cursor,
            System,
            system.pk,
            sizes.systems,
            slug="'system-' || g.n",
            title="'System ' || g.n",
            tier=tiers,
            governance=states,
            product_line_id=f"{first_line} + g.n %% 40",
            owner_id=f"{first_user} + g.n %% {user_count}",
            launch="current_date + (g.n %% 200)::int - 30",
            version_id="NULL",
            created_at=FOREVER,
            risk_low="(g.n %% 50)::float",
            risk_high="(g.n %% 50)::float + 20",
        )
        cursor.execute("SELECT min(id) FROM systems_system WHERE slug LIKE 'system-%%'")
        base = cursor.fetchone()[0]
        copy(cursor, SystemVersion, version.pk, sizes.systems, system_id=f"{base} + g.n - 1", created_at=FOREVER)
        cursor.execute("SELECT min(id) FROM systems_systemversion WHERE system_id >= %s", [base])
        versions = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE systems_system SET version_id = %s + id - %s WHERE slug LIKE 'system-%%'", [versions, base]
        )
        per = sizes.releases // sizes.systems or 1
        which = f"((g.n - 1) / {per}) %% {sizes.systems}"
        copy(
            cursor,
            Release,
            release.pk,
            sizes.releases,
            system_id=f"{base} + {which}",
            version_id=f"{versions} + {which}",
            name="'1.' || g.n",
            bundle_digest="md5(g.n::text) || md5((g.n + 1)::text)",
            fingerprint="md5(g.n::text) || md5((g.n + 2)::text)",
            current=f"g.n %% {per} = 0",
            tier=tiers,
            state="(ARRAY['received','in review','approved','shipped','rejected'])[1 + g.n %% 5]",
            verdict="(ARRAY['hold','ship','ship with conditions'])[1 + g.n %% 3]",
            pushed_at=FOREVER,
            shipped_at=f"CASE WHEN g.n %% 5 = 3 THEN {FOREVER} END",
            pushed_by_id=f"{first_user} + g.n %% {user_count}",
        )
        copy(
            cursor,
            Finding,
            finding.pk,
            sizes.findings,
            system_id=f"{base} + g.n %% {sizes.systems}",
            release_id="NULL",
            requirement="(ARRAY['','','group-error-gap'])[1 + g.n %% 3]",
            source="(ARRAY['red team','person'])[1 + g.n %% 2]",
            title="'Finding ' || g.n",
            severity=f"(ARRAY['critical','high','medium','low'])[1 + {rank}]",
            severity_rank=rank,
            state=f"CASE WHEN {unsolved} THEN (ARRAY['open','in progress'])[1 + g.n %% 2] ELSE 'closed' END",
            owner_id=f"CASE WHEN g.n %% 20 = 0 THEN {first_user} + g.n / 20 %% {user_count} END",
            opened_at=opened,
            due=f"{opened} + interval '20 days'",
            closed_at=f"CASE WHEN NOT {unsolved} THEN {opened} + interval '9 days' END",
        )
        copy(
            cursor,
            EvidenceRecord,
            record.pk,
            sizes.records,
            system_id=f"{base} + g.n %% {sizes.systems}",
            digest="md5(g.n::text) || md5((g.n + 3)::text)",
            made_at=FOREVER,
        )
        copy(
            cursor,
            Entry,
            entry.number,
            sizes.entries,
            pk="number",
            number=f"{entry.number} + g.n",
            at=FOREVER,
            system=f"'system-' || (1 + g.n %% {sizes.systems})",
            subject=f"(1 + g.n %% {sizes.systems})::text",
            digest="md5(g.n::text) || md5((g.n + 1)::text)",
        )
        note(cursor)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("SELECT setval(pg_get_serial_sequence('systems_system', 'id'), max(id)) FROM systems_system")
        cursor.execute("UPDATE audit_tip SET number = (SELECT max(number) FROM audit_entry)")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy(cursor: Any, model: Any, template: int, count: int, /, *, pk: str = "id", **changes: str) -> None:
    """Insert `count` copies of one row; `changes` gives SQL for columns that differ, with `g.n` from 1."""
    columns = [field.column for field in model._meta.local_concrete_fields if field.column != pk or pk in changes]
    values = [changes.get(column, f"t.{column}") for column in columns]
    unknown = set(changes) - set(columns)
    if unknown:
        raise ValueError(f"{model.__name__} has no {', '.join(unknown)}")
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM generate_series(1, %s) AS g(n), {model._meta.db_table} AS t WHERE t.{pk} = %s",
        [count, template],
    )


@contextmanager
def without_indexes(cursor: Any, *models: Any) -> Iterator[None]:
    """Leave out the indexes of some tables while they are filled, but for those of keys, and build them after."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i "
        "LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid "
        "WHERE c.oid IS NULL AND i.indrelid = ANY(%s::regclass[])",
        [[model._meta.db_table for model in models]],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    yield
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)


def pages() -> list[str]:
    """List every page and API list that needs no further choice, and the pages of some rows."""
    from django.urls import URLPattern, URLResolver, get_resolver

    from roadworthy.server.access.doors import opening

    found: list[str] = []

    def walk(patterns: Any, lead: str, namespace: str) -> None:
        for pattern in patterns:
            route = lead + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern) and "<" not in route and "(" not in route:
                door = opening("GET", f"{namespace}:{pattern.name}" if namespace else str(pattern.name))
                if door is not None and door.signed_in:
                    found.append("/" + route)

    walk(get_resolver().url_patterns, "", "")
    left = ("accounts/", "scim/", "export", "api/v1/clearance", "health", "checks", "download", ".csv")
    need_more = {"/api/v1/", "/coverage/framework/"}  # the root has no page; the other asks which framework
    asked = [page for page in found if page not in need_more and not any(word in page for word in left)]
    return sorted({*asked, *of_rows()})


def of_rows() -> list[str]:
    """List pages of single rows, from the middle of each table."""
    from roadworthy.server.evidence.models import EvidenceRecord
    from roadworthy.server.findings.models import Finding
    from roadworthy.server.releases.models import Release

    release = Release.objects.order_by("-pk")[100:101].get()
    record = EvidenceRecord.objects.order_by("-pk")[10:11].get()
    return [
        "/systems/system-10/",
        "/systems/system-10/?tab=releases",
        "/systems/system-10/?tab=activity",
        f"/releases/{release.pk}/",
        f"/releases/{release.pk}/?tab=evidence",
        "/kpis/early-issues/",
        "/kpis/portfolio-risk/",
        f"/findings/{Finding.objects.order_by('-pk')[5:6].get().pk}/",
        f"/evidence/{record.digest}/",
        "/findings/?state=open&severity=critical",
        "/systems/?tier=high&q=System+77",
        "/audit/?system=system-10",
        "/search?q=System+77",
        "/api/v1/systems/system-10",
        f"/api/v1/releases/{release.pk}",
    ]


def large_bundle(home: Path) -> Path:
    """Make a bundle of 50 MB, by the real loop: 400,000 predictions with ids that do not compress."""
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from server import gate

    project = home / "large"
    (project / "evals" / "data").mkdir(parents=True)
    (project / "roadworthy.yaml").write_text(DECLARATION)
    (project / "evals" / "accuracy.yaml").write_text(SUITE)
    with (project / "evals" / "data" / "answers.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["id", "label", "answer"])
        for number in range(400_000):
            name = "".join(hashlib.sha512(b"%d %d" % (number, part)).hexdigest() for part in range(2))
            rows.writerow([name, number % 2, number % 2 if number % 13 else (number + 1) % 2])
    return gate(project, home / "large-out")


DECLARATION = """system: large
release: "1"
kind: classifier
purpose: Tells one kind of thing from another.
owner: {team: Bench, contact: bench@example.com}
users: {who: [staff], internal_only: true}
regions: [US]
models: [{id: main, provider: own, name: classifier}]
"""
SUITE = """suite: accuracy
title: Accuracy
dimension: quality
dataset: {file: data/answers.csv, id: id}
target:
  kind: predictions
  label: label
  prediction: answer
  predictions: {"0": 0, "1": 1}
metrics: [accuracy]
"""
