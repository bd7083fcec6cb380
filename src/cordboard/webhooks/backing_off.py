"""When a delivery that failed is tried again, and how long a receiver is left alone.

The first minute, in which the order is kept, has four tries; then they thin out to one in ten minutes. Waits are half fixed and
half by chance, so that what failed together does not come back together.
"""

from cordboard.kernel.clock import MILLISECONDS

# How long a failing delivery holds back those behind it.
HOLDS_MS = 60 * MILLISECONDS
# It is tried again for at least this long, however late its first attempt was: server and receiver may have been away together.
RETRIED_MS = 10 * 60 * MILLISECONDS

_FIRST_MS = 1 * MILLISECONDS
_FACTOR = 4
_MOST_MS = 15 * 60 * MILLISECONDS
_DOUBLINGS = 20
_QUIET_FIRST_MS = 500
_QUIET_MOST_MS = 60 * MILLISECONDS
_MOST_ASKED_S = 3600


def wait_ms(attempts: int, fraction: float, retry_after_s: int | None = None) -> int:
    """Until the next try of a delivery that has failed so often; ``fraction`` in [0, 1). A receiver may ask for more, up to an hour."""
    longest = min(_FIRST_MS * _FACTOR ** min(attempts - 1, _DOUBLINGS), _MOST_MS)
    asked = min(retry_after_s or 0, _MOST_ASKED_S) * MILLISECONDS
    return max(_jittered(longest, fraction), asked)


def quiet_ms(failures: int, fraction: float) -> int:
    """How long a receiver is left alone after so many failures with no success between them. One alone is no reason."""
    if failures < 2:  # noqa: PLR2004 - see above
        return 0
    return _jittered(min(_QUIET_FIRST_MS * 2 ** min(failures - 2, _DOUBLINGS), _QUIET_MOST_MS), fraction)


def _jittered(longest: int, fraction: float) -> int:
    return int(longest * (1 + fraction) / 2)
