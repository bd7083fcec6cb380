"""What a database counts of itself since it was opened, the same for both kinds."""

from time import perf_counter

from cordboard.kernel.errors import ApiError, Unavailable
from cordboard.kernel.meters import GROUPS, SECONDS, Distribution


class Tally:
    """``done``, ``refused`` and ``failed`` units, by what their callers got; ``reruns`` of units that lost a race.

    A flush puts on disk what a group of units has written: the COMMIT of SQLite, the barrier's of PostgreSQL. ``group`` is how
    many callers waited for each, ``flush_s`` how long it took.
    """

    def __init__(self) -> None:
        self.done = 0
        self.refused = 0
        self.failed = 0
        self.reruns = 0
        self.failed_flushes = 0
        self.group = Distribution(GROUPS)
        self.flush_s = Distribution(SECONDS)

    def ended(self, error: BaseException | None) -> None:
        """Count a unit by what it raised: a rule refuses it, the outside or a bug lets it fail."""
        if error is None:
            self.done += 1
        elif isinstance(error, ApiError) and not isinstance(error, Unavailable):
            self.refused += 1
        else:
            self.failed += 1

    def flushed(self, waiting: int, began: float) -> None:
        """Count a flush for which so many waited since ``began`` (of ``perf_counter``)."""
        self.group.add(waiting)
        self.flush_s.add(perf_counter() - began)
