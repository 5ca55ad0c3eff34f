"""HTTP as every target over the network uses it: one session, bounded bodies, no redirects, no secrets in errors."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.targets.compression import ACCEPTED, Body

if TYPE_CHECKING:
    import aiohttp

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_OVERLOADED = frozenset({429, 503, 529})
_SHOWN = 200
_LINE = re.compile(r"\n|\\n")
_LONG = 512 * 1024
_REDACTED = "[redacted]"
_decode = msgspec.json.Decoder().decode


class Refused(TargetError):
    """An answer with another status than 2xx."""

    status: int
    content: bytes
    """The body as it came; it may hold secrets."""


class Wire:
    """A pool of connections to one service. Used as `open`, many `send` or `stream`, `close`."""

    def __init__(self, secrets: frozenset[str]) -> None:
        written = {form for secret in secrets if secret for form in _forms(secret)}
        self._secrets = sorted(written, key=lambda form: (-len(form), form))
        self._session: aiohttp.ClientSession | None = None

    async def open(self, concurrency: int) -> None:
        """Make the session; connections are reused, at most `concurrency` at a time."""
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=_connector()(limit=concurrency, ttl_dns_cache=300),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept-Encoding": ACCEPTED},
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def service(self, url: str) -> str:
        """Name what limits are shared by: the address with the key; for memory only, never to be written."""
        where = urlsplit(url)
        return f"{where.scheme}://{where.hostname}:{where.port} {' '.join(self._secrets)}"

    def redact(self, text: str) -> str:
        """Replace every secret in `text`."""
        for secret in self._secrets:
            text = text.replace(secret, _REDACTED)
        return text

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> bytes:
        """Send one request and return the body of a 2xx answer. Raises TargetError on everything else."""
        try:
            async with self._request(method, url, headers, body) as response:
                content = await _read(response)
                if 200 <= response.status < 300:
                    return content
                raise self._refused(response, content)
        except (_client_error(), OSError, ValueError) as error:
            raise self._failed(error) from error

    async def stream(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> AsyncGenerator[bytes, None]:
        """Send one request and yield the body of a 2xx answer as it comes. Raises TargetError on everything else.

        A body that is shorter than its length or misses its last chunk is an error, after what came of it. A body
        that ends with the connection tells nothing: the caller must look for the end marker of the format. Close the
        generator (contextlib.aclosing) when it is left early.
        """
        try:
            async with self._request(method, url, headers, body) as response:
                if not 200 <= response.status < 300:
                    raise self._refused(response, await _read(response))
                content = Body(response.headers.get("Content-Encoding"))
                async for chunk in response.content.iter_any():
                    if piece := content.take(chunk):
                        yield piece
                content.end()
        except (_client_error(), OSError, ValueError) as error:
            raise self._failed(error) from error

    def _request(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        if self._session is None:
            raise TargetError("the target is not open")
        # aiohttp takes a file in pieces; it warns of long bytes, which it would send in one go.
        data = io.BytesIO(body) if body is not None and len(body) > _LONG else body
        from yarl import URL

        # What stands percent-encoded in an address goes out as it stands: a signature covers it.
        address = URL(url, encoded=True) if "%" in url and url.isascii() and " " not in url else url
        return self._session.request(method, address, headers=headers, data=data, allow_redirects=False)

    def _failed(self, error: Exception) -> TargetError:
        import aiohttp

        # What follows the first line is what the server sent, escaped in ways that could hide a secret in it.
        what = _LINE.split(str(error), maxsplit=1)[0].rstrip(": ")
        name = type(error).__name__
        return TargetError(
            self.redact(f"no answer: {name}: {what}" if what else f"no answer: {name}")[:_SHOWN],
            remedy="Check that the target runs and the address is right.",
            retry=not isinstance(error, aiohttp.InvalidURL),
        )

    def _refused(self, response: aiohttp.ClientResponse, content: bytes) -> TargetError:
        status = response.status
        if 300 <= status < 400:
            return TargetError(
                f"HTTP {status}: the target redirects, which is refused so that keys go nowhere else",
                remedy="Write the final address into the suite.",
            )
        said = " ".join(content[: 4 * _SHOWN].decode("utf-8", "replace").split())
        refused = Refused(
            self.redact(f"HTTP {status}: {said}")[:_SHOWN],
            remedy="See what the target says.",
            retry=status in _AGAIN,
            overloaded=status in _OVERLOADED,
            retry_after=retry_after(response.headers.get("Retry-After")),
        )
        refused.status, refused.content = status, content
        return refused


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Read a body up to the cap, so that an endless answer cannot fill the memory."""
    content = Body(response.headers.get("Content-Encoding"))
    pieces = [content.take(chunk) async for chunk in response.content.iter_any()]
    content.end()
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@cache
def _connector() -> type[aiohttp.TCPConnector]:
    import aiohttp

    class Connector(aiohttp.TCPConnector):
        """Never reuses a connection on which more came than the answer: it would be taken for the next one."""

        async def connect(self, *request: Any, **more: Any) -> aiohttp.connector.Connection:
            while True:
                connection = await super().connect(*request, **more)
                if connection.protocol is None or not connection.protocol.should_close:
                    return connection
                connection.close()

    return Connector


@cache
def _client_error() -> type[Exception]:
    import aiohttp

    return aiohttp.ClientError


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
    # json takes what some servers write and the faster reader refuses: NaN, and half a surrogate pair.
    with suppress(msgspec.MsgspecError, ValueError, RecursionError):
        return _decode(content)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        # Whoever records the error takes secrets out of this before it is cut to the length that is kept.
        shown = " ".join(content[: 10 * _SHOWN].decode("utf-8", "replace").split())
        raise TargetError(f"the answer is not JSON: {shown}", retry=True) from error


def _forms(secret: str) -> tuple[str, str, str]:
    """Return a secret as it is, inside an address, and inside JSON."""
    return secret, quote(secret, safe=""), json.dumps(secret)[1:-1]


def credentials(url: str) -> frozenset[str]:
    """Return the password inside a URL, if there is one, and the token that it is sent as (RFC 7617)."""
    where = urlsplit(url)
    if not where.password:
        return frozenset()
    user, password = unquote(where.username or ""), unquote(where.password)
    return frozenset([password, base64.b64encode(f"{user}:{password}".encode()).decode()])
