"""Bundles of the demo: made once by the real loop, kept in the data directory, and made anew when they are too old."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from roadworthy.core.clock import ENVIRONMENT, format_time
from roadworthy.core.files import write_atomically
from roadworthy.core.version import VERSION
from roadworthy.evidence.keys import generate_pem, load_signer
from roadworthy.project.evaluation import evaluate_project
from roadworthy.project.gate import run_gate
from roadworthy.project.project import Project
from roadworthy.server.portfolio.demo.catalogue import SYSTEMS, DemoSystem
from roadworthy.server.portfolio.demo.clock import business_moment
from roadworthy.server.portfolio.demo.project import TARGET, write_project

PROCESSES = 2
GATED = 6
"""Hour at which the gate judges; bundles are pushed two hours later."""
Told = Callable[[int, int, str], None]
"""Takes how many steps are done, of how many, and what is done now."""


class Bundles:
    """The bundles of one demo, and the key of the build pipeline that sealed them."""

    def __init__(self, home: Path, today: datetime) -> None:
        self.home = home / _edition(today)
        self.today = today
        self.key = home / "build-pipeline.pem"

    @property
    def key_id(self) -> str:
        """Return the public key of the build pipeline."""
        return load_signer(self.key).key_id

    def path(self, system: DemoSystem, release: str) -> Path:
        """Return where the bundle of a release is."""
        return self.home / f"{system.slug}-{release}.zip"

    def gated_at(self, system: DemoSystem, release: str) -> datetime:
        """Return when the gate judged a release: before the hour at which it is pushed."""
        days = system.days[system.releases.index(release)]
        return business_moment(self.today, days, GATED)

    def prepare(self, told: Told) -> None:
        """Make the bundles that are not there."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.key.is_file():
            write_atomically(self.key, generate_pem())
            self.key.chmod(0o600)
        wanted = [(system, release) for system in SYSTEMS for release in system.releases]
        missing = [one for one in wanted if not self.path(*one).is_file()]
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            made = pool.map(_make, [self] * len(missing), *zip(*missing, strict=True)) if missing else iter(())
            for done, (system, release) in enumerate(missing):
                told(done, len(missing), f"evaluating {system.slug} {release}")
                next(made)
        told(len(missing), len(missing), "evaluated")


def _make(bundles: Bundles, system: DemoSystem, release: str) -> None:
    """Evaluate and judge one release, as of the day on which it was pushed; runs in a process of its own."""
    project = bundles.home / "projects" / f"{system.slug}-{release}"
    os.environ[ENVIRONMENT] = format_time(bundles.gated_at(system, release))
    write_project(project, system, release)
    evaluate_project(Project.open(project), key=bundles.key)
    run_gate(Project.open(project), project / "out", key=bundles.key)
    part = bundles.path(system, release).with_suffix(".part")
    shutil.copyfile(project / "out" / "bundle.zip", part)
    part.replace(bundles.path(system, release))


def _edition(today: datetime) -> str:
    """Name what bundles depend on: the systems, the functions, this version, and the day."""
    said = json.dumps([asdict(system) for system in SYSTEMS], sort_keys=True, default=sorted)
    what = hashlib.sha256(f"{VERSION}\n{TARGET}\n{said}".encode()).hexdigest()[:12]
    return f"{today.astimezone(UTC):%Y-%m-%d}-{what}"
