"""What went wrong in the server while a test ran: a caller sees a 500 without a reason, so the reason is kept here."""

import logging
from typing import Self

_SERVER = logging.getLogger("cordboard")


class ServerFault(Exception):
    """The server met something that it does not know: a defect of Cordboard, whatever the test asserts."""


class Faults(logging.Handler):
    """Keeps every traceback that the server logs."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._tracebacks: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def __enter__(self) -> Self:
        _SERVER.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _SERVER.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler. Errors without a traceback are refusals of the outside, such as a full disk."""
        if record.exc_info:
            self._tracebacks.append(self.format(record))

    def take(self) -> list[str]:
        """The tracebacks so far; a test that provokes a fault takes them, and they count no more."""
        taken, self._tracebacks = self._tracebacks, []
        return taken

    def raise_any(self) -> None:
        """Raises ServerFault if anything is left."""
        if taken := self.take():
            raise ServerFault("\n\n".join(taken))
