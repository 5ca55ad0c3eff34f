"""The key of each person: made on first use, held sealed by the server, which signs in their name what they sign in."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from roadworthy.evidence.keys import Signer
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.accounts.models import User
from roadworthy.server.audit.services import record
from roadworthy.server.sealing import seal, unseal
from roadworthy.standard.model import Signer as StandardSigner


def signer_of(user: User) -> Signer:
    """Return the key that signs for a person; makes it on first use and records that.

    Raises StorageError when the key that sealed it is gone.
    """
    if not user.signing_key:
        _make(user)
    raw = bytes.fromhex(unseal(user.signing_key, _purpose(user)))
    private = Ed25519PrivateKey.from_private_bytes(raw)
    return Signer(private.public_key().public_bytes_raw().hex(), f"the key of {user.name}", private)


def standard_signer(user: User, roles: Iterable[str]) -> StandardSigner:
    """Return a person as a standard names those who sign: name, public key, roles."""
    return StandardSigner(name=user.name, key=signer_of(user).key_id, roles=list(roles))


@transaction.atomic
def _make(user: User) -> None:
    """Make the key unless another request was faster."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.signing_key:
        private = Ed25519PrivateKey.generate()
        row.signing_key = seal(private.private_bytes_raw().hex(), _purpose(row))
        row.signing_key_id = private.public_key().public_bytes_raw().hex()
        row.save(update_fields=["signing_key", "signing_key_id"])
        actor = server_actor(Door.NONE)
        record(actor, "user.key_made", row.subject, after={"key": row.signing_key_id}, row=row)
    user.signing_key, user.signing_key_id = row.signing_key, row.signing_key_id


def _purpose(user: User) -> str:
    return f"user {user.pk} signing key"
