"""Look the packages of a lock file up among known vulnerabilities.

    python .ci/audit.py requirements/dev.lock

Exits 0 when every package was looked up and none is known to be vulnerable, 1 when one is, and 3 when some could not be
looked up: a package that nobody looked up is not a safe one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

CLEAN, VULNERABLE, NOT_LOOKED_UP = 0, 1, 3
NAMES_SHOWN = 5


def look_up(lock: str) -> list[dict[str, Any]]:
    """Return what pip-audit says of each package of the lock."""
    command = [sys.executable, "-m", "pip_audit", "-r", lock, "--require-hashes", "--disable-pip"]
    options = ["--progress-spinner", "off", "--format", "json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)  # noqa: S603 - fixed arguments
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        sys.stderr.write(done.stderr)
        return []
    return packages


def judge(packages: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """Return the exit code and the lines to print."""
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    looked_up = len(packages) - len(skipped)
    lines.append(f"{looked_up} of {len(packages)} packages looked up, {len(lines)} known vulnerabilities")
    if len(lines) > 1:
        return VULNERABLE, lines
    if skipped or not packages:
        more = ", ..." if len(skipped) > NAMES_SHOWN else ""
        lines.append(f"not looked up: {', '.join(skipped[:NAMES_SHOWN])}{more}" if skipped else "nothing was looked up")
        return NOT_LOOKED_UP, lines
    return CLEAN, lines


def main(lock: str) -> int:
    """Audit the lock and print what was found."""
    code, lines = judge(look_up(lock))
    sys.stdout.write("\n".join(lines) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
