"""Encryption at rest: AES-256-GCM, bound to the row and column that a value stands in, with keys that rotate.

A sealed value moved to another row, or another column, does not open (NIST SP 800-38D; the place is the
associated data). Nonces are 96 random bits: safe for 2**32 values under one key.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import ConfigurationError

_VERSION = "s1"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class UnsealableError(Exception):
    """A value that no key of the keyring opens; `key_id` names the key that sealed it, "" where it is damaged."""

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"sealed by key {key_id}, which is not here" if key_id else "damaged, or moved from its place"
        )
        self.key_id = key_id


@dataclass(frozen=True, kw_only=True)
class Key:
    """One encryption key; its id is public and says nothing of it."""

    material: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Eight hexadecimal digits of the key's hash."""
        return hashlib.sha256(b"otpgate key id" + self.material).hexdigest()[:8]

    @property
    def text(self) -> str:
        """The key as kept in a file: base64url."""
        return base64.urlsafe_b64encode(self.material).decode("ascii")


class Keyring:
    """Seals with the first key, opens with any; `look_up` is the key of hashes, and stays when keys rotate."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.look_up = b""
        self.use(keys)

    def use(self, keys: Sequence[Key]) -> None:
        """Go on with these keys, the first of which seals."""
        self._ciphers = {key.id: AESGCM(key.material) for key in keys}
        self.current = keys[0].id

    @property
    def ids(self) -> list[str]:
        """The keys that are here."""
        return list(self._ciphers)

    def seal(self, text: str, *place: str) -> str:
        """The text, sealed for a place (table, column, row); "" stays ""."""
        if not text:
            return ""
        nonce, key_id = os.urandom(_NONCE_BYTES), self.current
        sealed = self._ciphers[key_id].encrypt(nonce, text.encode("utf-8", "surrogatepass"), _place(place))
        return f"{sealed_with(key_id)}{base64.b64encode(nonce + sealed).decode('ascii')}"

    def open(self, sealed: str, *place: str) -> str:
        """The text of a sealed value; raises UnsealableError."""
        if not sealed:
            return ""
        version, key_id, text = (*sealed.split(".", 2), "", "")[:3]
        if version != _VERSION:
            raise UnsealableError("")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnsealableError(key_id)
        try:
            raw = base64.b64decode(text)
            opened = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _place(place))
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise UnsealableError("") from error
        return opened.decode("utf-8", "surrogatepass")

    def digest(self, text: str) -> str:
        """A keyed hash by which a value is looked up; whoever has the database only cannot try values."""
        return hmac.digest(self.look_up, text.encode("utf-8", "surrogatepass"), "sha256").hex()


def sealed_with(key_id: str) -> str:
    """How every value begins that this key sealed."""
    return f"{_VERSION}.{key_id}."


def new_key() -> Key:
    """A new random key."""
    return Key(material=os.urandom(_KEY_BYTES))


def parse_keys(text: str) -> list[Key]:
    """The keys of a key file or setting, the one that seals first, one a line or word; raises ValueError."""
    keys = [Key(material=_material(word)) for word in text.split()]
    if not keys:
        raise ValueError("there is no key in it")
    return keys


def read_keys(file: Path) -> list[Key]:
    """The keys in a file; raises ConfigurationError naming it."""
    try:
        return parse_keys(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "each line should be 32 bytes in base64"
        raise ConfigurationError([f"{file}: cannot be read: {reason}"]) from error


def write_keys(file: Path, keys: Sequence[Key]) -> None:
    """Write a key file for its owner alone, in one step; it is on the disk when this returns."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    with fresh.open("w", encoding="ascii") as out:
        out.writelines(key.text + "\n" for key in keys)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _material(word: str) -> bytes:
    try:
        material = base64.b64decode(word.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        material = b""
    if len(material) != _KEY_BYTES:
        raise ValueError("should be 32 random bytes in base64, such as `openssl rand -base64 32` makes")
    return material


def _place(place: Sequence[str]) -> bytes:
    return "\x00".join(place).encode("utf-8", "surrogatepass")
