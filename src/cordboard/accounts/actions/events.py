"""Looking at what happened."""

from cordboard.accounts.wire.events import ListEvents
from cordboard.events import feed
from cordboard.events.record import Event
from cordboard.kernel.caller import Caller
from cordboard.kernel.pages import Slice
from cordboard.storage.unit import View


async def list_(view: View, caller: Caller, form: ListEvents) -> Slice[Event]:
    """The events of the caller's account in the order in which they were committed."""
    wanted = feed.Wanted(form.resource_sid)
    if form.resource_sid is not None:
        wanted = feed.Wanted(form.resource_sid, keep=lambda event: event.resource_sid == form.resource_sid)
    return await feed.page(view, caller.account_sid, wanted, form.page)
