"""Everything that a verdict rests on, gathered from a project or from a bundle: the one input of the judge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from roadworthy.assess.tier import Tiering, tier_system
from roadworthy.core.errors import EvidenceError
from roadworthy.declare.change import compare_systems
from roadworthy.declare.system import System
from roadworthy.evaluate.labels import joined_digest
from roadworthy.evidence.predicate import Attested, Documented, Measured
from roadworthy.evidence.record import Record
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Signer


@dataclass(frozen=True)
class ShippedMeasurement:
    """A measurement of the release that shipped last."""

    record: Record
    envelope: bytes
    """The signed record, as it goes into the next bundle."""
    table: Callable[[], Path]
    """Fetches its sealed result table."""

    @property
    def measured(self) -> Measured:
        """Return what was measured."""
        predicate = self.record.predicate
        if not isinstance(predicate, Measured):
            raise EvidenceError("the record is not a measurement", remedy="Name the bundle of the shipped release.")
        return predicate


@dataclass(frozen=True)
class Baseline:
    """The release that shipped last, to compare with."""

    system: System
    fingerprint: Mapping[str, str]
    measurements: tuple[ShippedMeasurement, ...] = ()
    """Newest first; gathered where the standard compares with them."""

    def measurement(self, suite: str) -> ShippedMeasurement | None:
        """Return the newest measurement of the shipped fingerprint by `suite`."""
        for shipped in self.measurements:
            measured = shipped.measured
            if measured.suite.id == suite and dict(measured.fingerprint) == dict(self.fingerprint):
                return shipped
        return None


@dataclass(frozen=True)
class DeclaredSuite:
    """A suite as the project declares it at the time of judgement."""

    digest: str
    """SHA-256 of the suite."""
    dataset: str
    """SHA-256 of its dataset, or a word that equals no measurement's when it cannot be read."""
    labels: str = ""
    """Stands for the labels by which scorers are corrected; empty without any, a word when they cannot be read."""

    @classmethod
    def of(cls, measured: Measured) -> DeclaredSuite:
        """Return the suite, dataset and labels that a measurement rests on."""
        labels = joined_digest({each.score: each.digest for each in measured.calibrations})
        return cls(measured.suite.digest, measured.dataset.digest, labels)


@dataclass(frozen=True)
class Dossier:
    """The declaration, the standard and the evidence at one moment."""

    system: System
    fingerprint: Mapping[str, str]
    """Digest of each part of the system under test."""
    loaded: LoadedStandard
    records: tuple[Record, ...]
    table: Callable[[str], Path]
    """Finds a sealed result table by its digest."""
    as_of: datetime
    accepted_keys: frozenset[str]
    """Keys whose measurements count; people's keys are listed in the standard's authority."""
    suites: Mapping[str, DeclaredSuite] = field(default_factory=dict)
    """By id; a measurement of anything else is stale."""
    baseline: Baseline | None = None
    """The last shipped release, when there is one."""

    retired_suites: tuple[str, ...] = ()
    """Suites with evidence that the project no longer declares; they are not judged, and the verdict says so."""

    signers: tuple[Signer, ...] = ()
    """People for whose keys the keeper of the record vouches, beside those whom the standard's authority lists."""

    @property
    def tiering(self) -> Tiering:
        """Tier the system by the rules of the standard alone; see settle_tier."""
        return tier_system(self.system, self.loaded)

    @property
    def changes(self) -> tuple[str, ...]:
        """Say what differs from the last shipped release, each with its kind of change."""
        if self.baseline is None:
            return ()
        old = self.baseline
        found = compare_systems(old.system, self.system, dict(old.fingerprint), dict(self.fingerprint))
        return tuple(f"{difference.kind}: {difference.what}" for difference in found)

    def measured(self) -> list[tuple[Record, Measured]]:
        """Return the measurements, newest first."""
        pairs = [(r, r.predicate) for r in self.records if isinstance(r.predicate, Measured)]
        return sorted(pairs, key=lambda pair: (pair[1].finished, pair[0].digest), reverse=True)

    def attested(self, requirement: str) -> list[tuple[Record, Attested | Documented]]:
        """Return what people signed about `requirement`, newest first."""
        pairs = [
            (r, r.predicate)
            for r in self.records
            if isinstance(r.predicate, Attested | Documented) and r.predicate.requirement == requirement
        ]
        return sorted(pairs, key=lambda pair: (pair[1].at, pair[0].digest), reverse=True)
