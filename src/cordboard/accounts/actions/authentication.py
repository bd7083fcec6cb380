"""Who a caller is. Asked for every request, so what was checked is kept for a moment.

Secrets are sealed, not hashed (design D10), so a check is a read and a decryption. Kept are whole credentials that were right,
under a keyed digest, so that how long a look-up takes says nothing about a secret. What is kept goes as soon as a unit of this
process has touched an account or a key, and after five seconds, for another node may have.
"""

import hmac
from hashlib import blake2b

from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.accounts.store.keys import API_KEYS
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unauthorized
from cordboard.kernel.ports import Ports
from cordboard.storage.port import Database
from cordboard.storage.unit import View
from cordboard.storage.writes import Settled

_KEPT = 1024
_KEPT_FOR = 5 * MILLISECONDS
_DIGEST_KEY_BITS = 256
_TABLES = (ACCOUNTS, API_KEYS)


class Authentication:
    """The Authenticator of ``rest``: an account with its auth token, or an API key with its secret."""

    def __init__(self, db: Database, ports: Ports) -> None:
        self._db = db
        self._ports = ports
        self._digest_key = ports.chance.bits(_DIGEST_KEY_BITS).to_bytes(_DIGEST_KEY_BITS // 8, "big")
        # Opened for an unknown name, so that it costs what a wrong secret costs.
        self._decoy = ports.keyring.seal(token(ports.chance))
        self._kept: dict[bytes, tuple[Caller, int]] = {}
        self._changes = 0
        db.listen(self._hear)

    async def authenticate(self, username: str, password: str) -> Caller:
        """See rest.auth.Authenticator."""
        digest = blake2b(f"{username}\0{password}".encode(), key=self._digest_key, digest_size=32).digest()
        now = self._ports.clock.now()
        kept = self._kept.get(digest)
        if kept is not None and kept[1] <= now < kept[1] + _KEPT_FOR:
            return kept[0]
        changes = self._changes
        caller = await self._check(username, password)
        # Rows that changed while they were read must not be kept.
        if changes == self._changes:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[digest] = caller, now
        return caller

    async def _check(self, username: str, password: str) -> Caller:
        async def look(view: View) -> tuple[Caller, str] | None:
            if username.startswith("SK"):
                key = await view.get(API_KEYS, username)
                return None if key is None else (Caller(key.account_sid, key.sid), key.sealed_secret)
            account = await view.get(ACCOUNTS, username)
            return None if account is None else (Caller(account.sid), account.sealed_token)

        known = await self._db.read(look)
        secret = self._ports.keyring.open(self._decoy if known is None else known[1])
        is_right = hmac.compare_digest(secret.encode(), password.encode())
        if known is None or not is_right:
            raise Unauthorized("Authentication Error - invalid username or password")
        return known[0]

    def _hear(self, settled: Settled) -> None:
        if any(write.table in _TABLES for write in settled.writes):
            self._kept.clear()
            self._changes += 1
