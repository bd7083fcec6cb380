"""The one funnel: whatever a call raised becomes ``{code, message, more_info, status}`` and the headers of that refusal."""

import logging
import re

import msgspec

from cordboard.kernel.errors import ApiError, MethodNotAllowed, NotFound, TooManyRequests, Unauthorized, Unavailable

from .calls import Call

Headers = list[tuple[bytes, bytes]]
Answer = tuple[int, Headers, bytes]

CONTENT_TYPE = (b"content-type", b"application/json")
_MORE = "https://www.twilio.com/docs/errors/"
_SHOWN = 512
# The vendor names a resource without the version (twilio-ruby#564); a product's prefix is ours.
_VERSION = re.compile(r"^(?:/[^/]+)??/(?:v\d+|\d{4}-\d\d-\d\d)(?=/)")

logger = logging.getLogger("cordboard.rest")


class WrongVerb(MethodNotAllowed):
    """405 for a path that has other verbs."""

    def __init__(self, verb: str, allowed: str) -> None:
        super().__init__(f"The method {verb} is not allowed on this resource; allowed are {allowed}")
        self.allowed = allowed


def problem(error: Exception, path: str, call: Call) -> Answer:
    """Render an error. One that is no refusal of ours is logged with its stack, under ``call``, and answered 500."""
    if not isinstance(error, ApiError):
        call.status = ApiError.status
        said = call.request_id, call.verb, call.operation
        logger.error("%s %s %s failed", *said, exc_info=error, extra={"facts": call.facts()})
        error = ApiError(f"An internal error occurred; the server's log has it under {call.request_id}")
    message = error.message
    if not message and isinstance(error, NotFound):
        message = f"The requested resource {_VERSION.sub('', path)[:_SHOWN]} was not found"
    headers = [CONTENT_TYPE]
    match error:
        case Unavailable() | TooManyRequests():
            headers.append((b"retry-after", str(error.retry_after_s).encode()))
        case Unauthorized():
            headers.append((b"www-authenticate", b'Basic realm="Twilio API"'))
        case WrongVerb():
            headers.append((b"allow", error.allowed.encode()))
        case _:
            pass
    body = {"code": error.code, "message": message, "more_info": f"{_MORE}{error.code}", "status": error.status}
    return error.status, headers, msgspec.json.encode(body)
