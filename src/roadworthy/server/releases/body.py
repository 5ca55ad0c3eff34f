"""What a request says of its body before it is read: its length and its digest."""

from __future__ import annotations

import base64
import binascii
import re

from django.http import HttpRequest

from roadworthy.server.releases.refusals import BundleRefused

_HEX = re.compile(r"[0-9a-f]{64}")
_SHA256 = re.compile(r"(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/=]+):", re.IGNORECASE)


def announced_size(request: HttpRequest) -> int:
    """Return the bytes that the request announces; raises BundleRefused without a length: it is not read blindly."""
    given = request.headers.get("Content-Length", "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BundleRefused(
            "the request does not say how long its body is",
            remedy="Send Content-Length; do not send it in chunks.",
            status=411,
        )
    return int(given)


def announced_digest(content_digest: str, plain: str) -> str:
    """Return the SHA-256 that Content-Digest (RFC 9530) or X-Content-SHA256 announces; empty without either."""
    if plain:
        if not _HEX.fullmatch(plain.lower()):
            raise BundleRefused("X-Content-SHA256 is no SHA-256", remedy="Send 64 hex digits.")
        return plain.lower()
    if not content_digest:
        return ""
    found = _SHA256.search(content_digest)
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if len(digest) != 32:
        raise BundleRefused("Content-Digest names no SHA-256", remedy="Send 'sha-256=:' base64 ':'.")
    return digest.hex()
