"""Set up a peer in an environment of its own below .cache/bench/, at the version that the figures name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "bench"


def python_peer(name: str, *requirements: str) -> Path:
    """Install pinned requirements from the package index once; return the Python that has them."""
    folder = CACHE / name
    python = folder / "bin" / "python"
    if not _has(folder, requirements):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *requirements], check=True, stdout=sys.stderr)
        _mark(folder, requirements)
    return python


def node_peer(name: str, *requirements: str) -> Path:
    """Install pinned requirements from the npm registry once; return the folder of their programs."""
    folder = CACHE / name
    folder.mkdir(parents=True, exist_ok=True)
    if not _has(folder, requirements):
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", *requirements]
        subprocess.run(command, check=True, cwd=folder, stdout=sys.stderr, env={**os.environ, "CI": "true"})
        _mark(folder, requirements)
    return folder / "node_modules" / ".bin"


def _has(folder: Path, requirements: tuple[str, ...]) -> bool:
    try:
        return bool(json.loads((folder / "installed.json").read_text()) == list(requirements))
    except (OSError, ValueError):
        return False


def _mark(folder: Path, requirements: tuple[str, ...]) -> None:
    (folder / "installed.json").write_text(json.dumps(requirements))
