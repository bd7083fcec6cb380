"""The five headers that let a page of another origin call (design D11).

By default every origin may, without cookies: the API is opened by a secret in a header, which a page must know. Where origins
are configured, the caller's is said back if it is one of them, with credentials; to any other, and to a caller without an
origin, the first one is said, which a browser takes for a no.
"""

from collections.abc import Iterable

from .problems import Headers

_REQUEST = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Unmodified-Since, "
    "X-Twilio-Webhook-Enabled"
)
_ANSWER = "ETag, Idempotent-Replayed, Retry-After, Twilio-Request-Id"
_PREFLIGHT_S = 600


class Cors:
    """The headers of one server."""

    def __init__(self, origins: Iterable[str], verbs: Iterable[str]) -> None:
        self._rest: Headers = [
            (b"access-control-allow-methods", ", ".join(sorted({*verbs, "HEAD", "OPTIONS"})).encode()),
            (b"access-control-allow-headers", _REQUEST.encode()),
            (b"access-control-expose-headers", _ANSWER.encode()),
        ]
        named = [origin.rstrip("/").encode() for origin in origins]
        if not named or b"*" in named:
            self._by_origin = {}
            self._other = self._headers(b"*", credentials=False)
        else:
            self._by_origin = {origin: self._headers(origin, credentials=True) for origin in named}
            self._other = self._by_origin[named[0]]

    def headers(self, origin: bytes | None) -> Headers:
        """The headers of an answer to a request with this Origin. The list is shared: copy it."""
        return self._other if origin is None else self._by_origin.get(origin, self._other)

    @staticmethod
    def preflight() -> Headers:
        """What an answer to OPTIONS has besides: how long a browser may remember it."""
        return [(b"access-control-max-age", str(_PREFLIGHT_S).encode())]

    def _headers(self, origin: bytes, *, credentials: bool) -> Headers:
        headers = [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-credentials", b"true" if credentials else b"false"),
            *self._rest,
        ]
        if credentials:
            headers.append((b"vary", b"Origin"))
        return headers
