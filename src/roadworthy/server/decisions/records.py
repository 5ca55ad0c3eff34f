"""What people sign on a release besides decisions: statements about a requirement, as sealed records of evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from roadworthy.core.clock import format_time, now
from roadworthy.core.errors import InputError
from roadworthy.decide.tier_override import PREFIX
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import Attested, Documented, DocumentRef, ExceptionTerms, Kind
from roadworthy.evidence.record import open_record, record_statement
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.accounts.models import User
from roadworthy.server.decisions.models import ExceptionRequest, ExceptionScope, ExceptionState, TierStatement
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.evidence.records import record_row
from roadworthy.server.releases.models import Release
from roadworthy.standard.model import Signer as Vouched


@dataclass(frozen=True)
class Statement:
    """What a person says about a requirement."""

    requirement: str
    text: str
    role: str
    until: datetime | None = None
    document: DocumentRef | None = None
    exception: ExceptionTerms | None = None


def keep_statement(release: Release, person: User, key: Signer, said: Statement) -> EvidenceRecord:
    """Seal a statement about a release with the person's key, and file it. Raises InputError for one made already."""
    envelope = seal(record_statement(_predicate(release, person, said)), key)
    record = open_record(envelope, TrustedKeys.none())
    if EvidenceRecord.objects.filter(digest=record.digest).exists():
        raise InputError("you signed this in this very second already", remedy="Load the page again.")
    row = record_row(release.system, record, envelope, person.pk)
    row.save(force_insert=True)
    return row


def _predicate(release: Release, person: User, said: Statement) -> Attested | Documented:
    common = {
        "system": release.system.slug,
        "release": release.name,
        "fingerprint": dict(release.parts),
        "requirement": said.requirement,
        "statement": said.text,
        "role": said.role,
        "signer": person.name,
        "at": format_time(now()),
        "until": format_time(said.until) if said.until else None,
    }
    if said.document is not None and said.exception is None:
        return Documented(**common, document=said.document)  # type: ignore[arg-type]
    return Attested(**common, document=said.document, exception=said.exception)  # type: ignore[arg-type]


def records_for(release: Release) -> list[EvidenceRecord]:
    """Return what was signed here and counts for a release.

    Exceptions that are approved and cover it; a tier that a person set and that holds; sign-offs of this release; of
    documents and reviews, which outlive a release, the newest one for each requirement by each person. So it does not
    grow with history.
    """
    signed = EvidenceRecord.objects.filter(system_id=release.system_id, user__isnull=False).select_related("user")
    own = signed.filter(kind__in=[Kind.ATTESTED, Kind.DOCUMENTED]).exclude(requirement__startswith=PREFIX)
    own = own.order_by("-made_at", "-pk")
    newest: dict[tuple[str, int | None, str], EvidenceRecord] = {}
    for row in own:
        about = release.name if row.kind == Kind.ATTESTED else ""
        if not about or row.release == about:
            newest.setdefault((row.requirement, row.user_id, about), row)
    others = signed.filter(pk__in=[*_approved(release), *_tiers(release)])
    return sorted([*newest.values(), *others], key=lambda row: (row.made_at, row.digest))


def _approved(release: Release) -> list[int]:
    covering = Q(scope=ExceptionScope.SYSTEM) | Q(release=release)
    rows = ExceptionRequest.objects.filter(covering, system_id=release.system_id, state=ExceptionState.APPROVED)
    return [pk for pk in rows.values_list("record_id", flat=True) if pk is not None]


def _tiers(release: Release) -> list[int]:
    rows = TierStatement.objects.filter(override__system_id=release.system_id, override__ended_at=None)
    return list(rows.filter(record__release=release.name).values_list("record_id", flat=True))


def vouched_for(rows: Iterable[EvidenceRecord]) -> list[Vouched]:
    """Return the people who signed these records, with the roles that they were checked to hold when they signed."""
    people: dict[str, tuple[str, set[str]]] = {}
    for row in rows:
        predicate = open_record(row.envelope.encode(), TrustedKeys.none()).predicate
        if isinstance(predicate, Attested | Documented):
            _, roles = people.setdefault(row.key_id, (predicate.signer, set()))
            roles.add(predicate.role)
    return [Vouched(name=name, key=key, roles=sorted(roles)) for key, (name, roles) in sorted(people.items())]
