"""How events of this product are recorded: in the scope of the interaction, with the channel as it was then.

From these the vendor's interaction webhooks can be told (flex-interactions.md 9.2); ``interaction.updated`` is ours.
"""

from cordboard.events.record import JOURNAL_FEED, Event
from cordboard.flex.model import InteractionChannel
from cordboard.storage.unit import Unit

PRODUCT = "flex"


def happened(unit: Unit, type_: str, channel: InteractionChannel, resource_sid: str, **facts: object) -> None:
    """Record what happened to an interaction's channel, or to somebody or something on it (``facts``)."""
    unit.append(
        JOURNAL_FEED,
        Event(
            account_sid=channel.account_sid,
            product=PRODUCT,
            type=type_,
            scope_sid=channel.interaction_sid,
            resource_sid=resource_sid,
            at=unit.now,
            facts={"channel": channel, **facts},
        ),
    )
