"""Files in a bucket: one object for each digest, locked against deletion where the installation asks for it."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import MissingExtra, StorageError
from roadworthy.server.evidence.storage import BLOCK, StoredFile, altered, checked, missing

_CACHE = 4 * 1024**3
"""Bytes of local copies that are kept for reading tables."""
_GONE = {"404", "NoSuchKey", "NotFound"}


class S3Store:
    """Keeps files as objects, and local copies of those that were read as a file."""

    def __init__(self, client: Any, bucket: str, prefix: str, lock_days: int, cache: Path) -> None:
        self._client, self._bucket, self._prefix, self._lock_days = client, bucket, prefix, lock_days
        self.cache = cache

    @classmethod
    def connect(cls, *, bucket: str, endpoint: str, region: str, prefix: str, lock_days: int, cache: Path) -> S3Store:
        """Connect with the credentials that the environment gives; raises MissingExtra without boto3."""
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise MissingExtra("boto3", "s3", "evidence in a bucket") from error
        config = Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 4, "mode": "standard"})
        client = boto3.client("s3", endpoint_url=endpoint or None, region_name=region or None, config=config)
        return cls(client, bucket, prefix, lock_days, cache)

    def keep(self, source: Path, digest: str) -> None:
        """Send a file; the service checks its digest on arrival, and shows the object when it is whole."""
        checksum = {
            "ChecksumAlgorithm": "SHA256",
            "ChecksumSHA256": base64.b64encode(bytes.fromhex(digest)).decode(),
        }
        lock: dict[str, Any] = {}
        if self._lock_days:
            until = datetime.now(UTC) + timedelta(days=self._lock_days)
            lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
        with source.open("rb") as stream, self._calling():
            self._client.put_object(Bucket=self._bucket, Key=self._key(digest), Body=stream, **checksum, **lock)

    def size(self, digest: str) -> int | None:
        """Return the bytes of an object; None when it is not there."""
        with self._calling():
            try:
                return int(self._client.head_object(Bucket=self._bucket, Key=self._key(digest))["ContentLength"])
            except self._client.exceptions.ClientError as error:
                if _code(error) in _GONE:
                    return None
                raise

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield an object or a part of it."""
        if length == 0:
            return iter(())
        if start == 0 and length is None:
            return checked(self._blocks(digest), digest)
        end = "" if length is None else str(start + length - 1)
        return self._blocks(digest, Range=f"bytes={start}-{end}")

    @contextmanager
    def at_path(self, digest: str) -> Iterator[Path]:
        """Give the path of a local copy, fetched if it is not there yet."""
        path = self.cache / digest
        if not path.is_file() or sha256_file(path) != digest:
            self._fetch(digest, path)
        with suppress(FileNotFoundError):
            os.utime(path)
        # Opened, it stays readable even when the cache lets it go meanwhile.
        with path.open("rb"):
            yield path

    def files(self) -> Iterator[StoredFile]:
        """List everything that is kept."""
        with self._calling():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            for page in pages:
                for one in page.get("Contents", []):
                    digest = one["Key"].rpartition("/")[2]
                    if len(digest) == 64:
                        yield StoredFile(digest, int(one["Size"]), one["LastModified"].astimezone(UTC))

    def remove(self, digest: str, before: datetime) -> bool:
        """Delete an object unless it was kept again since, or is locked."""
        key = {"Bucket": self._bucket, "Key": self._key(digest)}
        with self._calling():
            try:
                found = self._client.head_object(**key)
                if found["LastModified"].astimezone(UTC) >= before:
                    return False
                version = {"VersionId": found["VersionId"]} if found.get("VersionId") else {}
                self._client.delete_object(**key, **version)
            except self._client.exceptions.ClientError as error:
                if _code(error) in _GONE | {"AccessDenied"}:
                    return False
                raise
        return True

    def locks(self) -> bool:
        """Tell whether the bucket can lock objects against deletion."""
        with self._calling():
            try:
                told = self._client.get_object_lock_configuration(Bucket=self._bucket)
            except self._client.exceptions.ClientError as error:
                if _code(error) == "ObjectLockConfigurationNotFoundError":
                    return False
                raise
        return bool(told.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled")

    def _blocks(self, digest: str, **asked: str) -> Iterator[bytes]:
        with self._calling():
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=self._key(digest), **asked)["Body"]
            except self._client.exceptions.ClientError as error:
                if _code(error) in _GONE:
                    raise missing(digest) from error
                raise
            with body:
                yield from body.iter_chunks(BLOCK)

    def _fetch(self, digest: str, path: Path) -> None:
        self.cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.cache, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as stream:
                for block in self._blocks(digest):
                    stream.write(block)
            if sha256_file(Path(temporary)) != digest:
                raise altered(digest)
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        self._let_go(path)

    def _let_go(self, newest: Path) -> None:
        """Remove the local copies that were not used for longest, beyond what the cache holds."""
        held = 0
        copies = sorted(self.cache.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)
        for copy in [newest, *(path for path in copies if path != newest)]:
            held += copy.stat().st_size
            if held > _CACHE and copy != newest:
                copy.unlink(missing_ok=True)

    def _key(self, digest: str) -> str:
        return f"{self._prefix}{digest[:2]}/{digest}"

    @contextmanager
    def _calling(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise StorageError(
                f"the bucket {self._bucket} did not do what was asked: {error}",
                remedy="Check ROADWORTHY_S3_BUCKET, its endpoint, region and credentials.",
            ) from error


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
