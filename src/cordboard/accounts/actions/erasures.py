"""Forgetting a customer: asked for here, done slice by slice by ``server.erasing``, which calls the last three."""

from cordboard.accounts.model import Erasure, ErasureStatus
from cordboard.accounts.store.erasures import ERASURES, OF_ACCOUNT, UNFINISHED
from cordboard.accounts.wire.erasures import CreateErasure, FetchErasure, ListErasures
from cordboard.events.record import record
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid, NotFound
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import Unit, View


async def create(unit: Unit, caller: Caller, form: CreateErasure) -> Erasure:
    """Begin to forget an address or an identity."""
    if (form.address is None) == (form.identity is None):
        raise Invalid("Give Address or Identity, one of the two")
    name = form.address or form.identity or ""
    keyring = unit.ports.keyring
    made = Erasure(
        sid=unit.sid("ER"),
        version=1,
        account_sid=caller.account_sid,
        requested_by=caller.account_sid,
        digest=keyring.digest(name),
        sealed_name=keyring.seal(name),
        status=ErasureStatus.RUNNING,
        step=0,
        behind="",
        counts={},
        completed_at=None,
        created_at=unit.now,
        updated_at=unit.now,
    )
    unit.insert(ERASURES, made)
    _record(unit, "erasure.created", made)
    return made


async def fetch(view: View, caller: Caller, form: FetchErasure) -> Erasure:
    """An erasure of the caller's account."""
    found = await view.get(ERASURES, form.sid)
    if found is None or found.account_sid != caller.account_sid:
        raise NotFound
    return found


async def list_(view: View, caller: Caller, form: ListErasures) -> Slice[Erasure]:
    """The account's erasures, oldest first."""
    return await view.page(OF_ACCOUNT, (caller.account_sid,), form.page)


async def unfinished(view: View) -> list[Erasure]:
    """Those of all accounts that are under way."""
    return await view.all(UNFINISHED)


async def running(unit: Unit, sid: str) -> tuple[Erasure, str] | None:
    """An erasure that is under way and the name that it takes away; None if another node has finished it."""
    found = await unit.get(ERASURES, sid)
    if found is None or found.sealed_name is None:
        return None
    return found, unit.ports.keyring.open(found.sealed_name)


def advance(unit: Unit, erasure: Erasure, kind: str, count: int, behind: str | None) -> None:
    """Note what a slice did; ``behind`` None: this kind is through, the next step begins."""
    counts = erasure.counts | {kind: erasure.counts.get(kind, 0) + count}
    step = erasure.step + (behind is None)
    unit.update(ERASURES, erasure, counts=counts, step=step, behind=behind or "")


def complete(unit: Unit, erasure: Erasure) -> None:
    """Let go of the name, and say in the feed what was done."""
    done = unit.update(
        ERASURES, erasure, status=ErasureStatus.COMPLETED, sealed_name=None, behind="", completed_at=unit.now
    )
    _record(unit, "erasure.completed", done)


def _record(unit: Unit, type_: str, erasure: Erasure) -> None:
    record(
        unit,
        "cordboard",
        type_,
        account_sid=erasure.account_sid,
        scope_sid=erasure.account_sid,
        resource_sid=erasure.sid,
        requested_by=erasure.requested_by,
        subject_digest=erasure.digest,
        counts=erasure.counts,
    )
