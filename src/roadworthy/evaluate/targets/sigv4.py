"""Signatures of Amazon Web Services, version 4: an HMAC over the request, so that the secret is never sent.

Source: AWS General Reference, "Create a signed AWS API request" (canonical request, string to sign, signing key).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"


@dataclass(frozen=True)
class Credentials:
    """Who signs."""

    key_id: str
    secret: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    """Of a session; sent with the request."""


def sign(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes,
    who: Credentials,
    *,
    region: str,
    service: str,
    moment: datetime,
) -> dict[str, str]:
    """Return the headers that sign a request: X-Amz-Date, Authorization, and the token of a session.

    `url` is as it is sent, percent-encoded; `headers` are those that are signed beside Host and the date; `moment` is
    in UTC. The path is encoded once more, as every service but S3 wants it.
    """
    where = urlsplit(url)
    stamp = moment.strftime("%Y%m%dT%H%M%SZ")
    added = {"X-Amz-Date": stamp} | ({"X-Amz-Security-Token": who.token} if who.token else {})
    signed = {k.lower(): " ".join(v.split()) for k, v in {**headers, **added, "Host": _host(url)}.items()}
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [
            method,
            quote(where.path or "/", safe="/" + _UNRESERVED),
            _query(where.query),
            *(f"{name}:{signed[name]}" for name in sorted(signed)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    to_sign = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_signing_key(who.secret, scope), to_sign.encode(), hashlib.sha256).hexdigest()
    proof = f"{_ALGORITHM} Credential={who.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**added, "Authorization": proof}


def _signing_key(secret: str, scope: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _host(url: str) -> str:
    """Return the Host header: without the port where it is the usual one."""
    where = urlsplit(url)
    host = where.hostname or ""
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(where.scheme)
    return host if where.port in (None, usual) else f"{host}:{where.port}"


def _query(query: str) -> str:
    pairs = [(quote(k, safe=_UNRESERVED), quote(v, safe=_UNRESERVED)) for k, v in parse_qsl(query, True)]
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))
