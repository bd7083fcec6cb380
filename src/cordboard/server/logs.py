"""What the server says to its operator, a line a record: JSON for machines, or text.

The rooms log with the standard library's ``logging``. What a line tells besides its sentence is ``extra={"facts": {...}}``:
names and SIDs, never a secret, a header, or what customers and programs wrote. Libraries are heard from WARNING on only: below
that, HTTP clients tell their headers. Stacks are printed without the values of variables, for those hold everything.

Why not structlog: importing it takes 150 ms of a start that may take 600, for it loads rich and pygments; a line through its
``ProcessorFormatter`` takes 14 µs, and one of these 6 (docs/decisions/0018).
"""

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from cordboard.kernel.clock import MILLISECONDS, iso
from cordboard.kernel.settings import LogFormat, Mode, Settings
from cordboard.rest.calls import Call

# PostgreSQL quotes the row that it refuses, and its driver the value that it cannot send.
_QUOTING = "asyncpg."
_SERVER = logging.getLogger("cordboard")
_CALLS = logging.getLogger("cordboard.calls")


@contextmanager
def written(settings: Settings) -> Iterator[None]:
    """Write the log of this process to standard error, until the server has ended."""
    root = logging.getLogger()
    before = list(root.handlers)
    configure(settings)
    try:
        yield
    finally:
        # Who runs a server in a process of their own gets back what wrote their log.
        root.handlers[:] = before


def configure(settings: Settings) -> None:
    """Write the log of this process to standard error from now on."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(settings))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    _SERVER.setLevel(level)
    # Nobody reads them, and finding them out is a third of what a record costs.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


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
    time, level, logger, message, *more = line.items()
    facts = " ".join(f"{name}={_shown(value)}" for name, value in more if name != "stack")
    said = f"{time[1]} {level[1]:<8}{logger[1]}: {message[1]} {facts}".rstrip()
    return f"{said}\n{line['stack']}" if "stack" in line else said


def _shown(value: object) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)
