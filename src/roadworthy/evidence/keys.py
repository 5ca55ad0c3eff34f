"""Ed25519 signing keys: found, made on first use, and refused when others can read them."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.core.errors import InputError, Place, StorageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_TEXT = "ROADWORTHY_SIGNING_KEY"
KEY_FILE = "ROADWORTHY_SIGNING_KEY_FILE"
HOME = "ROADWORTHY_HOME"
KEY_ID = re.compile(r"[0-9a-f]{64}")
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True)
class Signer:
    """A private key that signs."""

    key_id: str
    """The public key, 64 hex digits."""
    source: str
    """Where the key came from, for people."""
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._private.sign(message)

    def public_pem(self) -> bytes:
        """Return the public key as PEM, to hand to those who are to trust it."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        return self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def config_home() -> Path:
    """Return the directory of keys: ROADWORTHY_HOME, else roadworthy below XDG_CONFIG_HOME or ~/.config."""
    if chosen := os.environ.get(HOME):
        return Path(chosen)
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "roadworthy"


def default_key_path() -> Path:
    """Return the path of the key that is made on first use."""
    return config_home() / "signing-key.pem"


def load_signer(path: Path | None = None) -> Signer:
    """Load the signing key: `path`, what the environment names, else the default one, made if absent.

    Raises InputError when a key is missing, unreadable, not Ed25519, or readable by others.
    """
    signer = find_signer(path)
    if signer is not None:
        return signer
    _create(default_key_path())
    return _read(default_key_path())


def find_signer(path: Path | None = None) -> Signer | None:
    """Load the signing key as load_signer does, but make none: return None when there is none yet."""
    if path is not None:
        return _read(path)
    if KEY_TEXT in os.environ:
        return _parse(os.environ[KEY_TEXT].encode("utf-8", "replace"), f"the environment variable {KEY_TEXT}")
    if KEY_FILE in os.environ:
        return _read(Path(os.environ[KEY_FILE]))
    return _read(default_key_path()) if os.path.lexists(default_key_path()) else None


def generate_pem() -> bytes:
    """Make a new private key and return it as unencrypted PKCS8 PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def parse_public_key(data: bytes, place: Place | None = None) -> str:
    """Read a public key, 64 hex digits or PEM, and return its key id.

    Raises InputError when it is neither, or not Ed25519.
    """
    text = data.strip().decode("ascii", "replace")
    if KEY_ID.fullmatch(text):
        return text
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(
            "this is not an Ed25519 public key",
            place=place,
            remedy="Give the public key as 64 lower-case hex digits or as PEM.",
        )
    return key.public_bytes_raw().hex()


def verify_signature(key_id: str, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` over `message` was made by the key that `key_id` spells."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_id)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _read(path: Path) -> Signer:
    try:
        with path.open("rb") as stream:
            mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
            data = stream.read(_MAX_BYTES)
    except OSError as error:
        raise InputError(
            f"cannot read the signing key: {error.strerror or error}",
            place=Place(path),
            remedy=f"Check the path, or unset {KEY_FILE} to use {default_key_path()}.",
        ) from error
    if mode & 0o077:
        raise InputError(
            f"others can read or change the signing key (mode {mode:04o})",
            place=Place(path),
            remedy=f"Run: chmod 600 {path}",
        )
    return _parse(data, str(path), Place(path))


def _parse(data: bytes, source: str, place: Place | None = None) -> Signer:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None  # the library's message may quote the key, so it is not passed on
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(
            f"{source} does not hold an unencrypted Ed25519 private key in PKCS8 PEM",
            place=place,
            remedy="Make one with: openssl genpkey -algorithm ed25519",
        )
    return Signer(key.public_key().public_bytes_raw().hex(), source, key)


def _create(path: Path) -> None:
    """Put a new key at `path` unless another process was faster; it is complete before it is visible."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".signing-key.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(generate_pem())
                stream.flush()
                os.fsync(stream.fileno())
            try:
                os.link(temporary, path)
            except FileExistsError:
                return
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"cannot make a signing key at {path}: {error.strerror or error}",
            remedy=f"Name a directory that can be written with {HOME}, or a key with {KEY_FILE}.",
        ) from error
