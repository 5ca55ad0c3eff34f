"""What happens outside the browser: scripts on the data of the server, and commands of a pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from running_server import Running

HERE = Path(__file__).parent
CHANGED = {"minutes": 30, "release": "2.0", "settings": {"temperature": 0.5}}
"""The bundle of a release after a change."""


def run(server: Running, script: str, *arguments: object) -> list[dict[str, str]]:
    """Run a script of this directory on the data of a server; return the lines of JSON that it prints."""
    words = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(words, env=server.environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


def command(server: Running, *words: object) -> subprocess.CompletedProcess[str]:
    """Run `roadworthy` as a pipeline does, with its token."""
    environment = {**server.environment, "ROADWORTHY_SERVER": server.url}
    program = [sys.executable, "-c", "from roadworthy.cli.main import main; main()", *map(str, words)]
    return subprocess.run(program, env=environment, capture_output=True, text=True, timeout=120, check=False)
