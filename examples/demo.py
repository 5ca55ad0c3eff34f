"""Take the example systems through the whole loop, from their declarations to verdicts that can be replayed.

    python examples/demo.py [support-assistant] [compas] [agentdojo]

Each system is checked, tiered, evaluated, judged, and its bundle verified, with the same commands that a
team would type. Reports land in `out/`. A hold is a verdict, not a failure: the exit code is 0 when every
system got its verdict, and 1 when a step broke.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run_logs import CONTENT_SHA256, HOW_TO_GET

EXAMPLES = Path(__file__).resolve().parent
ROOT = EXAMPLES.parent
OUT = ROOT / "out"
RUN_LOGS = ROOT / ".cache" / "agentdojo"
ROADWORTHY = Path(sys.executable).with_name("roadworthy")

VERDICT_CODES = {0, 1, 3}
"""Exit codes of the gate that carry a verdict: ship, hold, hold because undecided."""
REASONS_SHOWN = 4


@dataclass(frozen=True)
class Project:
    """One declared system of the demo."""

    name: str
    """Path below `examples/`, and below `out/`."""
    needs_model: bool = False

    @property
    def directory(self) -> Path:
        """Return where its files are."""
        return EXAMPLES / self.name

    @property
    def out(self) -> Path:
        """Return where its reports go."""
        return OUT / self.name


class BrokenStep(Exception):
    """A command that ended in something other than a verdict."""


PROJECTS = {
    "support-assistant": [Project("support-assistant", needs_model=True)],
    "compas": [Project("compas")],
    "agentdojo": [
        Project(f"agentdojo/{name}") for name in ("gpt-4o", "gpt-4o-tool-filter", "claude-3.5-sonnet", "gpt-3.5-turbo")
    ],
}


def run_loop(project: Project, environment: Mapping[str, str]) -> None:
    """Run the commands of the loop on one project; raise BrokenStep at the first that fails."""
    print(f"\n{project.name}", flush=True)
    project.out.mkdir(parents=True, exist_ok=True)
    here = ("--project", str(project.directory))
    for command in ("check", "tier", "requirements", "evaluate"):
        _step(project, environment, command, *here)
    _step(project, environment, "gate", *here, "--out", str(project.out), codes=VERDICT_CODES)
    _step(project, environment, "verify", str(project.out / "bundle.zip"))


def _step(
    project: Project,
    environment: Mapping[str, str],
    command: str,
    *arguments: str,
    codes: set[int] | frozenset[int] = frozenset({0}),
) -> None:
    log = project.out / f"{command}.txt"
    started = time.monotonic()
    print(f"  roadworthy {command:<13}", end="", flush=True)
    with log.open("w", encoding="utf-8") as stream:
        code = subprocess.run(
            [str(ROADWORTHY), command, *arguments], stdout=stream, stderr=subprocess.STDOUT, env=environment
        ).returncode
    print(f"exit {code}  {time.monotonic() - started:5.1f} s  {_shown(log)}", flush=True)
    if code not in codes:
        raise BrokenStep(f"roadworthy {command} ended with exit code {code}:\n{_tail(log)}")


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(f"    {line}" for line in log.read_text(encoding="utf-8").splitlines()[-lines:])


def read_verdict(project: Project) -> dict[str, Any]:
    """Read the verdict that the gate wrote."""
    verdict: dict[str, Any] = json.loads((project.out / "verdict.json").read_text(encoding="utf-8"))
    return verdict


@contextmanager
def model_environment(needed: bool) -> Iterator[dict[str, str]]:
    """Yield the environment of the commands, with the live model served where it is needed."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
    if not needed:
        yield environment
        return
    serve = _load("serve", EXAMPLES / "support-assistant" / "serve.py")
    with serve.serving() as base_url:
        print(f"\nthe model answers at {base_url}", flush=True)
        yield {**environment, "ASSISTANT_BASE_URL": base_url}


def _load(name: str, path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BrokenStep(f"{_shown(path)} cannot be read")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_project(project: Project) -> dict[str, Any]:
    """Take one project through the loop and return its verdict. Raises BrokenStep when a step broke."""
    try:
        with model_environment(project.needs_model) as environment:
            run_loop(project, environment)
    except (RuntimeError, OSError) as error:
        raise BrokenStep(str(error)) from error
    return read_verdict(project)


def print_verdict(project: Project, verdict: Mapping[str, Any]) -> None:
    """Print a verdict with its first reasons, and where the report is."""
    outcomes, reasons = verdict["outcomes"], verdict["reasons"]
    met = sum(outcome["status"] == "met" for outcome in outcomes)
    print(f"\n  {project.name}: {verdict['verdict'].upper()}")
    print(f"    {verdict['tier']} tier, {met} of {len(outcomes)} requirements met")
    for reason in reasons[:REASONS_SHOWN]:
        print(textwrap.fill(f"- {reason}", 100, initial_indent="    ", subsequent_indent="      "))
    if len(reasons) > REASONS_SHOWN:
        print(f"    - and {len(reasons) - REASONS_SHOWN} more in the report")
    print(f"    report  {_shown(project.out / 'report.html')}")
    print(f"    bundle  {_shown(project.out / 'bundle.zip')}")


def choose(names: list[str]) -> list[Project]:
    """List the projects of the named examples; without its run logs agentdojo is left out, and said to be."""
    chosen = [project for name in names for project in PROJECTS[name] if name != "agentdojo"]
    if "agentdojo" not in names:
        return chosen
    if all((RUN_LOGS / f"{pipeline}.tar.xz").is_file() for pipeline in CONTENT_SHA256):
        return chosen + PROJECTS["agentdojo"]
    print(f"agentdojo is left out: {HOW_TO_GET}\n", flush=True)
    return chosen


def _shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def main(names: list[str]) -> int:
    """Run the named examples, all of them when none is named."""
    unknown = [name for name in names if name not in PROJECTS]
    if unknown:
        print(f"unknown example {unknown[0]!r}; there are: {', '.join(PROJECTS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    verdicts, broken = [], []
    for project in choose(names or list(PROJECTS)):
        try:
            verdicts.append((project, run_project(project)))
        except BrokenStep as error:
            broken.append(f"{project.name}: {error}")
    print("\nVerdicts")
    for project, verdict in verdicts:
        print_verdict(project, verdict)
    print(
        f"\n{len(verdicts)} verdicts in {time.monotonic() - started:.0f} s. A hold says what is owed; it is no failure."
    )
    for problem in broken:
        print(f"\nbroke: {problem}", file=sys.stderr)
    return int(bool(broken) or not verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
