"""Secrets at rest: auth tokens and key secrets sign webhooks and verify tokens, so they cannot be hashed; they are encrypted.

AES-256-GCM with a random nonce; what is stored names its key (``<key id>.<base64>``), so keys can be changed without a pause:
the first key encrypts, every key decrypts. A key is 32 random bytes in base64, given by ``CORDBOARD_SECRET_KEY`` (several with
commas), or made beside the database in development mode. What an earlier first key encrypted is encrypted anew with the first at
the next start (``server.resealing``), so that the earlier one can be left out.
"""

import base64
import binascii
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .chance import Chance

_KEY_BYTES = 32
_NONCE_BYTES = 12
NAME_LENGTH = 8
"""Characters of a key's id, with which everything that it sealed begins."""


class WrongKey(Exception):
    """A stored secret names a key that was not given, or does not open with it."""


class Keyring:
    """Encrypts with the first of its keys and decrypts with any."""

    def __init__(self, keys: list[bytes], chance: Chance) -> None:
        self._chance = chance
        self._ciphers = {hashlib.sha256(key).hexdigest()[:NAME_LENGTH]: AESGCM(key) for key in keys}
        self._first = next(iter(self._ciphers))
        self._first_key = keys[0]

    @property
    def first(self) -> str:
        """The id of the key that encrypts."""
        return self._first

    @property
    def others(self) -> list[str]:
        """The ids of the keys that only decrypt."""
        return [name for name in self._ciphers if name != self._first]

    def seal(self, secret: str) -> str:
        """The stored form of a secret."""
        nonce = self._chance.bits(8 * _NONCE_BYTES).to_bytes(_NONCE_BYTES, "big")
        sealed = self._ciphers[self._first].encrypt(nonce, secret.encode(), self._first.encode())
        return f"{self._first}.{base64.b64encode(nonce + sealed).decode()}"

    def digest(self, text: str) -> str:
        """A hash that only who has the first key can make, and so compare; it names the key."""
        return f"{self._first}.{hmac.digest(self._first_key, b'digest ' + text.encode(), 'sha256').hex()}"

    def open(self, sealed: str) -> str:
        """The secret of a stored form. Raises WrongKey."""
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            message = f"the secret was encrypted with key {name}, which CORDBOARD_SECRET_KEY does not hold"
            raise WrongKey(message)
        data = base64.b64decode(text)
        try:
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], name.encode()).decode()
        except InvalidTag as error:
            message = f"the secret does not open with key {name}: the database or the key is damaged"
            raise WrongKey(message) from error


def new_key(chance: Chance) -> str:
    """A fresh key in its written form."""
    return base64.b64encode(chance.bits(8 * _KEY_BYTES).to_bytes(_KEY_BYTES, "big")).decode()


def parse_keys(text: str) -> list[bytes]:
    """The keys of ``CORDBOARD_SECRET_KEY``. Raises ValueError with a sentence that says what a key is."""
    keys: list[bytes] = []
    for part in text.split(","):
        try:
            key = base64.b64decode(part.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != _KEY_BYTES:
            message = (
                "CORDBOARD_SECRET_KEY takes 32 random bytes in base64 (openssl rand -base64 32), several with commas"
            )
            raise ValueError(message)
        keys.append(key)
    return keys
