"""`roadworthy attest`: sign for a requirement."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line


def attest(
    requirement: str,
    *,
    where: Where = HERE,
    role: str,
    name: str,
    statement: str,
    document: Path | None = None,
    until: date | None = None,
    key: Path | None = None,
    waive: str | None = None,
    compensating_control: str | None = None,
) -> int:
    """Sign a document, a sign-off, an exception (--waive) or a tier, and write it as a file to commit.

    It counts when the standard's authority lists your key with that role.

    Parameters
    ----------
    requirement
        Id of the requirement; or 'tier:medium' to set another tier than the rules give, for this release.
    role
        The role in which you sign.
    name
        Your name, as the standard's authority lists it.
    statement
        What you attest, or for an exception the reason, in a sentence.
    document
        The document that you attest; its digest is signed.
    until
        Last day on which it is valid; an exception needs one.
    key
        Your private key; default: the environment, else the key made on first use.
    waive
        Make it an exception, of this category, for example 'new scenario' or 'too hard'.
    compensating_control
        For an exception: what stands in for the requirement.
    """
    from roadworthy.core.clock import now
    from roadworthy.evidence.keys import load_signer
    from roadworthy.project.attestations import exception_terms, write_attestation

    project = where.open()
    project.check_subject(requirement)
    signer = load_signer(key)
    path = write_attestation(
        project.directory,
        project.system,
        project.fingerprint.parts,
        requirement=requirement,
        statement=statement,
        role=role,
        name=name,
        signer=signer,
        at=now(),
        until=datetime.combine(until, time(23, 59, 59), UTC) if until else None,
        document=document,
        exception=exception_terms(waive, compensating_control, statement, until) if waive else None,
    )
    print_line(f"Written: {path}")
    if signer.key_id not in {listed.key for listed in project.loaded.standard.authority.signers}:
        print_line(f"It will count once the standard's authority lists your key: {signer.key_id}")
    return 0
