"""The body of an answer as it was before compression, never longer than the cap, whatever it unpacks to."""

from __future__ import annotations

import zlib

from roadworthy.evaluate.reply import TargetError

MAX_BODY_BYTES = 8 * 1024 * 1024
ACCEPTED = "gzip, deflate"
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_DEFLATE = 8
"""The low half of the first byte of a zlib stream (RFC 1950); without it the server means bare deflate."""


class Body:
    """Takes the chunks of one answer. `encoding` is its Content-Encoding (RFC 9110, 8.4)."""

    def __init__(self, encoding: str | None) -> None:
        self.encoding = (encoding or "identity").strip().lower()
        if self.encoding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise TargetError(f"the answer has a Content-Encoding that was not asked for; {ACCEPTED} were")
        self._size = 0
        self._unpack: zlib._Decompress | None = None

    def take(self, chunk: bytes) -> bytes:
        """Return what a chunk stands for. Raises TargetError when the answer is too long or not what it says."""
        if self.encoding != "identity":
            chunk = self._unpacked(chunk)
        self._size += len(chunk)
        if self._size > MAX_BODY_BYTES:
            raise TargetError(f"the answer is longer than {MAX_BODY_BYTES:,} bytes")
        return chunk

    def end(self) -> None:
        """Raise TargetError when the compressed answer was not whole."""
        if self._unpack is not None and not self._unpack.eof:
            raise TargetError("the compressed answer is cut off", retry=True)

    def _unpacked(self, chunk: bytes) -> bytes:
        if self._unpack is None:
            bare = self.encoding == "deflate" and chunk[0] & 0x0F != _DEFLATE
            self._unpack = zlib.decompressobj(-zlib.MAX_WBITS if bare else _GZIP_OR_ZLIB)
        try:
            return self._unpack.decompress(chunk, MAX_BODY_BYTES - self._size + 1)
        except zlib.error as error:
            raise TargetError(f"the answer is not {self.encoding}: {error}", retry=True) from error
