"""A backup is whole or is none; a restore proves itself or the server does not start on it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import boto3
import psycopg
import pytest
from moto.server import ThreadedMotoServer
from operated_server import COMMAND, HERE, POSTGRES, clean_environment, fresh_database

pytestmark = pytest.mark.stress

FILL = HERE / "backed_up_server.py"
DIES = """
import os, signal, sys
from roadworthy.server.backup import write
take, taken = write.copy, []
def die(source, target):
    taken.append(source)
    if len(taken) > 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return take(source, target)
write.copy = die
from roadworthy.cli.main import main
main()
"""


def call(environment: dict[str, str], *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = (sys.executable, "-c", code) if code else COMMAND
    return subprocess.run([*program, *arguments], env=environment, capture_output=True, text=True, timeout=300)


def filled(environment: dict[str, str], **settings: str) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, str(FILL)], env={**environment, **settings}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return {**environment, **settings}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Return the environment of a server that has a record; tests only read it."""
    with fresh_database() as database:
        yield filled(clean_environment(ROADWORTHY_DATA=str(tmp_path_factory.mktemp("source") / "data"), **database))


@pytest.fixture(scope="module")
def made(source: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a backup of it."""
    directory = tmp_path_factory.mktemp("backups") / "nightly"
    done = call(source, "backup", str(directory))
    assert done.returncode == 0, done.stderr
    return directory


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the backup to do harm to."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Callable[..., dict[str, str]]]:
    """Give what makes an empty place to restore to."""
    with ExitStack() as databases:

        def make(name: str = "restored", **settings: str) -> dict[str, str]:
            database = databases.enter_context(fresh_database())
            return clean_environment(ROADWORTHY_DATA=str(tmp_path / name), **database, **settings)

        yield make


def test_what_was_backed_up_comes_back_whole(source, made, empty, tmp_path):
    place = empty()
    done = call(place, "restore", str(made))
    assert done.returncode == 0, done.stderr
    assert "hold together, up to the one at which the backup was made" in done.stdout
    assert "evidence  3 files are there" in done.stdout
    home = Path(place["ROADWORTHY_DATA"])
    assert not (home / "restoring").exists()
    told = json.loads(call(place, "doctor", "--deep", "--as-json").stdout)
    found = {check["name"]: check["level"] for check in told["checks"]}
    assert {name for name, level in found.items() if level == "failed"} <= {"worker"}
    assert found["audit-whole"] == found["evidence-whole"] == found["sealed"] == "ok"
    original = Path(source["ROADWORTHY_DATA"])
    for name in ("server-key.pem", "sealing-keys", "secret-key"):
        assert (home / name).read_bytes() == (original / name).read_bytes()
    again = call(place, "backup", str(tmp_path / "again"))
    assert again.returncode == 0, again.stderr
    first, second = (json.loads((one / "manifest.json").read_text()) for one in (made, tmp_path / "again"))
    assert first["tip"] == second["tip"]
    assert first["evidence"] == second["evidence"]


def test_a_backup_says_what_it_holds_and_warns_of_its_keys(source, tmp_path):
    done = call(source, "backup", str(tmp_path / "b"), "--link")
    assert done.returncode == 0, done.stderr
    assert "It holds the keys of the server" in done.stdout
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    manifest = json.loads((tmp_path / "b" / "manifest.json").read_text())
    assert manifest["database"] == ("postgresql" if POSTGRES else "sqlite")
    assert "systems.0001_initial" in manifest["migrations"]
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "b", check=False)
    assert checked.returncode == 0
    assert first_file(tmp_path / "b").stat().st_nlink == 2


def change(path: Path) -> None:
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def first_file(backup: Path) -> Path:
    return min((backup / "evidence").glob("*/*"))


def alter_evidence(backup: Path) -> None:
    change(first_file(backup))


def alter_database(backup: Path) -> None:
    change(next(backup.glob("database.*")))


def alter_heads(backup: Path) -> None:
    change(backup / "audit-heads.jsonl")


def lose_evidence(backup: Path) -> None:
    first_file(backup).unlink()


def add_a_file(backup: Path) -> None:
    (backup / "evidence" / "more").write_text("x")


def link_a_file(backup: Path) -> None:
    path = first_file(backup)
    content = path.read_bytes()
    path.unlink()
    (backup.parent / "elsewhere").write_bytes(content)
    path.symlink_to(backup.parent / "elsewhere")


def alter_the_sums(backup: Path) -> None:
    path = backup / "SHA256SUMS"
    path.write_text(path.read_text().replace("  server-key.pem", "  server-kez.pem"))


def break_the_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text('{"form": 1')


def lose_the_manifest(backup: Path) -> None:
    (backup / "manifest.json").unlink()


def forge_the_tip(backup: Path) -> None:
    path = backup / "manifest.json"
    value = json.loads(path.read_text())
    value["tip"]["number"] += 1
    path.write_text(json.dumps(value))


def be_of_tomorrow(backup: Path) -> None:
    path = backup / "manifest.json"
    path.write_text(path.read_text().replace('"form": 1', '"form": 2'))


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (alter_evidence, "was altered"),
        (alter_database, "was altered"),
        (alter_heads, "audit-heads.jsonl was altered"),
        (lose_evidence, "is gone"),
        (add_a_file, "evidence/more is not listed"),
        (link_a_file, "was altered"),
        (alter_the_sums, "SHA256SUMS is not the one of the manifest"),
        (break_the_manifest, "manifest.json cannot be read"),
        (lose_the_manifest, "is no finished backup"),
        (forge_the_tip, "bears no true signature"),
        (be_of_tomorrow, "is of form 2"),
    ],
)
def test_a_backup_that_was_harmed_is_refused_by_name_and_nothing_is_written(copied, empty, harm, told):
    harm(copied)
    place = empty()
    done = call(place, "restore", str(copied))
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    assert not Path(place["ROADWORTHY_DATA"]).exists()


def rewrite(backup: Path, sql: str) -> None:
    """Change the database of a backup, and make list and manifest fit again, as a forger would."""
    from roadworthy.core.digests import sha256_file

    [path] = backup.glob("database.*")
    before = sha256_file(path)
    (rewrite_dump if POSTGRES else rewrite_file)(path, sql)
    sums = backup / "SHA256SUMS"
    old = sha256_file(sums)
    sums.write_text(sums.read_text().replace(before, sha256_file(path)))
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text().replace(old, sha256_file(sums)))


def rewrite_file(path: Path, sql: str) -> None:
    import sqlite3

    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(sql)


def rewrite_dump(path: Path, sql: str) -> None:
    with fresh_database() as given:
        address = f"--dbname={given['DATABASE_URL']}"
        subprocess.run(["pg_restore", address, "--no-owner", str(path)], check=True)
        with psycopg.connect(given["DATABASE_URL"]) as database:
            database.execute("SET session_replication_role = replica")
            database.execute(sql)
        path.unlink()
        subprocess.run(["pg_dump", address, "--format=custom", "--no-owner", f"--file={path}"], check=True)


FORGERIES = [
    ("UPDATE audit_entry SET actor_name = 'somebody else' WHERE number = 1", "entry 1 was altered"),
    ("DELETE FROM audit_entry WHERE number = (SELECT max(number) FROM audit_entry)", "cut off"),
    ("DELETE FROM audit_entry WHERE number = 1", "entry 1 is missing"),
    (f"UPDATE evidence_blob SET sha256 = '{'0' * 64}' WHERE name = '1.txt'", "000000000000 is not there"),
]


@pytest.mark.parametrize(("sql", "told"), FORGERIES)
def test_a_forged_record_whose_digests_fit_does_not_pass_the_proof_and_does_not_serve(copied, empty, start, sql, told):
    rewrite(copied, sql)
    place = empty()
    done = call(place, "restore", str(copied))
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr
    server = start(**place)
    assert server.process.wait(90) == 2
    assert "was begun and not finished" in server.said


def test_a_place_that_is_in_use_is_refused(source, made, empty):
    done = call(source, "restore", str(made))
    assert done.returncode == 2
    assert "is in use: it holds" in done.stderr
    place = empty()
    used = {**source, "ROADWORTHY_DATA": place["ROADWORTHY_DATA"]}
    if not POSTGRES:
        used["DATABASE_URL"] = f"sqlite:///{source['ROADWORTHY_DATA']}/roadworthy.sqlite"
    done = call(used, "restore", str(made))
    assert done.returncode == 2
    assert "brought back into an empty" in done.stderr


def test_another_kind_of_database_is_refused(made, empty):
    other = "sqlite:///other.sqlite" if POSTGRES else "postgres://127.0.0.1:1/other"
    done = call({**empty(), "DATABASE_URL": other}, "restore", str(made))
    assert done.returncode == 2
    assert "DATABASE_URL names" in done.stderr


def test_a_backup_that_is_killed_leaves_nothing_that_looks_like_one(source, tmp_path, empty):
    done = call(source, "backup", str(tmp_path / "b"), code=DIES)
    assert done.returncode == -signal.SIGKILL
    assert any((tmp_path / "b").iterdir())
    refused = call(empty(), "restore", str(tmp_path / "b"))
    assert refused.returncode == 2
    assert "is no finished backup" in refused.stderr
    again = call(source, "backup", str(tmp_path / "b"))
    assert again.returncode == 2
    assert "is not empty" in again.stderr


def test_a_record_that_is_damaged_is_not_backed_up_as_if_it_were_sound(environment, tmp_path):
    place = filled(environment)
    path = first_file(Path(place["ROADWORTHY_DATA"]))
    change(path)
    done = call(place, "backup", str(tmp_path / "b"))
    assert done.returncode == 2
    assert f"the file {path.name[:12]} of the record is gone or was altered" in done.stderr
    assert not (tmp_path / "b" / "manifest.json").exists()


def test_a_server_that_runs_is_backed_up_and_goes_on(source, start, environment, tmp_path):
    server = start()
    assert server.get("/readyz")[0] == 200
    done = call(environment, "backup", str(tmp_path / "b"))
    assert done.returncode == 0, done.stderr
    assert server.get("/readyz")[0] == 200


def test_a_secret_key_of_the_environment_is_asked_for(environment, empty, tmp_path):
    place = filled(environment, ROADWORTHY_SECRET_KEY="given")
    done = call(place, "backup", str(tmp_path / "b"))
    assert "It does not hold ROADWORTHY_SECRET_KEY" in done.stdout
    refused = call(empty("one"), "restore", str(tmp_path / "b"))
    assert "was given its secret key by ROADWORTHY_SECRET_KEY" in refused.stderr
    assert call(empty("two", ROADWORTHY_SECRET_KEY="given"), "restore", str(tmp_path / "b")).returncode == 0


def test_evidence_in_a_bucket_stays_there_and_is_looked_at(environment, empty, tmp_path):
    service = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    service.start()
    try:
        url = "http://{}:{}".format(*service.get_host_and_port())
        access = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
        client = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        client.create_bucket(Bucket="record")
        bucket = {"ROADWORTHY_S3_BUCKET": "record", "ROADWORTHY_S3_ENDPOINT": url, **access}
        place = filled(environment, **bucket)
        done = call(place, "backup", str(tmp_path / "b"))
        assert "evidence  3 files, in the bucket record" in done.stdout, done.stderr
        assert not (tmp_path / "b" / "evidence").exists()
        refused = call(empty("one", **access), "restore", str(tmp_path / "b"))
        assert "the evidence of this backup is in record" in refused.stderr
        assert call(empty("two", **bucket), "restore", str(tmp_path / "b")).returncode == 0
        lost = client.list_objects_v2(Bucket="record")["Contents"][0]["Key"]
        client.delete_object(Bucket="record", Key=lost)
        refused = call(empty("three", **bucket), "restore", str(tmp_path / "b"))
        assert f"the file {lost.rpartition('/')[2][:12]} is not there" in refused.stderr
        assert call(place, "backup", str(tmp_path / "c")).returncode == 2
    finally:
        service.stop()


def test_without_the_client_of_postgresql_it_says_so(tmp_path):
    from roadworthy.core.errors import InputError
    from roadworthy.server.backup.postgres import PostgresDatabase
    from roadworthy.server.database import database

    given = database("postgres://ada:hidden@127.0.0.1:5432/x?sslmode=disable", 4)
    before = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path)
    try:
        with pytest.raises(InputError, match="pg_dump is not on the PATH"):
            PostgresDatabase(given).run("pg_dump")
    finally:
        os.environ["PATH"] = before


def test_the_password_is_not_among_the_arguments(tmp_path, monkeypatch):
    from roadworthy.server.backup.postgres import PostgresDatabase
    from roadworthy.server.database import database

    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@ / $PGPASSWORD" >&2\nexit 1\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    from roadworthy.core.errors import StorageError

    given = database("postgres://ada:hidden@127.0.0.1:5432/x?sslmode=disable", 4)
    with pytest.raises(StorageError) as raised:
        PostgresDatabase(given).run("pg_dump")
    arguments, _, password = raised.value.problem.partition(" / ")
    assert password == "hidden"
    assert "hidden" not in arguments
    assert "sslmode=disable" in arguments


def test_a_dump_that_postgresql_does_not_take_is_no_backup(tmp_path, monkeypatch):
    from roadworthy.core.errors import EvidenceError
    from roadworthy.server.backup.postgres import PostgresDatabase
    from roadworthy.server.database import database

    program = tmp_path / "pg_restore"
    program.write_text("#!/bin/sh\necho 'pg_restore: error: not an archive' >&2\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(EvidenceError, match="pg_restore failed: pg_restore: error: not an archive"):
        PostgresDatabase(database("postgres://127.0.0.1/x", 0)).load(tmp_path / "database.dump")
