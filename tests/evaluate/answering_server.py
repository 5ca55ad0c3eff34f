"""A chat server as a process of its own: answers with the last word of the question, after a moment; prints its port.

Argument: the port, 0 for a free one.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys


async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length:")[1].split("\r\n")[0])
            asked = json.loads(await reader.readexactly(length))
            await asyncio.sleep(random.uniform(0.001, 0.01))
            word = asked["messages"][-1]["content"].split()[-1]
            choice = {"message": {"role": "assistant", "content": word}, "finish_reason": "stop"}
            body = json.dumps({"id": "r", "model": "m", "choices": [choice]}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main(port: int) -> None:
    server = await asyncio.start_server(connection, "127.0.0.1", port, reuse_address=True)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
