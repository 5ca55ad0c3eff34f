"""A model behind an OpenAI-compatible endpoint on this machine, for tests."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Model:
    """What it was asked, and what it says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.says = ""

    def suggests(self, *suggestions: tuple[str, Any, str]) -> None:
        """Have it suggest (field, value, quote)."""
        found = [{"field": f, "value": v, "quote": q, "because": "So it seems.\x00"} for f, v, q in suggestions]
        self.says = json.dumps({"suggestions": found})


@contextmanager
def answering_model() -> Iterator[Model]:
    """Run a model on a free port until the end of the block."""
    holder: list[Model] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            model = holder[0]
            model.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            model.keys.append(self.headers.get("Authorization", ""))
            choice = {"index": 0, "message": {"role": "assistant", "content": model.says}, "finish_reason": "stop"}
            body = json.dumps({"id": "r", "model": "tiny-2", "choices": [choice]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    holder.append(Model(f"http://127.0.0.1:{server.server_address[1]}/v1"))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
