"""Who calls: HTTP Basic, with an account and its auth token or an API key and its secret."""

import binascii
from base64 import b64decode
from typing import Protocol

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Unauthorized

_LONGEST = 1024


class Authenticator(Protocol):
    """Knows the accounts and their keys. Called for every request, so it keeps what it has checked."""

    async def authenticate(self, username: str, password: str) -> Caller:
        """The caller. Raises Unauthorized, with the same sentence for an unknown name as for a wrong secret."""
        ...


def read_credentials(header: bytes | None) -> tuple[str, str]:
    """User name and password of an Authorization header. Raises Unauthorized."""
    if header is None:
        message = "Authentication Error - No credentials provided"
        raise Unauthorized(message)
    scheme, _, encoded = header.partition(b" ")
    try:
        if scheme.lower() == b"basic" and len(encoded) <= _LONGEST:
            username, colon, password = b64decode(encoded.strip(), validate=True).decode().partition(":")
            if colon and "\0" not in username and "\0" not in password:
                return username, password
    except (binascii.Error, UnicodeDecodeError):
        pass
    message = "Authentication Error - the Authorization header is not HTTP Basic with a SID and a secret"
    raise Unauthorized(message)
