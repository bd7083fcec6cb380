"""An event loop in a thread of its own, so that tests are plain functions and the server still runs as it does in service."""

import asyncio
import logging
import threading
from collections.abc import Coroutine
from typing import Any, Self, TypeVar

import uvloop

T = TypeVar("T")

_PATIENCE_S = 30.0

_log = logging.getLogger(__name__)


class LoopThread:
    """Runs coroutines for other threads. A context manager; one serves a whole test session."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        self._loop.set_exception_handler(_left_behind)
        self._thread = threading.Thread(target=self._loop.run_forever, name="cordboard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result. Raises what it raises, and TimeoutError after 30 s of real time: then something hangs."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(_PATIENCE_S)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            message = f"the server did not come to an end of {coroutine!r} within {_PATIENCE_S:.0f} s"
            raise TimeoutError(message) from None


def _left_behind(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what a task or a callback raised and nobody awaited."""
    _log.error("%s", context["message"], exc_info=context.get("exception"))
