"""Where the files that real tools have written lie, and where the tools themselves are."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
FILES = HERE / "files"
PEERS = HERE.parents[2] / ".cache" / "peers"
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


def unpack(tool: str, name: str, folder: Path) -> Path:
    """Write a file that is kept packed (gzip -9n) to a folder."""
    path = folder / name
    path.write_bytes(gzip.decompress((FILES / tool / f"{name}.gz").read_bytes()))
    return path


def peer_program(tool: str, program: str = "python") -> str:
    """Return a program of the tool's own environment; without it the test fails."""
    path = PEERS / tool / "bin" / program
    assert path.exists(), f"{tool} is not installed: make test-peers"
    return str(path)


def make(tool: str, script: str, *arguments: object) -> None:
    """Run the script of make/ with the tool's own Python."""
    ask(tool, str(HERE / "make" / script), *arguments)


def ask(tool: str, *arguments: object, program: str = "python", folder: Path | None = None) -> str:
    """Run a program of the tool and return what it printed."""
    command = [peer_program(tool, program), *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=os.environ | OFFLINE, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
