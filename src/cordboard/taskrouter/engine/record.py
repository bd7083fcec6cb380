"""Recording what happens in a workspace.

Types are the vendor's (taskrouter.md 8.4). A change for which the vendor has no event is recorded all the same, for the feed is how
other nodes learn of it: ``task-queue.updated`` (anything but the expression) and ``worker.updated`` (the name).
"""

from collections.abc import Iterator

import msgspec

from cordboard.events.record import JOURNAL_FEED, Event
from cordboard.storage.unit import Unit

PRODUCT = "taskrouter"

# What the vendor has no events for, so that callers are not told of it.
NOT_TOLD = frozenset(("task-queue.updated", "worker.updated"))


class _Row(msgspec.Struct, frozen=True):
    sid: str


class _Facts(msgspec.Struct, frozen=True):
    """The facts of an event that are rows by which tasks are routed."""

    workspace: _Row | None = None
    activity: _Row | None = None
    task_channel: _Row | None = None
    task_queue: _Row | None = None
    worker: _Row | None = None
    task: _Row | None = None


_facts = msgspec.json.Decoder(_Facts).decode


def happened(
    unit: Unit,
    type_: str,
    *,
    account_sid: str,
    workspace_sid: str,
    resource_sid: str,
    related: tuple[str, ...] = (),
    **facts: object,
) -> None:
    """Say that something happened in a workspace. ``facts`` are the resources as this unit leaves them, and what names them."""
    unit.append(
        JOURNAL_FEED,
        Event(
            account_sid=account_sid,
            product=PRODUCT,
            type=type_,
            scope_sid=workspace_sid,
            resource_sid=resource_sid,
            at=unit.now,
            facts=facts,
            related=related,
        ),
    )


def rows_named(event: Event) -> Iterator[tuple[str, str]]:
    """Which rows an event is about, each by the name of its fact and its SID."""
    facts = _facts(event.data)
    for name in _Facts.__struct_fields__:
        if (row := getattr(facts, name)) is not None:
            yield name, row.sid
