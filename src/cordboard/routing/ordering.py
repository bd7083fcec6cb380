"""Who is first: tasks for a worker, workers for a task (taskrouter.md 7.2 to 7.4, 5.6).

Tasks. In FIFO queues the higher priority, then the earlier virtual start, then the SID. In LIFO queues the exact reverse
of time, priority ignored. Between the kinds the workspace decides; between queues of one kind nothing does, their tasks
form one order. A task without a queue (offered to one worker directly) counts as FIFO.

Workers. The clauses of `order_by`, then the longest idle: least recently reserved, never reserved first, then the
elder, then the SID. The idle clock is one for all channels, or the channel's own if it is optimized. A change of
activity does not reset it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from cordboard.routing.expressions.compiler import at
from cordboard.routing.expressions.tokens import ExpressionError, Kind, Step, Token, scan
from cordboard.routing.facts import Order, TaskFact, WorkerFact

TaskKey = tuple[int, int, str] | tuple[int, "_Latest"]
IdleKey = tuple[int, int, str]
Rank = tuple[int, ...]

_NEVER = -1


class _Latest(str):
    """Text that sorts backwards."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


class Clause(NamedTuple):
    """One clause of `order_by`: steps below `worker`."""

    steps: tuple[Step, ...]
    descending: bool


def task_key(task: TaskFact, order: Order) -> TaskKey:
    """The task's place among those in queues of the same kind."""
    if order is Order.FIFO:
        return (-task.priority, task.virtual_start_at, task.sid)
    return (-task.virtual_start_at, _Latest(task.sid))


def idle_key(worker: WorkerFact, last_reserved_us: int | None) -> IdleKey:
    """The worker's place by idleness."""
    return (_NEVER if last_reserved_us is None else last_reserved_us, worker.created_at, worker.sid)


def last_reserved_us(worker: WorkerFact) -> int | None:
    """When he was last reserved on any channel."""
    latest: int | None = None
    for channel in worker.channels.values():
        us = channel.last_reserved_us
        if us is not None and (latest is None or us > latest):
            latest = us
    return latest


def rank(clauses: tuple[Clause, ...], worker_names: Mapping[str, Any]) -> Rank:
    """The worker's place by `order_by`. Integers only; who lacks one is last, ascending or descending."""
    return tuple(number for clause in clauses for number in _place(at(worker_names, clause.steps), clause))


def _place(value: object, clause: Clause) -> tuple[int, int]:
    if not isinstance(value, int) or isinstance(value, bool):
        return (1, 0)
    return (0, -value if clause.descending else value)


def parse_order_by(text: str) -> tuple[Clause, ...]:
    """`worker.a DESC, worker.b.c`: ascending unless said otherwise. Blank is no clause. Raises ExpressionError."""
    tokens, dropped = scan(text)
    if dropped is not None:
        raise dropped
    clauses: list[Clause] = []
    rest = iter(tokens)
    token = next(rest)
    while token.kind is not Kind.END:
        steps = token.value
        if not isinstance(steps, tuple) or steps[0] != "worker" or len(steps) == 1:
            raise _mismatch(token, "a path below worker")
        token = next(rest)
        descending = token.text.upper() == "DESC"
        if descending or token.text.upper() == "ASC":
            token = next(rest)
        clauses.append(Clause(steps[1:], descending))
        if token.kind is Kind.END:
            break
        if token.text != ",":
            raise _mismatch(token, "','")
        token = next(rest)
        if token.kind is Kind.END:
            raise _mismatch(token, "a path below worker")
    return tuple(clauses)


def _mismatch(token: Token, wanted: str) -> ExpressionError:
    return ExpressionError(f"mismatched input {token.shown} expecting {wanted}", token.position)
