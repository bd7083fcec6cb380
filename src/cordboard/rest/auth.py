"""Who calls: HTTP Basic, with an account and its auth token, an API key and its secret, or ``token`` and an access token.

``Bearer`` with an access token is the same as the last.
"""

import binascii
from base64 import b64decode
from typing import Protocol

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Unauthorized

BEARER = "token"
"""The user name with which an access token is the password; no SID can be spelt so."""
LONGEST = 16384
"""Characters of credentials: more than the longest token in base64."""


class Authenticator(Protocol):
    """Knows the accounts and their keys. Called for every request, so it keeps what it has checked."""

    async def authenticate(self, username: str, password: str) -> Caller:
        """The caller. Raises Unauthorized, with the same sentence for an unknown name as for a wrong secret."""
        ...


def read_credentials(header: bytes | None) -> tuple[str, str]:
    """User name and password of an Authorization header; for Bearer the user name is BEARER. Raises Unauthorized."""
    if header is None:
        message = "Authentication Error - No credentials provided"
        raise Unauthorized(message)
    scheme, _, given = header.partition(b" ")
    try:
        if scheme.lower() == b"bearer" and len(given) <= LONGEST:
            return BEARER, given.strip().decode("ascii")
        if scheme.lower() == b"basic" and len(given) <= LONGEST:
            username, colon, password = b64decode(given.strip(), validate=True).decode().partition(":")
            if colon and "\0" not in username and "\0" not in password:
                return username, password
    except (binascii.Error, UnicodeDecodeError):
        pass
    message = "Authentication Error - the Authorization header is not HTTP Basic with a SID and a secret"
    raise Unauthorized(message)
