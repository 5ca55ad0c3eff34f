"""An instant OpenAI-compatible server: one process, one fixed kind of answer, nothing but the protocol.

Prints its port. The answer ends in the last word of the question, so that scorers have something to find.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import cast

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_ANSWER = {
    "id": "chatcmpl-0",
    "object": "chat.completion",
    "created": 1700000000,
    "model": "instant",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "@"},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15},
}
_BEFORE, _AFTER = json.dumps(_ANSWER).encode().split(b"@")


class _Instant(asyncio.Protocol):
    def __init__(self) -> None:
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._got = self._got + data if self._got else data
        while (request := self._next()) is not None:
            word = request.rpartition(b'"content"')[2].split(b'"', 2)[1].rpartition(b" ")[2]
            body = _BEFORE + word + _AFTER
            self._transport.write(_HEAD % len(body) + body)

    def _next(self) -> bytes | None:
        """Take one whole request off what has arrived and return its body."""
        head, found, rest = self._got.partition(b"\r\n\r\n")
        if not found:
            return None
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
        if len(rest) < length:
            return None
        self._got = rest[length:]
        return rest[:length]


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Instant, "127.0.0.1", port, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Serve on the port given as argument, by default on a free one, until the process is ended."""
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(port))
    else:
        uvloop.run(_serve(port))


if __name__ == "__main__":
    main()
