"""Hostile uploads against a real server: refused, with flat memory, and nothing left behind."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import select
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from running_server import Running

pytestmark = pytest.mark.stress
MIB = 1024 * 1024
GROWTH = 48 * MIB
"""More than this no upload may add to the memory of the server."""


def pour(server: Running, blocks: Iterator[bytes], length: int) -> tuple[int, Any]:
    """Send a body in blocks until the server has enough of it, and return what it answers."""
    with contextlib.closing(server.connection()) as connection:
        connection.putrequest("POST", "/api/v1/bundles")
        connection.putheader("Authorization", f"Bearer {server.extra['PUSH_TOKEN']}")
        connection.putheader("Content-Type", "application/zip")
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        with contextlib.suppress(OSError):
            for block in blocks:
                if select.select([connection.sock], [], [], 0)[0]:
                    break  # it has answered already
                connection.send(block)
        try:
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, None  # it hung up on us


def zeros(count: int) -> Iterator[bytes]:
    block = bytes(MIB)
    for _ in range(count):
        yield block


def bomb() -> bytes:
    """Two megabytes that unpack to 512, under the name that is read first."""
    held = io.BytesIO()
    with (
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("bundle.dsse.json", "w", force_zip64=True) as member,
    ):
        for block in zeros(512):
            member.write(block)
    return held.getvalue()


def traversal() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("bundle.dsse.json", "{}")
        archive.writestr("../../escaped", "out")
        archive.writestr("/tmp/escaped", "out")
    return held.getvalue()


def stored(*members: tuple[bytes, int]) -> Iterator[bytes]:
    """A zip as we pack it, with members of so many zeros, by hand: names and sizes as an attacker likes them."""
    offset, rows = 0, []
    for name, size in members:
        local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, size, size, len(name), 0) + name
        yield local
        yield from (bytes(min(MIB, size - done)) for done in range(0, size, MIB))
        fixed = (b"PK\1\2", 788, 20, 0, 0, 0, 33, 0, size, size, len(name), 0, 0, 0, 0, 0o100644 << 16, offset)
        rows += [struct.pack("<4s6H3I5H2I", *fixed), name]
        offset += len(local) + size
    length = sum(map(len, rows))
    yield from rows
    yield struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, len(members), len(members), length, offset, 0)


def whole(blocks: Iterator[bytes]) -> tuple[Iterator[bytes], int]:
    data = b"".join(blocks)
    return iter([data[at : at + MIB] for at in range(0, len(data), MIB)]), len(data)


def padded(bundle: Path) -> tuple[Iterator[bytes], int]:
    """A true bundle in which one record was blown up to 100 MiB."""
    held = io.BytesIO()
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(held, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data + b" " * (100 * MIB) if name.startswith("records/") else data)
    return whole(iter([held.getvalue()]))


def test_hostile_uploads_are_refused_in_flat_memory_and_leave_nothing(server, works):
    server.extra["ROADWORTHY_MAX_UPLOAD_MB"] = "256"
    server.start()
    empty = server.script("look_at_data.py")["bundles"]
    pour(server, iter([works.bundle().read_bytes()]), works.bundle().stat().st_size)
    before = server.memory()
    long = [(b"a" * 60_000 + b"%d" % place, 0) for place in range(2000)]
    for name, (blocks, length), status in (
        ("ten gigabytes announced", (zeros(10 * 1024), 10 * 1024 * MIB), {413, 0}),
        ("as much as is received, of nothing", (zeros(256), 256 * MIB), {422}),
        ("a bomb", whole(iter([bomb()])), {422}),
        ("paths that lead out", whole(iter([traversal()])), {422}),
        ("a statement of 150 MiB", whole(stored((b"bundle.dsse.json", 150 * MIB))), {422}),
        ("names of 60,000 letters", whole(stored(*long)), {422}),
        ("a record of 100 MiB", padded(works.bundle()), {422}),
    ):
        seen, told = pour(server, blocks, length)
        assert seen in status, (name, seen, told)
        grown = server.memory() - before
        assert grown < GROWTH, f"{name}: the server grew by {grown / MIB:.0f} MiB"
    seen = server.script("look_at_data.py")
    assert (seen["wrong"], empty, len(seen["bundles"]), seen["orphans"]) == ([], [], 1, 0)
    assert not Path("/tmp/escaped").exists()
