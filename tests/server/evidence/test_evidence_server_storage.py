"""Files by digest: on disk and in a bucket, whole or not there, checked when read, swept when nobody names them."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.errors import InputError, StorageError
from roadworthy.server.access.refusals import TooLarge
from roadworthy.server.configuration import configuration
from roadworthy.server.evidence.disk_store import DiskStore
from roadworthy.server.evidence.files import keep_bytes, opened, store, sweep_orphans
from roadworthy.server.evidence.incoming import arriving, workshop
from roadworthy.server.evidence.models import Blob
from roadworthy.server.evidence.s3_store import S3Store
from roadworthy.server.evidence.storage import BLOCK, Altered, Store

CONTENT = b"evidence " * 100_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """Run an S3 service on this machine."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def bucket(service: str, tmp_path: Path, name: str, lock_days: int = 0) -> S3Store:
    made = S3Store.connect(
        bucket=name, endpoint=service, region="us-east-1", prefix="rw/", lock_days=lock_days, cache=tmp_path / "cache"
    )
    made._client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=bool(lock_days))
    return made


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "disk":
        return DiskStore(tmp_path / "evidence")
    request.getfixturevalue("credentials")
    return bucket(request.getfixturevalue("service"), tmp_path, f"b{abs(hash(str(tmp_path)))}")


def kept(place: Store, tmp_path: Path, content: bytes = CONTENT) -> str:
    source = tmp_path / "source"
    source.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    place.keep(source, digest)
    return digest


def test_what_is_kept_is_read_again_whole_and_in_part(place, tmp_path):
    assert place.size(DIGEST) is None
    kept(place, tmp_path)
    assert place.size(DIGEST) == len(CONTENT)
    assert b"".join(place.read(DIGEST)) == CONTENT
    assert b"".join(place.read(DIGEST, 5, 300_000)) == CONTENT[5:300_005]
    assert b"".join(place.read(DIGEST, 0, 0)) == b""
    assert b"".join(place.read(DIGEST, len(CONTENT) - 3)) == CONTENT[-3:]
    with place.at_path(DIGEST) as path:
        assert path.read_bytes() == CONTENT


def test_an_empty_file_is_a_file(place, tmp_path):
    digest = kept(place, tmp_path, b"")
    assert place.size(digest) == 0
    assert b"".join(place.read(digest)) == b""


def test_what_is_not_there_is_an_error(place):
    with pytest.raises(StorageError, match="not where it was kept"):
        list(place.read(DIGEST))
    with pytest.raises(StorageError, match="not where it was kept"), place.at_path(DIGEST):
        pass


def test_keeping_again_changes_nothing_but_the_age(place, tmp_path):
    kept(place, tmp_path)
    before = datetime.now(UTC) - timedelta(seconds=30)
    kept(place, tmp_path)
    assert b"".join(place.read(DIGEST)) == CONTENT
    assert [found.digest for found in place.files()] == [DIGEST]
    assert not place.remove(DIGEST, before), "it was kept again since"
    assert place.remove(DIGEST, datetime.now(UTC) + timedelta(seconds=30))
    assert place.size(DIGEST) is None
    assert not place.remove(DIGEST, datetime.now(UTC))


def test_an_altered_file_on_disk_is_never_handed_out_whole(tmp_path):
    place = DiskStore(tmp_path / "evidence")
    kept(place, tmp_path)
    with place.at_path(DIGEST):
        pass
    path = place._path(DIGEST)
    path.chmod(0o600)
    path.write_bytes(CONTENT[:-1] + b"!")
    passed: list[bytes] = []
    with pytest.raises(Altered):
        passed.extend(place.read(DIGEST))
    assert sum(map(len, passed)) < len(CONTENT)
    with pytest.raises(Altered), place.at_path(DIGEST):
        pass


def test_an_altered_object_is_never_handed_out(service, credentials, tmp_path):
    place = bucket(service, tmp_path, "altered")
    kept(place, tmp_path)
    with place.at_path(DIGEST):
        pass
    (place.cache / DIGEST).write_bytes(b"something else")
    with place.at_path(DIGEST) as path:
        assert path.read_bytes() == CONTENT, "the local copy is fetched anew"
    place._client.put_object(Bucket="altered", Key=place._key(DIGEST), Body=b"something else")
    with pytest.raises(Altered):
        list(place.read(DIGEST))
    (place.cache / DIGEST).unlink()
    with pytest.raises(Altered), place.at_path(DIGEST):
        pass
    assert not list(place.cache.iterdir())


def test_a_locked_object_stays(service, credentials, tmp_path):
    place = bucket(service, tmp_path, "locked", lock_days=30)
    kept(place, tmp_path)
    found = place._client.head_object(Bucket="locked", Key=place._key(DIGEST))
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert found["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    assert not place.remove(DIGEST, datetime.now(UTC) + timedelta(days=1))
    assert place.size(DIGEST) == len(CONTENT)


def test_a_bucket_that_does_not_answer_is_told(credentials, tmp_path):
    place = S3Store.connect(
        bucket="nowhere", endpoint="http://127.0.0.1:9", region="us-east-1", prefix="", lock_days=0, cache=tmp_path
    )
    place._client.meta.config.retries = {"max_attempts": 0}
    with pytest.raises(StorageError, match="the bucket nowhere"):
        place.size(DIGEST)


def test_the_configuration_chooses_the_bucket(service, credentials, tmp_path, monkeypatch):
    bucket(service, tmp_path, "chosen")
    monkeypatch.setenv("ROADWORTHY_S3_BUCKET", "chosen")
    monkeypatch.setenv("ROADWORTHY_S3_ENDPOINT", service)
    monkeypatch.setenv("ROADWORTHY_S3_REGION", "us-east-1")
    configuration.cache_clear()
    keep_bytes(b"hello", hashlib.sha256(b"hello").hexdigest())
    assert isinstance(store(), S3Store)
    with opened(hashlib.sha256(b"hello").hexdigest()) as path:
        assert path.read_bytes() == b"hello"
    assert not list(workshop().iterdir())


def test_what_arrives_is_digested_and_gone_afterwards():
    with arriving(io.BytesIO(CONTENT), size=len(CONTENT), digest=DIGEST) as arrived:
        assert (arrived.sha256, arrived.size) == (DIGEST, len(CONTENT))
        assert arrived.path.read_bytes() == CONTENT
    assert not list(workshop().iterdir())


class Endless:
    """Gives bytes for ever and counts them."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int, /) -> bytes:
        self.given += size
        return b"\0" * size


class CutOff:
    """Breaks off as a connection does."""

    def read(self, size: int, /) -> bytes:
        raise OSError("connection lost")


@pytest.mark.parametrize(
    ("stream", "said", "error"),
    [
        (io.BytesIO(CONTENT[:-1]), {"size": len(CONTENT)}, InputError),
        (io.BytesIO(CONTENT), {"digest": "0" * 64}, InputError),
        (io.BytesIO(b""), {}, InputError),
        (CutOff(), {}, InputError),
        (Endless(), {"most": 1_000_000}, TooLarge),
        (Endless(), {"size": 10 * 1024**3}, TooLarge),
    ],
    ids=["truncated", "another digest", "nothing", "cut off", "endless", "ten gigabytes announced"],
)
def test_what_is_not_as_announced_leaves_nothing(stream, said, error):
    with pytest.raises(error), arriving(stream, **said):
        raise AssertionError("it was let in")
    assert not list(workshop().iterdir())
    if isinstance(stream, Endless):
        assert stream.given <= 1_000_000 + BLOCK, "reading goes on past the limit"


def test_a_full_disk_is_told_and_leaves_nothing(monkeypatch):
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("roadworthy.server.evidence.incoming.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"), arriving(io.BytesIO(CONTENT)):
        raise AssertionError("it was let in")
    assert not list(workshop().iterdir())


def age(path: Path, hours: float) -> None:
    moment = datetime.now(UTC).timestamp() - hours * 3600
    os.utime(path, (moment, moment))


@pytest.mark.django_db
def test_the_sweep_takes_old_files_that_nobody_names_and_no_others():
    named, young, old = (hashlib.sha256(word).hexdigest() for word in (b"named", b"young", b"old"))
    for word, digest in ((b"named", named), (b"young", young), (b"old", old)):
        keep_bytes(word, digest)
    Blob.objects.create(sha256=named, size=5)
    disk = store()
    assert isinstance(disk, DiskStore)
    for digest in (named, old):
        age(disk._path(digest), 30)
    torn = workshop() / "arriving-torn"
    torn.write_bytes(b"half")
    age(torn, 30)
    (workshop() / "arriving-now").write_bytes(b"half")
    assert sweep_orphans(24) == 2
    assert {found.digest for found in disk.files()} == {named, young}
    assert [path.name for path in workshop().iterdir()] == ["arriving-now"]


@pytest.mark.django_db
def test_a_sweep_that_was_killed_loses_nothing():
    digest = hashlib.sha256(b"kept").hexdigest()
    keep_bytes(b"kept", digest)
    Blob.objects.create(sha256=digest, size=4)
    disk = store()
    assert isinstance(disk, DiskStore)
    path = disk._path(digest)
    path.rename(path.with_name(f".{digest}.aside"))
    sweep_orphans()
    with opened(digest) as found:
        assert found.read_bytes() == b"kept"
