"""Bundles to push: made once by the real loop, sealed by the key of a build pipeline, then varied."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.clock import format_time
from roadworthy.core.digests import canonical_json
from roadworthy.evidence.keys import Signer, load_signer
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard import load
from roadworthy.standard.load import LoadedStandard, load_standard, standard_value
from worked_example import Example, Value, make_key, write_example


@dataclass
class Works:
    """A project that is evaluated and judged on demand; what was made once is kept."""

    example: Example
    ci: Path
    """Private key of the build pipeline."""
    start: datetime
    _made: dict[str, Path] = field(default_factory=dict)
    _standards: dict[str, LoadedStandard] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.example.directory.parent

    @property
    def signer(self) -> Signer:
        return load_signer(self.ci)

    @property
    def standard(self) -> LoadedStandard:
        """The standard that all bundles but odd ones are judged by."""
        return self._standards["1"]

    def bundle(
        self,
        *,
        minutes: int = 0,
        right: int = 60,
        wrong: int = 0,
        key: Path | None = None,
        version: str = "1",
        sign: bool = False,
        vouch: bool = False,
        **declared: Any,
    ) -> Path:
        """Return a bundle judged so many minutes after the first one, of a declaration with some keys changed."""
        name = json.dumps([minutes, right, wrong, str(key), version, sign, vouch, declared], sort_keys=True)
        if name not in self._made:
            out = self.root / f"out-{len(self._made)}"
            with pytest.MonkeyPatch.context() as patch:
                self._make(patch, out, minutes, right, wrong, key or self.ci, version, sign, declared)
            self._made[name] = out / "bundle.zip"
        return self._made[name]

    def _make(
        self,
        patch: pytest.MonkeyPatch,
        out: Path,
        minutes: int,
        right: int,
        wrong: int,
        key: Path,
        version: str,
        sign: bool,
        declared: Value,
    ) -> None:
        from roadworthy.project.evaluation import evaluate_project
        from roadworthy.project.gate import run_gate
        from roadworthy.project.project import Project

        patch.setattr(load, "DEFAULT", self.example.standard)
        patch.setenv("ROADWORTHY_HOME", str(self.root / "home"))
        patch.setenv("ROADWORTHY_NOW", format_time(self.start + timedelta(minutes=minutes)))
        self.example.change_standard(version=version)
        self._standards[version] = load_standard()
        self.example.declare(**declared)
        self.example.cases(right=right, wrong=wrong)
        for folder in ("attestations", ".roadworthy"):
            shutil.rmtree(self.example.directory / folder, ignore_errors=True)
        project = Project.open(self.example.directory)
        if sign:
            self._sign(project)
        evaluate_project(project, key=key)
        run_gate(Project.open(self.example.directory), out, key=key)

    def _sign(self, project: Any) -> None:
        from roadworthy.core.clock import now
        from roadworthy.project.attestations import write_attestation

        card = self.example.directory / "card.md"
        card.write_text("# Order helper")
        for requirement, role, name, path, document in (
            ("system-card", "writer", "Willy Writer", self.example.writer, card),
            ("go-live", "risk-lead", "Rita Risk", self.example.lead, None),
        ):
            write_attestation(
                project.directory,
                project.system,
                project.fingerprint.parts,
                requirement=requirement,
                statement="So it is.",
                role=role,
                name=name,
                signer=load_signer(path),
                at=now(),
                document=document,
            )

    def resealed(self, bundle: Path, change: Callable[[dict[str, bytes], Value], None], key: Path) -> Path:
        """Return a bundle that somebody took apart, changed and sealed with their own key."""
        from roadworthy.evidence.bundle import ENVELOPE, inspect_bundle, write_bundle

        opened = inspect_bundle(bundle, TrustedKeys.none()).bundle
        assert opened is not None
        files = {name: opened.read(name) for name in opened.names() if name != ENVELOPE}
        said = dict(opened.predicate)
        change(files, said)
        path = self.root / f"resealed-{len(list(self.root.glob('resealed-*')))}.zip"
        write_bundle(path, files, said, load_signer(key))
        return path


def make_works(root: Path) -> Works:
    """Write the example with a key for its build pipeline."""
    example = write_example(root)
    ci = root / "keys" / "ci.pem"
    make_key(ci)
    start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    works = Works(example, ci, start)
    works.bundle()
    return works


def standard_row(standard: LoadedStandard, *, in_force: bool = True) -> Any:
    """Publish a standard on the server."""
    from django.utils import timezone

    from roadworthy.server.standards.models import StandardState, StandardVersion

    if in_force:
        StandardVersion.objects.filter(in_force=True).update(in_force=False)
    return StandardVersion.objects.create(
        standard=standard.standard.id,
        version=standard.standard.version,
        title=standard.standard.title,
        digest=standard.digest,
        content=canonical_json(standard_value(standard.standard)).decode(),
        state=StandardState.PUBLISHED,
        in_force=in_force,
        accepted=True,
        published_at=timezone.now(),
    )


def trust(signer: Signer, system: Any = None) -> Any:
    """Enter a key of a build pipeline."""
    from roadworthy.server.releases.models import TrustedKey

    return TrustedKey.objects.create(key_id=signer.key_id, name="Build pipeline", system=system)
