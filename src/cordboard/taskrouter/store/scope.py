"""Finding a row where the caller may see it: another account's or another workspace's is simply not there.

Two rules keep rows from pointing at what is gone, however many nodes there are. Who deletes something *holds* it first and then
looks who uses it; who begins to use something *guards* it. So one of the two sees the other.
"""

from typing import Any, TypeVar

import msgspec

from cordboard.kernel.errors import NotFound
from cordboard.storage.tables import Table
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.model import Workspace

from .workspaces import WORKSPACES

F = TypeVar("F", bound=msgspec.Struct)


async def within(view: View, table: Table[F], account_sid: str, workspace_sid: str, sid: str) -> F:
    """The row with this SID in this workspace of this account. Raises NotFound."""
    return _visible(await view.get(table, sid), account_sid, workspace_sid)


async def hold(unit: Unit, table: Table[F], account_sid: str, workspace_sid: str, sid: str) -> F:
    """As ``within``, and nobody changes the row or begins to use it before this unit is flushed. Raises NotFound."""
    return _visible((await unit.lock(table, sid)).get(sid), account_sid, workspace_sid)


async def workspace_of(view: View, account_sid: str, sid: str) -> Workspace:
    """The account's workspace with this SID. Raises NotFound."""
    workspace = await view.get(WORKSPACES, sid)
    if workspace is None or workspace.account_sid != account_sid:
        raise NotFound
    return workspace


async def home(unit: Unit, account_sid: str, sid: str) -> Workspace:
    """The workspace in which this unit makes something: it is still there when the unit is flushed. Raises NotFound."""
    workspace = await workspace_of(unit, account_sid, sid)
    unit.guard(WORKSPACES, workspace)
    return workspace


def _visible(fact: F | None, account_sid: str, workspace_sid: str) -> F:
    if fact is None or _place(fact) != (account_sid, workspace_sid):
        raise NotFound
    return fact


def _place(fact: Any) -> tuple[str, str]:  # noqa: ANN401 - every fact of a workspace names its place
    return fact.account_sid, fact.workspace_sid
