"""The one family of errors that a caller may see.

Each carries the HTTP status, the vendor's code and a sentence; ``rest`` alone turns it into ``{code, message, more_info,
status}``. Sentences that clients parse stand word for word where they are raised (look for their code); all others say which
parameter is wrong and what to do. Codes of ours start at 90001, a range in which the vendor's error dictionary has none.
"""

NOT_BUILT = 90501
BUSY = 90503


class ApiError(Exception):
    """A refusal in the vendor's form. A rule raises it before the unit is flushed, so that a refused call wrote nothing."""

    status = 500
    code = 20500

    def __init__(self, message: str = "", *, code: int | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if status is not None:
            self.status = status


class Invalid(ApiError):
    """400: a parameter is missing, malformed or against a rule."""

    status = 400
    code = 20001


class Unauthorized(ApiError):
    """401: no credentials, or wrong ones."""

    status = 401
    code = 20003


class Forbidden(ApiError):
    """403: good credentials that may not do this."""

    status = 403
    code = 20403


class NotFound(ApiError):
    """404: no such resource in this account. Without a message ``rest`` names the path, as the vendor does."""

    status = 404
    code = 20404


class MethodNotAllowed(ApiError):
    """405: the path exists, the verb does not."""

    status = 405
    code = 20004


class NotAcceptable(ApiError):
    """406: the caller accepts no JSON."""

    status = 406
    code = 20006


class Conflict(ApiError):
    """409: the state of something else forbids it, or the same row is changed again and again by others."""

    status = 409
    code = 20409


class Gone(ApiError):
    """410: it was there, and somebody else has it now or its time was over."""

    status = 410
    code = 20410


class PreconditionFailed(ApiError):
    """412: If-Match names another version. The vendor documents no code for the body (differences.md)."""

    status = 412
    code = 20412


class TooLarge(ApiError):
    """413: the body; a field that is too long is Invalid."""

    status = 413
    code = 20413


class UnsupportedMediaType(ApiError):
    """415: the body is neither a form nor, where the operation wants it, JSON."""

    status = 415
    code = 20415


class Misdirected(ApiError):
    """421: the Host is none that this server answers for (design D11)."""

    status = 421
    code = 20421


class TooManyRequests(ApiError):
    """429 with Retry-After: the vendor's documents allow this call so often a second."""

    status = 429
    code = 20429

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotBuilt(ApiError):
    """501: a part of the vendor's API that Cordboard does not have yet; the sentence names it."""

    status = 501
    code = NOT_BUILT


class Unavailable(ApiError):
    """503 with Retry-After: the outside fails (disk, database) or the server is stopping. Nothing was kept of the call."""

    status = 503
    code = BUSY
    retry_after_s = 1
