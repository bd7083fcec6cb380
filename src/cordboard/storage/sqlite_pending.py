"""A unit in SQLite's queue, from the call until its answer.

Two kinds of callers wait for it. Most want to know that it is on disk. Who *begins* one goes on as soon as it is carried out, and
hears later whether that came true. What he was told cannot be taken back, so such a unit never runs a second time: if it cannot be
written as it was told, it is refused.
"""

import asyncio
from typing import Any

import msgspec

from .port import Begun, Work
from .writes import WriteSet


class Pending(msgspec.Struct):
    """A unit that waits for its turn, then for its group. ``told`` is for who began it; one who only runs it has none."""

    work: Work[Any]
    answer: "asyncio.Future[Any]"
    told: "asyncio.Future[Begun[Any]] | None" = None
    runs: int = 0
    result: Any = None
    refusal: BaseException | None = None
    collected: WriteSet | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether somebody still waits for it."""
        return not self.answer.cancelled() and (self.told is None or not self.told.cancelled())

    @property
    def is_told(self) -> bool:
        """Whether its caller has gone on with what it would change."""
        return self.told is not None and self.told.done()

    def tell(self) -> None:
        """It is carried out: who only began it goes on."""
        if self.told is not None:
            self.told.set_result(Begun(self.result, self.answer))

    def end(self) -> None:
        """Answer whoever waits for it."""
        waits = self.told if self.told is not None and not self.told.done() else self.answer
        if waits.done() or not self.is_wanted:
            return
        if self.refusal is not None:
            waits.set_exception(self.refusal)
        else:
            waits.set_result(self.result)
