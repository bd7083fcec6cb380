"""Who a caller is. Asked for every request, so what was checked is kept for a moment.

Secrets are sealed, not hashed (design D10), so a check is a read and a decryption. Kept are whole credentials that were right,
under a keyed digest, so that how long a look-up takes says nothing about a secret. What is kept goes as soon as a unit of this
process has touched an account or a key, and after five seconds, for another node may have; a token's never outlives the token.
"""

import hmac
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from cordboard.accounts.engine.permissions import limits_of
from cordboard.accounts.engine.rules import rules_of_grants, rules_of_policies
from cordboard.accounts.model import Account, AccountStatus, ApiKey, KeyKind
from cordboard.accounts.store.accounts import ACCOUNTS
from cordboard.accounts.store.keys import API_KEYS
from cordboard.accounts.wire import tokens
from cordboard.kernel.caller import Caller
from cordboard.kernel.chance import token
from cordboard.kernel.clock import MILLISECONDS
from cordboard.kernel.errors import Unauthorized
from cordboard.kernel.ports import Ports
from cordboard.rest.auth import BEARER
from cordboard.storage.port import Database
from cordboard.storage.unit import View
from cordboard.storage.writes import Write

_KEPT = 1024
_KEPT_FOR = 5 * MILLISECONDS
_DIGEST_KEY_BITS = 256


class _Kept(NamedTuple):
    caller: Caller
    since: int
    until: int


class Authentication:
    """The Authenticator of ``rest``: an account with its auth token, an API key with its secret, or a token.

    Sockets, to which tokens come without a header, ask ``caller_of``.
    """

    def __init__(self, db: Database, ports: Ports) -> None:
        self._db = db
        self._ports = ports
        self._digest_key = ports.chance.bits(_DIGEST_KEY_BITS).to_bytes(_DIGEST_KEY_BITS // 8, "big")
        # Opened for an unknown name, so that it costs what a wrong secret costs.
        self._decoy = ports.keyring.seal(token(ports.chance))
        self._kept: dict[bytes, _Kept] = {}
        self._changes = 0
        db.watch(self._hear, ACCOUNTS, API_KEYS)

    async def authenticate(self, username: str, password: str) -> Caller:
        """See rest.auth.Authenticator."""
        digest = blake2b(f"{username}\0{password}".encode(), key=self._digest_key, digest_size=32).digest()
        now = self._ports.clock.now()
        kept = self._kept.get(digest)
        if kept is not None and kept.since <= now < kept.until:
            return kept.caller
        changes = self._changes
        caller = await (self._check_token(password, now) if username == BEARER else self._check(username, password))
        # Rows that changed while they were read must not be kept.
        if changes == self._changes:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            until = now + _KEPT_FOR
            self._kept[digest] = _Kept(caller, now, min(until, caller.token.expires_at) if caller.token else until)
        return caller

    async def caller_of(self, jwt: str) -> Caller:
        """Who calls with an access token or a capability token. Raises Unauthorized with the vendor's code for what is wrong."""
        return await self.authenticate(BEARER, jwt)

    async def _check(self, username: str, password: str) -> Caller:
        account, key = await self._db.read(lambda view: _look(view, username))
        sealed = [self._decoy]
        if key is not None:
            sealed = [key.sealed_secret]
        elif account is not None:
            sealed = account.sealed_tokens
        given = password.encode()
        right = [hmac.compare_digest(self._ports.keyring.open(one).encode(), given) for one in sealed]
        if account is None or not any(right):
            raise Unauthorized("Authentication Error - invalid username or password")
        if account.status is not AccountStatus.ACTIVE:
            raise Unauthorized(f"Authentication Error - the account is {account.status}")
        return Caller(account.sid) if key is None else Caller(account.sid, key.sid, limits_of(key))

    async def _check_token(self, text: str, now: int) -> Caller:
        said = tokens.read(text)
        account, key = await self._db.read(lambda view: _look(view, said.issuer))
        if account is None or account.sid != said.account_sid or account.status is not AccountStatus.ACTIVE:
            raise tokens.refused(
                tokens.ISSUER, "no active account has such a key" if account is None else "wrong account"
            )
        keyring = self._ports.keyring
        sealed = account.sealed_tokens if key is None else [key.sealed_secret]
        if not any(tokens.is_signed(said, keyring.open(one)) for one in sealed):
            raise tokens.refused(tokens.SIGNATURE, "it was not signed with the secret of its issuer")
        if key is not None and key.kind is KeyKind.RESTRICTED:
            raise tokens.refused(tokens.RESTRICTED, "a restricted API key signs no access tokens")
        found = tokens.token_of(said, now)
        if key is not None:
            return Caller(account.sid, key.sid, rules_of_grants(found), found)
        try:
            return Caller(account.sid, None, rules_of_policies(said.claims["policies"]), found)
        except msgspec.ValidationError as error:
            raise tokens.refused(tokens.GRANTS, f"its policies are wrong: {error}") from error

    def _hear(self, _writes: list[Write]) -> None:
        self._kept.clear()
        self._changes += 1


async def _look(view: View, name: str) -> tuple[Account | None, ApiKey | None]:
    """The account that a name belongs to, and the key that it is the name of."""
    if not name.startswith("SK"):
        return await view.get(ACCOUNTS, name), None
    key = await view.get(API_KEYS, name)
    return (None, None) if key is None else (await view.get(ACCOUNTS, key.account_sid), key)
