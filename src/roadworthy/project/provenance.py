"""Summarise the records behind a verdict for the report."""

from __future__ import annotations

from roadworthy.decide.dossier import Dossier
from roadworthy.documents.provenance import Provenance, RecordSummary, ScorerNote
from roadworthy.evidence.ledger import Ledger
from roadworthy.evidence.predicate import Measured, Source
from roadworthy.evidence.record import Record


def summarise(dossier: Dossier, bundle: str, bundle_digest: str, key_id: str, ledger: Ledger) -> Provenance:
    """Say where the verdict comes from, in the few facts that a reader needs."""
    return Provenance(
        records=tuple(_summary(record) for record in dossier.records),
        bundle=bundle,
        bundle_digest=bundle_digest,
        key_id=key_id,
        trust="trusted",
        ledger_size=ledger.head.size if ledger.head else None,
        ledger_root=ledger.head.root if ledger.head else None,
    )


def _summary(record: Record) -> RecordSummary:
    predicate = record.predicate
    if isinstance(predicate, Measured):
        return _measured(record, predicate)
    return RecordSummary(
        digest=record.digest,
        kind=str(record.kind),
        requirement=predicate.requirement,
        started=predicate.at,
        valid_until=predicate.until,
        actor=predicate.signer,
        role=predicate.role,
        notes=(predicate.statement,),
        signed_by=record.signers,
    )


def _measured(record: Record, measured: Measured) -> RecordSummary:
    target = measured.target
    return RecordSummary(
        digest=record.digest,
        kind=str(record.kind),
        suite=measured.suite.id,
        dataset=measured.dataset.name,
        dataset_digest=measured.dataset.digest,
        n=measured.counts.recorded,
        cluster=measured.dataset.cluster,
        errored=measured.counts.errored,
        unscored=measured.counts.unscored,
        target=_text(target.get("kind")),
        model=_model(measured),
        started=measured.started,
        finished=measured.finished,
        actor=measured.actor,
        independence=measured.independence,
        harness=f"{measured.harness.name} {measured.harness.version}, Python {measured.harness.python}",
        seed=_text(measured.seed),
        calls=measured.usage.calls,
        cached=measured.usage.cached,
        tokens_in=measured.usage.tokens_in,
        tokens_out=measured.usage.tokens_out,
        cost=measured.usage.cost,
        scorers=tuple(
            ScorerNote(name=s.name, version=s.version, known_error=_text(s.known_error)) for s in measured.scorers
        ),
        notes=(*measured.notes, *_about_log(measured.source)),
        signed_by=record.signers,
    )


def _model(measured: Measured) -> str | None:
    if measured.source is not None:
        return ", ".join(model.name for model in measured.source.models)
    return _text(measured.target.get("reported_model") or measured.target.get("model"))


def _about_log(source: Source | None) -> list[str]:
    """Say where an imported measurement comes from, and what its log does not hold."""
    if source is None:
        return []
    lacking = ", ".join(source.lacking) or "nothing that weighs"
    judges = [f"Judged by {', '.join(source.judges)}."] if source.judges else []
    return [f"Imported from a log ({source.format}), which lacks: {lacking}.", *judges]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
