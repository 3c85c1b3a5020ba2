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
    """Seals with the first key, opens with any."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self._current = keys[0]
        self._ciphers = {key.id: AESGCM(_derived(key, b"seal")) for key in keys}
        self._hashing = _derived(keys[-1], b"hash")

    @property
    def current(self) -> str:
        """Id of the key that seals."""
        return self._current.id

    def seal(self, text: str, *place: str) -> str:
        """The text, sealed for a place (table, row, column); "" stays ""."""
        if not text:
            return ""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, text.encode("utf-8", "surrogatepass"), _place(place))
        return f"{_VERSION}.{self.current}.{base64.urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def open(self, sealed: str, *place: str) -> str:
        """The text of a sealed value; raises UnsealableError."""
        if not sealed:
            return ""
        key_id = sealed_by(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnsealableError(key_id)
        try:
            raw = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
            text = cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _place(place))
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise UnsealableError("") from error
        return text.decode("utf-8", "surrogatepass")

    def digest(self, text: str) -> str:
        """A keyed hash by which to look a value up; made with the oldest key, so that rotation keeps it."""
        return hmac.new(self._hashing, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def sealed_by(sealed: str) -> str:
    """Id of the key that sealed a value; raises UnsealableError for what is no sealed value."""
    version, _, rest = sealed.partition(".")
    if version != _VERSION:
        raise UnsealableError("")
    return rest.partition(".")[0]


def new_key() -> Key:
    """A new random key."""
    return Key(material=os.urandom(_KEY_BYTES))


def parse_keys(text: str) -> list[Key]:
    """The keys of a key file or setting, newest first, one a line; raises ConfigurationError."""
    keys = []
    for line in text.split():
        try:
            material = base64.urlsafe_b64decode(line)
        except (binascii.Error, ValueError):
            material = b""
        if len(material) != _KEY_BYTES:
            raise ConfigurationError(["encryption.key: each line must be 32 bytes in base64url"])
        keys.append(Key(material=material))
    if not keys:
        raise ConfigurationError(["encryption.key: there is no key in it"])
    return keys


def write_keys(file: Path, keys: Sequence[Key]) -> None:
    """Write a key file that only its owner may read; it replaces an older one in one step."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text("".join(key.text + "\n" for key in keys), encoding="ascii")
    fresh.replace(file)


def _derived(key: Key, purpose: bytes) -> bytes:
    """One key for one purpose (HMAC as a key derivation function, NIST SP 800-108)."""
    return hmac.new(key.material, purpose, hashlib.sha256).digest()


def _place(place: Sequence[str]) -> bytes:
    return "\x00".join(place).encode("utf-8", "surrogatepass")
