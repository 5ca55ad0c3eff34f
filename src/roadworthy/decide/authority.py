"""Whether who signed had the authority: a known key, in their own name, in an allowed role, and not the owner.

A key is known when the standard's authority lists it, or else when the keeper of the record vouches for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from roadworthy.decide.dossier import Dossier
from roadworthy.evidence.predicate import Attested, Documented
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Signer


def doubt_about_signer(
    record: Record,
    predicate: Attested | Documented,
    dossier: Dossier,
    *,
    roles: Sequence[str] | None,
    not_owner: bool,
) -> str | None:
    """Say why a signature does not count; None when it does.

    `roles` lists the roles that may sign; None allows every role that the signer has.
    """
    if predicate.system != dossier.system.system:
        return f"It is about another system, {predicate.system}."
    signer = _listed(record, dossier) or _vouched(record, dossier)
    if signer is None:
        return _unknown(record, dossier)
    listed = _listed(record, dossier) is not None
    if predicate.signer.casefold() != signer.name.casefold():
        lists = "the standard lists" if listed else "the keeper of the record knows"
        return f"It is signed in the name of {predicate.signer}, with a key that {lists} as {signer.name}'s."
    if predicate.role not in signer.roles:
        gives = "the standard's authority" if listed else "the keeper of the record"
        return f"{signer.name} signed as {predicate.role}, but {gives} does not give that role."
    if roles is not None and predicate.role not in roles:
        return f"{signer.name} signed as {predicate.role}; this needs {' or '.join(roles) or 'a role that nobody has'}."
    if not_owner and _owns(signer, dossier):
        return f"{signer.name} owns the system; nobody signs their own request."
    return None


def voucher(record: Record, dossier: Dossier) -> str:
    """Say that a signature rests on the word of the keeper of the record; empty where the standard lists the key."""
    if _listed(record, dossier) or not _vouched(record, dossier):
        return ""
    return " The keeper of the record vouches for the key; the standard does not list it."


def _listed(record: Record, dossier: Dossier) -> Signer | None:
    return _find(record, dossier.loaded.standard.authority.signers)


def _vouched(record: Record, dossier: Dossier) -> Signer | None:
    return _find(record, dossier.signers)


def _find(record: Record, people: Sequence[Signer]) -> Signer | None:
    known = {signer.key: signer for signer in people}
    return next((known[key] for key in record.signers if key in known), None)


def _unknown(record: Record, dossier: Dossier) -> str:
    key = record.signers[0][:12] if record.signers else "nobody"
    more = ", and for which the keeper of the record does not vouch" if dossier.signers else ""
    return f"It is signed by {key}, a key that the standard's authority does not list{more}."


def _owns(signer: Signer, dossier: Dossier) -> bool:
    owner = dossier.system.owner
    return signer.name.casefold() in {str(name).casefold() for name in (owner.accountable, owner.contact) if name}
