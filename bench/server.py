"""Measure the server at scale on PostgreSQL: every page and list with 50 users, the KPI page, a push of 50 MB.

The users see everything at first; then half of them see one unit each; then half of the findings are unsolved, too.

10,000 systems, 100,000 releases, 1,000,000 findings, 5,000,000 entries of the audit trail. The rows are copies, made in
the database, of what a real push left. Server, worker and users share two cores. Prints JSON lines.

    python bench/server.py [--quick] [--seconds 60]

ROADWORTHY_TEST_DATABASE_URL names the PostgreSQL server; a database `roadworthy_bench` is made there and dropped again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
SERVER = os.environ.get("ROADWORTHY_TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
DATABASE = "roadworthy_bench"
USERS = 50
PROCESSES, THREADS = "4", "2"
REACH_MS, KPI_MS, PUSH_S = 150.0, 500.0, 5.0


def main() -> None:
    """Seed, serve, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows")
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="roadworthy-bench-") as folder, fresh_database() as url:
        home = Path(folder)
        os.environ |= {
            "DATABASE_URL": url,
            "ROADWORTHY_DATA": str(home / "data"),
            "ROADWORTHY_HOME": str(home / "keys"),
            "DJANGO_SETTINGS_MODULE": "roadworthy.server.settings",
            "ROADWORTHY_DATABASE_POOL": "4",
        }
        bundle = small_bundle(home)
        import django

        django.setup()
        sys.path.insert(0, str(ROOT / "bench"))
        from peers.server_rows import Sizes, seed, unsolve

        seeded = seed(bundle, Sizes.full().shrunk(100) if given.quick else Sizes.full())
        with serving(home) as address:
            everybody = [User(cookie, seeded.pages) for cookie in seeded.cookies]
            seen = asyncio.run(warm(address, everybody[:12]))
            narrowed = [User(cookie, seeded.pages) for cookie in seeded.narrowed]
            seen &= asyncio.run(warm(address, narrowed[:4]))
            theirs = [page for page in seeded.pages if page in seen]
            half = [
                User(seeded.narrowed[n], theirs) if n % 2 else User(seeded.cookies[n], seeded.pages)
                for n in range(USERS)
            ]
            asyncio.run(measure(address, everybody, given.seconds, f"{USERS} users"))
            asyncio.run(measure(address, half, given.seconds, f"{USERS} users, half see one unit"))
            unsolve()
            asyncio.run(measure(address, half, given.seconds, f"{USERS} users, half of findings unsolved"))
            push_large(home, address, seeded.token)


@contextmanager
def fresh_database() -> Iterator[str]:
    """Make an empty database, and drop it again."""
    import psycopg

    parts = urlsplit(SERVER)
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    try:
        yield urlunsplit(parts._replace(path=f"/{DATABASE}"))
    finally:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def small_bundle(home: Path) -> Path:
    """Make the bundle of the COMPAS example, by the real loop."""
    project = home / "examples" / "compas"  # its suites name ../../../.cache
    subprocess.run([sys.executable, "examples/setup.py", "compas"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(ROOT / "examples" / "compas", project, ignore=shutil.ignore_patterns(".roadworthy"))
    cached = ROOT / ".cache"
    (home / ".cache").symlink_to(cached)
    return gate(project, home / "out")


def gate(project: Path, out: Path) -> Path:
    """Evaluate and judge a project; return its bundle."""
    program = [sys.executable, "-c", _MAIN]
    subprocess.run([*program, "evaluate", "-C", str(project)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*program, "gate", "-C", str(project), "--out", str(out)], check=False, stdout=subprocess.DEVNULL)
    return out / "bundle.zip"


_MAIN = "from roadworthy.cli.main import main; main()"


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Run the server with two processes for each core: connections spread unevenly over processes."""
    port = "8431"
    environment = os.environ | {"ROADWORTHY_PORT": port, "ROADWORTHY_BASE_URL": f"http://127.0.0.1:{port}"}
    environment |= {"ROADWORTHY_WORKERS": PROCESSES, "ROADWORTHY_THREADS": THREADS}
    log = (home / "server.log").open("wb")
    process = subprocess.Popen([sys.executable, "-c", _MAIN, "serve"], env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    import urllib.request

    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            urllib.request.urlopen(f"{address}/readyz", timeout=2).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the server does not answer")


@dataclass(frozen=True)
class User:
    """Somebody who asks."""

    cookie: str
    pages: list[str]
    """What they ask for in turn."""


async def warm(address: str, users: list[User]) -> set[str]:
    """Let each process of the server see each page: each connection goes to one of them; return what all may see."""
    failed: dict[str, int] = {}
    for user in users:
        async with aiohttp.ClientSession() as session:
            for page in user.pages:
                await ask(session, address, user.cookie, page, [], failed)
    refused = {name.rsplit(" ", 1)[0] for name in failed}
    return {page for user in users for page in user.pages if page not in refused}


async def measure(address: str, users: list[User], seconds: int, who: str) -> None:
    """Let users ask once a second, each for the next page and over an own connection; print p95 of all and each."""
    took: dict[str, list[float]] = {page: [] for user in users for page in user.pages}
    failed: dict[str, int] = {}
    started = time.perf_counter()

    async def ask_on(number: int, user: User) -> None:
        pages = list(user.pages)
        random.Random(1).shuffle(pages)  # neighbours in the alphabet cost alike
        async with aiohttp.ClientSession() as session:
            for turn in range(seconds):
                due = started + number / len(users) + turn
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                page = pages[(turn * len(users) + number) % len(pages)]
                await ask(session, address, user.cookie, page, took[page], failed)

    await asyncio.gather(*(ask_on(number, user) for number, user in enumerate(users)))
    for page, times in sorted(took.items(), key=lambda pair: -p95(pair[1])):
        print(f"{page:60} p50 {ms(statistics.median(times)):8} ms  p95 {ms(p95(times)):8} ms  n {len(times)}")
    everything = [one for times in took.values() for one in times]
    slowest = max(p95(times) for times in took.values())
    asked = f"pages with {who}, p95"
    line(f"{asked} of all", p95(everything) * 1000, len(everything), "ms", REACH_MS, pages=len(took))
    line(f"{asked} of the slowest", slowest * 1000, len(took), "ms", REACH_MS, failed=failed)
    if kpis := took.get("/kpis/"):
        line(f"KPI page with {who}, p95", p95(kpis) * 1000, len(kpis), "ms", KPI_MS)


async def ask(
    session: aiohttp.ClientSession, address: str, cookie: str, page: str, times: list[float], failed: dict[str, int]
) -> None:
    """Ask for one page as a signed-in person."""
    begun = time.perf_counter()
    async with session.get(address + page, headers={"Cookie": f"sessionid={cookie}"}, allow_redirects=False) as answer:
        await answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200:
            failed[f"{page} {answer.status}"] = failed.get(f"{page} {answer.status}", 0) + 1


def push_large(home: Path, address: str, token: str) -> None:
    """Push a bundle of 50 MB and more, and print how long the server took to receive and replay it."""
    from peers.server_rows import large_bundle

    bundle = large_bundle(home)
    environment = os.environ | {"ROADWORTHY_SERVER": address, "ROADWORTHY_TOKEN": token}
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _MAIN, "push", str(bundle)], env=environment, capture_output=True)
    took = time.perf_counter() - begun
    megabytes = bundle.stat().st_size / 1e6
    said = "" if done.returncode == 0 else (done.stdout + done.stderr).decode()[-500:]
    line("push of a large bundle", took, round(megabytes, 1), "s, n in MB", PUSH_S, **({"error": said} if said else {}))


def p95(times: list[float]) -> float:
    """Return the 95th percentile; 0 without any."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))] if times else 0.0


def ms(seconds: float) -> float:
    """Return milliseconds."""
    return round(seconds * 1000, 1)


def line(name: str, ours: float, n: float, unit: str, reach: float, **more: Any) -> None:
    """Print one figure."""
    figure = {"name": name, "ours": round(ours, 2), "peer": None, "ratio": None, "unit": unit, "n": n}
    figure |= {"versions": {"python": platform.python_version()}, "to_reach": reach, "reached": ours <= reach}
    print(json.dumps(figure | more), flush=True)


if __name__ == "__main__":
    main()
