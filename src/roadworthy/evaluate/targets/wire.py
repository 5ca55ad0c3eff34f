"""HTTP as every target over the network uses it: one session, bounded bodies, no redirects, no secrets in errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from roadworthy.evaluate.reply import TargetError

if TYPE_CHECKING:
    import aiohttp

MAX_BODY_BYTES = 8 * 1024 * 1024
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_SHOWN = 200
_REDACTED = "[redacted]"


class Wire:
    """A pool of connections to one service. Used as `open`, many `send`, `close`."""

    def __init__(self, secrets: frozenset[str]) -> None:
        self._secrets = sorted((s for s in secrets if s), key=len, reverse=True)
        self._session: aiohttp.ClientSession | None = None

    async def open(self, concurrency: int) -> None:
        """Make the session; connections are reused, at most `concurrency` at a time."""
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=concurrency, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def redact(self, text: str) -> str:
        """Replace every secret in `text`."""
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return text

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> bytes:
        """Send one request and return the body of a 2xx answer. Raises TargetError on everything else."""
        import aiohttp

        if self._session is None:
            raise TargetError("the target is not open")
        try:
            async with self._session.request(
                method, url, headers=headers, data=body, allow_redirects=False
            ) as response:
                content = await _read(response)
                if 200 <= response.status < 300:
                    return content
                raise self._refused(response, content)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            what = str(error) or type(error).__name__
            raise TargetError(
                self.redact(f"no answer: {type(error).__name__}: {what}"[:_SHOWN]),
                remedy="Check that the target runs and the address is right.",
                retry=not isinstance(error, aiohttp.InvalidURL),
            ) from error

    def _refused(self, response: aiohttp.ClientResponse, content: bytes) -> TargetError:
        status = response.status
        if 300 <= status < 400:
            return TargetError(
                f"HTTP {status}: the target redirects, which is refused so that keys go nowhere else",
                remedy="Write the final address into the suite.",
            )
        said = " ".join(content[: 4 * _SHOWN].decode("utf-8", "replace").split())
        return TargetError(
            self.redact(f"HTTP {status}: {said}")[:_SHOWN],
            remedy="See what the target says.",
            retry=status in _AGAIN,
            retry_after=retry_after(response.headers.get("Retry-After")),
        )


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body up to the cap, so that an endless answer cannot fill the memory."""
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            response.close()
            raise TargetError(f"the answer is longer than {MAX_BODY_BYTES:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


def retry_after(header: str | None) -> float | None:
    """Read a Retry-After header (RFC 9110, 10.2.3): seconds, or a date. None when absent or unreadable."""
    if header is None:
        return None
    text = header.strip()
    try:
        return max(0.0, float(text)) if text.replace(".", "", 1).isdigit() else _until(text)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(text: str) -> float:
    moment = parsedate_to_datetime(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def parse_json(content: bytes) -> Any:
    """Parse the body of an answer. Raises TargetError on rubbish; asking again may help."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        shown = " ".join(content[:80].decode("utf-8", "replace").split())
        raise TargetError(f"the answer is not JSON: {shown!r}", retry=True) from error


def credentials(url: str) -> frozenset[str]:
    """Return the password inside a URL, if there is one."""
    password = urlsplit(url).password
    return frozenset([password]) if password else frozenset()
