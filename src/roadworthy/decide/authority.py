"""Whether who signed had the authority: a listed key, in their own name, in an allowed role, and not the owner."""

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

    `roles` lists the roles that may sign; None allows every role that the standard gives the signer.
    """
    if predicate.system != dossier.system.system:
        return f"It is about another system, {predicate.system}."
    listed = {signer.key: signer for signer in dossier.loaded.standard.authority.signers}
    signer = next((listed[key] for key in record.signers if key in listed), None)
    if signer is None:
        key = record.signers[0][:12] if record.signers else "nobody"
        return f"It is signed by {key}, a key that the standard's authority does not list."
    if predicate.signer.casefold() != signer.name.casefold():
        return f"It is signed in the name of {predicate.signer}, with a key that the standard lists as {signer.name}'s."
    if predicate.role not in signer.roles:
        return f"{signer.name} signed as {predicate.role}, but the standard's authority does not give that role."
    if roles is not None and predicate.role not in roles:
        return f"{signer.name} signed as {predicate.role}; this needs {' or '.join(roles) or 'a role that nobody has'}."
    if not_owner and _owns(signer, dossier):
        return f"{signer.name} owns the system; nobody signs their own request."
    return None


def _owns(signer: Signer, dossier: Dossier) -> bool:
    owner = dossier.system.owner
    return signer.name.casefold() in {str(name).casefold() for name in (owner.accountable, owner.contact) if name}
