"""Judge what people signed: documents, sign-offs, vendor reviews and exceptions."""

from __future__ import annotations

from roadworthy.decide.authority import doubt_about_signer, voucher
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.freshness import Doubt, doubt_about_fingerprint, doubt_about_time
from roadworthy.decide.outcome import Status
from roadworthy.decide.shown import Shown
from roadworthy.evidence.predicate import Attested, Documented
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Expiry, Part, Requirement, ShownBy, Tier


def judge_attestation(requirement: Requirement, dossier: Dossier) -> Shown:
    """Take the first valid attestation, newest first; else say what is wrong with the best one."""
    doubts: list[tuple[str, Doubt]] = []
    for record, predicate in dossier.attested(requirement.id):
        if isinstance(predicate, Attested) and predicate.exception is not None:
            continue
        doubt = _doubt(requirement, record, predicate, dossier)
        if doubt is None:
            words = f"Signed by {predicate.signer} ({predicate.role}) on {predicate.at[:10]}."
            return Shown(Status.MET, f"{words}{voucher(record, dossier)}", evidence=(record.digest,))
        doubts.append((record.digest, doubt))
    if not doubts:
        return Shown(Status.NOT_SHOWN, f"No signed {_noun(requirement)} was found.")
    digest, doubt = next((pair for pair in doubts if pair[1].status is Status.STALE), doubts[0])
    return Shown(doubt.status, doubt.reason, evidence=(digest,))


def find_waiver(requirement: Requirement, tier: Tier, dossier: Dossier) -> tuple[str | None, str]:
    """Return the digest of a valid exception and its words; or None and why the best one found does not count."""
    problem = ""
    for record, predicate in dossier.attested(requirement.id):
        if not isinstance(predicate, Attested) or predicate.exception is None:
            continue
        doubt = _doubt_about_waiver(record, predicate, tier, dossier)
        if doubt is None:
            terms = predicate.exception
            words = (
                f"Waived until {str(predicate.until)[:10]} by {predicate.signer} ({predicate.role}), {terms.category}: "
                f"{terms.reason} Instead: {terms.compensating_control}"
            )
            return record.digest, f"{words}{voucher(record, dossier)}"
        problem = problem or f"An exception does not count: {doubt}"
    return None, problem


def _doubt(
    requirement: Requirement, record: Record, predicate: Attested | Documented, dossier: Dossier
) -> Doubt | None:
    wanted = requirement.sign_off
    unsigned = doubt_about_signer(
        record,
        predicate,
        dossier,
        roles=[wanted.role] if wanted else None,
        not_owner=bool(wanted and wanted.not_owner),
    )
    if unsigned:
        return Doubt(Status.NOT_SHOWN, unsigned)
    late = doubt_about_time(predicate.at, dossier.as_of, requirement.expires, predicate.until)
    if late:
        return late
    if requirement.document and predicate.document is None:
        return Doubt(Status.NOT_SHOWN, "The statement names no document; sign it with --document.")
    if requirement.shown_by is ShownBy.SIGN_OFF:
        if predicate.release != dossier.system.release:
            return Doubt(Status.STALE, f"It was signed for release {predicate.release}, not {dossier.system.release}.")
        return doubt_about_fingerprint(predicate.fingerprint, dossier.fingerprint, list(Part))
    if requirement.expires.on_change:
        return doubt_about_fingerprint(predicate.fingerprint, dossier.fingerprint, requirement.expires.on_change)
    return None


def _doubt_about_waiver(record: Record, predicate: Attested, tier: Tier, dossier: Dossier) -> str | None:
    allowed = dossier.loaded.standard.authority.exception_roles.get(tier, [])
    unsigned = doubt_about_signer(record, predicate, dossier, roles=allowed, not_owner=True)
    if unsigned:
        return unsigned
    doubt = doubt_about_time(predicate.at, dossier.as_of, Expiry(), predicate.until)
    return doubt.reason if doubt else None


def _noun(requirement: Requirement) -> str:
    if requirement.document:
        return requirement.document.kind
    return f"sign-off by {requirement.sign_off.role}" if requirement.sign_off else "attestation"
