"""How often a call may be made that the vendor's documents limit.

A bucket for each key holds as many tokens as calls are allowed in a second, and gets them back one by one. Of a bucket only the
time is kept at which it is full again, which says the same. There is a bound to how many are kept: beyond it the one that was used
longest ago is forgotten, as though it were full. Memory of one process: each node counts what it is asked itself.
"""

from cordboard.kernel.clock import MILLISECONDS

MOST = 10_000
_SECOND_US = 1_000_000
_US = _SECOND_US // MILLISECONDS


class Buckets:
    """Buckets by key, for ``most`` keys."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        # Those that were used last stand last.
        self._full_at_us: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._full_at_us)

    def take(self, key: tuple[str, ...], a_second: int, now: int) -> int:
        """Take a token of the key's bucket; 0, or how many milliseconds it takes until there is one."""
        now_us = now * _US
        # A clock that was set back must not keep anybody waiting for longer than an empty bucket does.
        full_at = min(max(self._full_at_us.pop(key, 0), now_us), now_us + _SECOND_US)
        after = full_at + _SECOND_US // a_second
        missing_us = after - now_us - _SECOND_US
        self._full_at_us[key] = full_at if missing_us > 0 else after
        if len(self._full_at_us) > self._most:
            del self._full_at_us[next(iter(self._full_at_us))]
        return -(-max(missing_us, 0) // _US)
