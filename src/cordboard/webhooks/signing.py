"""``X-Twilio-Signature``, as the vendor's own libraries check it (realtime-protocols.md F).

Signed is the URL as the receiver sees it, behind it for a form every parameter's name and value in the order of names. A body of
JSON is signed through the URL: it carries the body's hash.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping

SIGNATURE = "X-Twilio-Signature"
# While an account has a second auth token: the same with that one, for receivers that know it already.
SECONDARY_SIGNATURE = "X-Cordboard-Signature-Secondary"


def signature(token: str, url: str, parameters: Mapping[str, str] | None = None) -> str:
    """The signature of a call; ``parameters`` are those of a form in the body."""
    signed = url + "".join(f"{name}{value}" for name, value in sorted((parameters or {}).items()))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1)).decode()


def with_body_hash(url: str, body: bytes) -> str:
    """The URL that is called with a body of JSON."""
    return f"{url}{'&' if '?' in url else '?'}bodySHA256={hashlib.sha256(body).hexdigest()}"
