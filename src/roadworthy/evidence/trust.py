"""Which public keys are trusted, and what that makes of a signature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.evidence.keys import KEY_ID, Signer, config_home, find_signer, parse_public_key


class Trust(StrEnum):
    """How far the signatures on something can be relied on; each one given has been verified."""

    TRUSTED = "trusted"
    """At least one signature is by a trusted key."""
    FOREIGN = "foreign"
    """Signed, but only by keys that nobody here has trusted."""
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class TrustedKeys:
    """The public keys whose signatures count."""

    keys: Mapping[str, str]
    """Where each key id (64 hex digits) came from."""

    @classmethod
    def none(cls) -> TrustedKeys:
        """Trust nobody: everything signed is foreign."""
        return cls({})

    @classmethod
    def of(cls, *signers: Signer) -> TrustedKeys:
        """Trust exactly the keys of `signers`."""
        return cls({signer.key_id: signer.source for signer in signers})

    @classmethod
    def load(cls, trust: Sequence[str] = (), signer: Signer | None = None) -> TrustedKeys:
        """Trust one's own key, `trusted/*.pub` beside it, and each of `trust` (hex digits, or a file).

        Raises InputError when one of them cannot be read: a key meant to be trusted is never left out.
        """
        own = signer or find_signer()
        keys = {own.key_id: f"own key, {own.source}"} if own else {}
        for path in sorted((config_home() / "trusted").glob("*.pub")):
            keys.setdefault(_read(path), str(path))
        for given in trust:
            key_id, source = (given, "given") if KEY_ID.fullmatch(given) else (_read(Path(given)), given)
            keys.setdefault(key_id, source)
        return cls(keys)

    def including(self, signer: Signer) -> TrustedKeys:
        """Trust `signer` too: whoever holds a private key trusts its signatures."""
        return self if signer.key_id in self.keys else TrustedKeys({**self.keys, signer.key_id: signer.source})

    def adding(self, keys: Mapping[str, str]) -> TrustedKeys:
        """Trust `keys` too: key id, and where each came from."""
        return TrustedKeys({**keys, **self.keys})

    def judge(self, signers: Iterable[str]) -> Trust:
        """Return what verified signatures by `signers` are worth."""
        signed = list(signers)
        if not signed:
            return Trust.UNSIGNED
        return Trust.TRUSTED if any(key_id in self.keys for key_id in signed) else Trust.FOREIGN


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the public key: {error.strerror or error}",
            place=Place(path),
            remedy="Give 64 lower-case hex digits, or a file with hex digits or PEM.",
        ) from error
    return parse_public_key(data, Place(path))
