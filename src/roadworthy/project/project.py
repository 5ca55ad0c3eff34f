"""A project: the directory with a system's declaration, suites, attestations and store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.assess.tier import Tiering, tier_system
from roadworthy.core.errors import InputError, InputErrors, Place, RoadworthyError
from roadworthy.core.names import did_you_mean
from roadworthy.decide.tier_override import PREFIX
from roadworthy.declare.load import load_system
from roadworthy.declare.system import System
from roadworthy.evidence.fingerprint import Fingerprint, fingerprint
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard.load import LoadedStandard, load_standard
from roadworthy.standard.model import Tier

if TYPE_CHECKING:
    from roadworthy.evaluate.suite import Suite
    from roadworthy.evidence.keys import Signer
    from roadworthy.evidence.record import Record
    from roadworthy.evidence.store import EvidenceStore

STORE = ".roadworthy"
SHIPPED = "shipped.bundle.zip"
"""The bundle of the last shipped release, where a project keeps one."""


@dataclass(frozen=True)
class Project:
    """One directory with a declared system; its parts are read when first asked for."""

    directory: Path
    layers: tuple[Path, ...] = ()
    """Layers over the default standard, lowest first; the project's own `standard/` comes last."""
    trust: tuple[str, ...] = ()

    @classmethod
    def open(
        cls, directory: Path | str = ".", *, layers: tuple[Path, ...] = (), trust: tuple[str, ...] = ()
    ) -> Project:
        """Open the project in `directory`.

        Raises InputError when there is no declaration there.
        """
        root = Path(directory)
        if not root.is_dir():
            raise InputError("there is no such directory", place=Place(root), remedy="Name the project's directory.")
        own = (root / "standard",) if (root / "standard" / "standard.yaml").is_file() else ()
        return cls(root, (*layers, *own), trust)

    @cached_property
    def system(self) -> System:
        """The declared system."""
        return load_system(self.directory)

    @cached_property
    def loaded(self) -> LoadedStandard:
        """The standard in force, all layers applied."""
        return load_standard(self.layers)

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """The digests of the parts under test, as they are now."""
        return fingerprint(self.system, self.directory)

    @cached_property
    def suites(self) -> list[Suite]:
        """The suites of `evals/`."""
        from roadworthy.evaluate.suite import load_suites

        directory = self.directory / "evals"
        return load_suites(directory) if directory.is_dir() else []

    @cached_property
    def tiering(self) -> Tiering:
        """The tier and regulatory classes, with reasons."""
        return tier_system(self.system, self.loaded)

    @cached_property
    def trusted(self) -> TrustedKeys:
        """The keys whose measurements count here."""
        return TrustedKeys.load(self.trust)

    def trusting(self, signer: Signer) -> Project:
        """Return the project with the key of `signer` trusted: who signs here and now vouches for what they sign."""
        return self if signer.key_id in self.trusted.keys else replace(self, trust=(*self.trust, signer.key_id))

    @cached_property
    def store(self) -> EvidenceStore:
        """The evidence store."""
        from roadworthy.evidence.store import EvidenceStore

        return EvidenceStore(self.directory / STORE, self.trusted)

    def check_subject(self, name: str) -> None:
        """Refuse a name that nobody can attest: neither a requirement nor `tier:<tier>`."""
        known = [*(f"{PREFIX}{tier}" for tier in Tier), *(item.id for item in self.loaded.standard.requirements)]
        if name not in known:
            raise InputError(f"there is no requirement {name!r}", remedy=did_you_mean(name, known))

    def check(self) -> list[str]:
        """Read every file and name what is fine; raises InputErrors with every problem of every file."""
        errors: list[InputError] = []
        fine: list[str] = []
        for name, read in (
            ("roadworthy.yaml", lambda: self.system),
            ("fingerprint", lambda: self.fingerprint),
            ("standard", lambda: self.loaded),
            ("evals", lambda: self.suites),
            ("datasets", self._check_suites),
            ("attestations", lambda: self.attestations()),
            ("tier", lambda: self.tiering),
        ):
            if errors and name in {"fingerprint", "tier", "datasets"}:
                continue
            try:
                read()
            except InputErrors as error:
                errors += error.errors
            except RoadworthyError as error:
                errors.append(InputError(error.problem, place=error.place, remedy=error.remedy))
            else:
                fine.append(name)
        if errors:
            raise InputErrors(errors)
        return fine

    def _check_suites(self) -> None:
        from roadworthy.evaluate.plan import check_suite

        errors = [error for suite in self.suites for error in check_suite(suite, self.system, self.directory)]
        if errors:
            raise InputErrors(errors)

    def attestations(self) -> list[tuple[Record, bytes]]:
        """Read what people signed, with its envelopes: `attestations/` and `exceptions/`."""
        from roadworthy.project.attestations import read_attestations

        return read_attestations(self.directory, self.trusted)
