"""A zip archive from elsewhere: bounded, nothing written to disk, and zstandard members read as well.

Method 93 (zstandard) is in the ZIP specification (APPNOTE 6.3.8, 4.4.5); Python's own zipfile reads it from 3.14 on,
PyArrow's codec does so here.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import unreadable

MAX_MEMBER_BYTES = 256 * 1024 * 1024
"""Largest member that is read."""
MAX_MEMBERS = 4_000_000
_ZSTANDARD = 93
_KNOWN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, _ZSTANDARD}
_ENCRYPTED = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")


class ZipArchive:
    """An open archive. Of members with one name the last counts, as the tools that append to archives mean it."""

    def __init__(self, path: Path, stream: BinaryIO, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._stream = stream
        self._archive = archive
        self._members = archive.NameToInfo
        for name, info in self._members.items():
            self._check(name, info)

    def names(self, folder: str = "", ending: str = "") -> list[str]:
        """List the members of a folder, in the order of the archive."""
        return [name for name in self._members if name.startswith(folder) and name.endswith(ending)]

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Return a member. Raises InputError when it is damaged, or larger than it says."""
        info = self._members[name]
        try:
            data = self._zstandard(info) if info.compress_type == _ZSTANDARD else self._plain(info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error) as error:
            raise self._broken(name, str(error)) from error
        if len(data) != info.file_size:
            raise self._broken(name, f"it does not have the {info.file_size:,} bytes that it states")
        if zlib.crc32(data) != info.CRC:
            raise self._broken(name, "its checksum is wrong")
        return data

    def _plain(self, info: zipfile.ZipInfo) -> bytes:
        with self._archive.open(info) as member:
            return member.read(info.file_size + 1)

    def _zstandard(self, info: zipfile.ZipInfo) -> bytes:
        import pyarrow

        self._stream.seek(info.header_offset)
        magic, name_length, extra_length = _LOCAL_HEADER.unpack(self._stream.read(_LOCAL_HEADER.size))
        if magic != b"PK\x03\x04":
            raise zipfile.BadZipFile("its header is not where the directory says")
        self._stream.seek(name_length + extra_length, 1)
        packed = pyarrow.BufferReader(self._stream.read(info.compress_size))
        with pyarrow.CompressedInputStream(packed, "zstd") as member:
            data: bytes = member.read(info.file_size + 1)
        return data

    def _check(self, name: str, info: zipfile.ZipInfo) -> None:
        if name.startswith("/") or "\\" in name or ".." in PurePosixPath(name).parts:
            raise self._broken(name, "its name leads out of the archive")
        if info.file_size > MAX_MEMBER_BYTES:
            raise self._broken(name, f"it has {info.file_size:,} bytes; at most {MAX_MEMBER_BYTES:,} are read")
        if info.flag_bits & _ENCRYPTED:
            raise self._broken(name, "it is encrypted")
        if info.compress_type not in _KNOWN:
            raise self._broken(name, f"it is compressed by a method that is not known here ({info.compress_type})")

    def _broken(self, name: str, why: str) -> InputError:
        return InputError(
            f"the archive cannot be read: {why}",
            place=Place(f"{self.path}/{name}"),
            remedy="Fetch or export the file again with the tool that wrote it.",
        )


@contextmanager
def open_zip(path: Path) -> Iterator[ZipArchive]:
    """Open an archive. Raises InputError when it is cut off, not a zip, or holds what is refused."""
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            if len(archive.NameToInfo) > MAX_MEMBERS:
                raise zipfile.BadZipFile(f"it has {len(archive.NameToInfo):,} members")
            yield ZipArchive(path, stream, archive)
    except zipfile.BadZipFile as error:
        raise InputError(
            f"this is not a whole zip archive: {error}",
            place=Place(path),
            remedy="Fetch or export the file again with the tool that wrote it.",
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
