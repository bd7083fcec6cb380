"""Interactions."""

from cordboard.flex.model import Interaction
from cordboard.kernel.errors import NotFound
from cordboard.storage.tables import Table
from cordboard.storage.unit import View

INTERACTIONS = Table("flex_interactions", Interaction)


async def own(view: View, account_sid: str, sid: str) -> Interaction:
    """The account's interaction with this SID. Raises NotFound."""
    interaction = await view.get(INTERACTIONS, sid)
    if interaction is None or interaction.account_sid != account_sid:
        raise NotFound
    return interaction
