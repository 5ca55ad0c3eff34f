"""Measure the CPU that `roadworthy --help` takes to start, beside `python -c pass`; prints one JSON line."""

from __future__ import annotations

import json
import platform
import resource
import subprocess
import sys

RUNS = 15


def cpu_seconds(command: list[str]) -> float:
    """Run `command` several times and return the least CPU seconds of one run."""
    seen = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seen.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(seen)


def main() -> None:
    """Measure both and print the line."""
    ours = cpu_seconds([sys.executable, "-c", "from roadworthy.cli.main import main; main(['--help'])"])
    bare = cpu_seconds([sys.executable, "-c", "pass"])
    line = {
        "name": "start",
        "ours": round(ours * 1000, 1),
        "peer": round(bare * 1000, 1),
        "ratio": round(ours / bare, 2),
        "unit": "ms of CPU, least of the runs",
        "n": RUNS,
        "versions": {"python": platform.python_version()},
        "to_reach": 200,
        "reached": ours < 0.2,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
