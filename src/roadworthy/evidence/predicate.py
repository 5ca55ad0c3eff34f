"""What a record says: a measurement, an attestation, a document, or an exception. Strict, frozen, no NaN."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from roadworthy.core.clock import format_time, parse_time
from roadworthy.core.errors import EvidenceError, InputError, Place
from roadworthy.evidence.canonical import write_canonical
from roadworthy.standard.model import Part

Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Count = Annotated[int, Meta(ge=0)]


class Kind(StrEnum):
    """What sort of evidence a record is; the predicate type carries it."""

    MEASURED = "measured"
    ATTESTED = "attested"
    DOCUMENTED = "documented"
    EXCEPTION = "exception"

    @property
    def predicate_type(self) -> str:
        """Return the URI that names this kind in a statement."""
        return f"https://roadworthy.dev/evidence/{self.value}/v1"


class _Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a predicate: no unknown keys, no changes."""


class SuiteRef(_Row, frozen=True):
    """The suite that was run."""

    id: Text
    digest: Digest
    metrics: tuple[Text, ...]


class DatasetRef(_Row, frozen=True):
    """The dataset that was read."""

    name: Text
    digest: Digest
    rows: Count
    cluster: str | None
    """The column that names the independent unit; null when rows are independent."""
    slices: tuple[Text, ...]


class ScorerRef(_Row, frozen=True):
    """A scorer, with how far it is known to be wrong."""

    name: Text
    version: Text
    known_error: str | dict[str, Any] | None


class Harness(_Row, frozen=True):
    """The program that measured; it is part of the result."""

    name: Text
    version: Text
    python: Text


class Counts(_Row, frozen=True):
    """How many samples were planned, and what became of them."""

    planned: Count
    recorded: Count
    scored: Count
    errored: Count
    unscored: Count

    def __post_init__(self) -> None:
        if self.scored + self.errored + self.unscored != self.recorded:
            raise ValueError("scored, errored and unscored do not add up to recorded")
        if self.recorded > self.planned:
            raise ValueError("more samples are recorded than were planned")


class Usage(_Row, frozen=True):
    """What the run took."""

    calls: Count
    cached: Count
    tokens_in: Count | None
    tokens_out: Count | None
    cost: Annotated[float, Meta(ge=0)] | None


class SourceModel(_Row, frozen=True):
    """A model that an imported log names, and which of the declared ones it is."""

    name: Text
    declared: str | None
    """Id of the declared model; null when it is none of them."""


class Source(_Row, frozen=True):
    """Where an imported measurement comes from: the log of another tool, and what that log does not hold."""

    format: Text
    task: Text
    read_by: Text
    """Name and version of the program that read the log."""
    models: tuple[SourceModel, ...]
    judges: tuple[Text, ...]
    """Models that judged the scores that are used."""
    lacking: tuple[Text, ...]


class PlannedUnits(_Row, frozen=True):
    """Units that the dataset holds, for the whole or a slice, counted before the first answer."""

    columns: dict[str, str | None]
    """Value of each slice column; empty for the whole."""
    units: Count
    largest: Count
    """Cases of the largest unit."""
    first: Count | None = None
    """Of those that the first of two rounds asks of a unit, the most; null where there is one round."""


class Stopping(_Row, frozen=True):
    """How a run could end before its end: it is judged by bounds that hold at every look, and by no others."""

    rule: Text
    seed: int
    order: Text
    """How the order of the units follows from the seed."""
    units: Count
    """Units that count: the first ones in that order, each whole or, in the first of two rounds, as that asks it.

    In the second round those that are whole; what the first one asked of all others counts as well.
    """
    samples: Count
    """The rows that count."""
    through: Digest | None
    """Place of the last unit that counts; null when none does."""
    planned: tuple[PlannedUnits, ...]
    looked_at: tuple[Text, ...]
    """The criteria that were to be settled."""
    settled: str | None
    """Why no further call was needed; null when the run went on to its end, or was cut off."""
    round: Annotated[int, Meta(ge=1, le=2)] | None = None
    """In which of two rounds the units were counted last; null where there is one round."""


class Calibration(_Row, frozen=True):
    """What people say of answers that a scorer judged."""

    score: Text
    """Id of the score."""
    file: Text
    digest: Digest
    """SHA-256 of the file."""
    labels: Digest
    """SHA-256 of the labels that are used, sealed beside the results."""
    n: Count
    left_out: Count
    """Labels of cases or answers that this run does not have."""


class DocumentRef(_Row, frozen=True):
    """A document by name and digest."""

    name: Text
    sha256: Digest


class ExceptionTerms(_Row, frozen=True):
    """Why a requirement is waived, and what stands in for it."""

    category: Text
    compensating_control: Text
    reason: Text


class Measured(_Row, frozen=True):
    """One run of one suite against one fingerprint."""

    system: Text
    release: Text
    fingerprint: dict[str, Digest]
    suite: SuiteRef
    dataset: DatasetRef
    target: dict[str, Any]
    settings: dict[str, Any]
    scorers: tuple[ScorerRef, ...]
    harness: Harness
    seed: int | None
    started: str
    finished: str
    actor: Text
    independence: Text
    counts: Counts
    usage: Usage
    notes: tuple[str, ...]
    results: Digest
    """SHA-256 of the result table."""
    source: Source | None = None
    """For a measurement that another tool made; the harness is then that tool."""
    stopping: Stopping | None = None
    """For a run that could end early; a run without it is complete evidence only when every sample is recorded."""
    calibrations: tuple[Calibration, ...] = ()
    """One for each score whose scorer people have checked."""

    def __post_init__(self) -> None:
        _check_fingerprint(self.fingerprint)
        if _time(self.started) > _time(self.finished):
            raise ValueError("the run finished before it started")
        if self.stopping is not None and self.stopping.samples > self.counts.recorded:
            raise ValueError("more samples count than are recorded")

    @property
    def kind(self) -> Kind:
        """Return what sort of evidence this is."""
        return Kind.MEASURED

    def objects(self) -> dict[str, str]:
        """Return the SHA-256 of each file that this rests on, by name."""
        labels = {f"labels.{each.score}": each.labels for each in self.calibrations}
        return {"results": self.results, **labels}


class Attested(_Row, frozen=True):
    """Somebody's word that a requirement is met, or, with `exception`, that it is waived."""

    system: Text
    release: Text
    fingerprint: dict[str, Digest]
    requirement: Text
    statement: Text
    role: Text
    signer: Text
    """Name of the person; the envelope carries the key."""
    at: str
    until: str | None
    document: DocumentRef | None
    exception: ExceptionTerms | None = None

    def __post_init__(self) -> None:
        _check_fingerprint(self.fingerprint)
        _check_span(self.at, self.until)
        if self.exception is not None and self.until is None:
            raise ValueError("an exception needs 'until': nothing is waived for ever")

    @property
    def kind(self) -> Kind:
        """Return what sort of evidence this is."""
        return Kind.EXCEPTION if self.exception is not None else Kind.ATTESTED

    def objects(self) -> dict[str, str]:
        """Return the SHA-256 of each file that this rests on, by name."""
        return _document(self.document)


class Documented(_Row, frozen=True):
    """A document that shows a requirement, with who stands behind it."""

    system: Text
    release: Text
    fingerprint: dict[str, Digest]
    requirement: Text
    statement: Text
    role: Text
    signer: Text
    at: str
    until: str | None
    document: DocumentRef

    def __post_init__(self) -> None:
        _check_fingerprint(self.fingerprint)
        _check_span(self.at, self.until)

    @property
    def kind(self) -> Kind:
        """Return what sort of evidence this is."""
        return Kind.DOCUMENTED

    def objects(self) -> dict[str, str]:
        """Return the SHA-256 of each file that this rests on, by name."""
        return _document(self.document)


Predicate = Measured | Attested | Documented
_TYPES: dict[Kind, type[Measured] | type[Attested] | type[Documented]] = {
    Kind.MEASURED: Measured,
    Kind.ATTESTED: Attested,
    Kind.DOCUMENTED: Documented,
    Kind.EXCEPTION: Attested,
}


def parse_predicate(kind: Kind, value: Any, place: Place | None = None) -> Predicate:
    """Read the predicate of a record.

    Raises EvidenceError on an unknown or missing key, a wrong type, NaN, a time that is not RFC 3339 in UTC,
    or a predicate of another kind.
    """
    write_canonical(value)
    return convert_predicate(kind, value, place)


def convert_predicate(kind: Kind, value: Any, place: Place | None = None) -> Predicate:
    """Read a predicate that came out of canonical JSON, and so holds neither NaN nor foreign values."""
    try:
        predicate = msgspec.convert(value, _TYPES[kind], strict=True)
    except msgspec.ValidationError as error:
        raise EvidenceError(
            f"this is not '{kind}' evidence: {error}",
            place=place,
            remedy="Make the evidence again with this version of Roadworthy.",
        ) from error
    if predicate.kind is not kind:
        raise EvidenceError(
            f"this says it is '{kind}' but is '{predicate.kind}'",
            place=place,
            remedy="Make the evidence again with this version of Roadworthy.",
        )
    return predicate


def predicate_dict(predicate: Predicate) -> dict[str, Any]:
    """Return `predicate` as plain JSON values, validated once more.

    An `exception`, a `source`, a `stopping` and `calibrations` are written only where there are some.
    """
    value: dict[str, Any] = msgspec.to_builtins(predicate)
    if isinstance(predicate, Attested) and predicate.exception is None:
        del value["exception"]
    if isinstance(predicate, Measured):
        for name in ("source", "stopping", "calibrations"):
            if not value[name]:
                del value[name]
    parse_predicate(predicate.kind, value)
    return value


def _check_fingerprint(fingerprint: dict[str, str]) -> None:
    if set(fingerprint) != set(Part):
        raise ValueError(f"a fingerprint names exactly the parts {', '.join(Part)}")


def _check_span(at: str, until: str | None) -> None:
    if until is not None and _time(until) <= _time(at):
        raise ValueError("'until' is not after 'at'")
    _time(at)


def _time(text: str) -> str:
    """Return `text` if it is a time as we write it, in UTC to the second; such times sort as text."""
    try:
        written = format_time(parse_time(text))
    except InputError as error:
        raise ValueError(error.problem) from error
    if written != text:
        raise ValueError(f"the time {text!r} is not written as {written}")
    return text


def _document(document: DocumentRef | None) -> dict[str, str]:
    return {"document": document.sha256} if document else {}
