"""What the server says to its operator, a line a record: JSON for machines, or text.

The rooms log with the standard library's ``logging``. What a line tells besides its sentence is ``extra={"facts": {...}}``:
names and SIDs, never a secret, a header, or what customers and programs wrote. Libraries are heard from WARNING on only: below
that, HTTP clients tell their headers. Stacks are printed without the values of variables, for those hold everything.

The lines of calls that are answered in one turn of the loop are written together, at its end, for handing a line to the system
costs as much as making it. Every other line goes out at once, behind those that wait, so lines stand in the order in which they were
made. A process that is killed, by SIGKILL or the second SIGTERM, takes the lines of one turn with it.

Why not structlog: importing it takes 150 ms of a start that may take 600, for it loads rich and pygments; a line through its
``ProcessorFormatter`` takes 14 µs, and one of these 6 (docs/decisions/0018).
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO

import msgspec

from cordboard.kernel.clock import MILLISECONDS, iso
from cordboard.kernel.settings import LogFormat, Mode, Settings
from cordboard.rest.calls import Call

# PostgreSQL quotes the row that it refuses, and its driver the value that it cannot send.
_QUOTING = "asyncpg."
# What a line of text says without its name.
_UNNAMED = frozenset(("time", "level", "logger", "message", "stack"))
_SERVER = logging.getLogger("cordboard")
_CALLS = logging.getLogger("cordboard.calls")


@contextmanager
def written(settings: Settings) -> Iterator[None]:
    """Write the log of this process to standard error, until the server has ended."""
    root = logging.getLogger()
    before = list(root.handlers)
    handler = configure(settings)
    try:
        yield
    finally:
        handler.flush()
        # Who runs a server in a process of their own gets back what wrote their log.
        root.handlers[:] = before


def configure(settings: Settings) -> logging.Handler:
    """Write the log of this process to standard error from now on."""
    handler = _Handler()
    handler.setFormatter(formatter(settings))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    _SERVER.setLevel(level)
    # Nobody reads them, and finding them out is a third of what a record costs.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    return handler


def formatter(settings: Settings) -> logging.Formatter:
    """What makes a line of a record."""
    is_production = settings.mode is Mode.PRODUCTION
    as_json = is_production if settings.log_format is LogFormat.AUTO else settings.log_format is LogFormat.JSON
    return _Formatter(_json if as_json else _text)


def log_call(call: Call) -> None:
    """The line of a request."""
    if _CALLS.isEnabledFor(logging.INFO):
        # Made by hand: looking up which line of code logs would take as long as all the rest.
        record = logging.LogRecord(_CALLS.name, logging.INFO, "", 0, "answered", None, None)
        record.facts = call.facts()
        _CALLS.handle(record)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to standard error, see the top."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        if record.name == _CALLS.name and self._schedule_write():
            self._held.append(record)
        else:
            self._write_held()
            super().emit(record)

    def flush(self) -> None:
        """See logging.Handler."""
        self._write_held()
        super().flush()

    def _schedule_write(self) -> bool:
        """Have what is held written at the end of this turn of the loop; False if no loop runs here."""
        if not self._held:
            try:
                asyncio.get_running_loop().call_soon(self._write_held)
            except RuntimeError:
                return False
        return True

    def _write_held(self) -> None:
        self.acquire()
        held, self._held = self._held, []
        try:
            if held:
                self.stream.write("".join([self.format(record) + self.terminator for record in held]))
                self.stream.flush()
        except Exception:  # noqa: BLE001 - as logging has it: nobody fails because the log does
            self.handleError(held[-1])
        finally:
            self.release()


class _Formatter(logging.Formatter):
    def __init__(self, render: Callable[[Mapping[str, object]], str]) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        at = round(record.created * MILLISECONDS)
        line: dict[str, object] = {
            "time": f"{str(iso(at))[:-1]}.{at % MILLISECONDS:03}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["stack"] = _stack(record.exc_info[1])
        return self._render(line)


def _stack(error: BaseException) -> str:
    """The error and what led to it, the oldest first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = f"{_stack(cause)}\n\n" if cause is not None else ""
    kind = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    said = "(its sentence may quote rows)" if kind.startswith(_QUOTING) else str(error)
    return f"{before}{''.join(traceback.format_tb(error.__traceback__))}{kind}: {said}"


def _json(line: Mapping[str, object]) -> str:
    return msgspec.json.encode(line).decode()


def _text(line: Mapping[str, object]) -> str:
    said = f"{line['time']} {line['level']:<8}{line['logger']}: {line['message']}"
    for name, value in line.items():
        if name not in _UNNAMED:
            said += f" {name}={','.join(value) if isinstance(value, list) else value}"
    return f"{said}\n{line['stack']}" if "stack" in line else said
