"""The critique of a release's documents: rows loaded, rules asked. No content of a document leaves through a remark."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from roadworthy.assess.remark import Remark
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.documents.critique import Asked, Paper, critique_documents
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.evidence.previewing import text_of
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import loaded
from roadworthy.standard.model import ShownBy

_SHOWN_BY = frozenset({str(ShownBy.DOCUMENT), str(ShownBy.VENDOR_REVIEW)})


def criticise_documents(release: Release) -> tuple[Remark, ...]:
    """Say what the documents of a release lack, the gravest first; two queries, and each file's beginning is read."""
    outcomes = [one for one in verdict_of(release).outcomes if _asks(one)]
    papers = _papers(release, {digest for one in outcomes for digest in one.evidence})
    known = {one.id: one for one in loaded(release.standard).standard.requirements}
    asked = [
        Asked(known[one.requirement], one, [papers[digest] for digest in one.evidence if digest in papers])
        for one in outcomes
        if one.requirement in known
    ]
    return critique_documents(asked, timezone.now())


def _asks(outcome: Outcome) -> bool:
    return outcome.shown_by in _SHOWN_BY and outcome.status is not Status.NOT_APPLICABLE


def _papers(release: Release, digests: Iterable[str]) -> dict[str, Paper]:
    """Return the documents that records name, by the digest of the record."""
    rows = EvidenceRecord.objects.filter(digest__in=list(digests), system=release.system_id).exclude(document="")
    records = list(rows.defer("envelope"))
    blobs = Blob.objects.in_bulk([row.document for row in records])
    return {row.digest: _paper(row, blobs.get(row.document)) for row in records}


def _paper(row: EvidenceRecord, blob: Blob | None) -> Paper:
    if blob is None:
        return Paper(row.document, row.title, kept=False, until=row.until)
    return Paper(row.document, blob.name or row.title, kept=True, text=text_of(blob), until=row.until)
