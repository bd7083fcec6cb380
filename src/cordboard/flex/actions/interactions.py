"""Interactions: create, fetch, update."""

from msgspec import UNSET, UnsetType

from cordboard.conversations.model import Participant
from cordboard.flex.engine.conversing import prepare
from cordboard.flex.engine.inviting import invite
from cordboard.flex.engine.joining import join
from cordboard.flex.engine.recording import happened
from cordboard.flex.model import (
    ChannelStatus,
    Initiator,
    Interaction,
    InteractionChannel,
    ParticipantType,
    RoutedInteraction,
)
from cordboard.flex.store import channels, invites
from cordboard.flex.store.channels import CHANNELS
from cordboard.flex.store.interactions import INTERACTIONS, own
from cordboard.flex.wire.codes import CHANNEL_INVALID, VALIDATION, missing
from cordboard.flex.wire.interactions import CreateInteraction, OneInteraction, UpdateInteraction
from cordboard.flex.wire.routing import Routing
from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid
from cordboard.storage.unit import Unit, View
from cordboard.taskrouter.actions import tasks


async def create(unit: Unit, caller: Caller, form: CreateInteraction) -> RoutedInteraction:
    """``POST /Interactions``: conversation, channel, participants, task and invite, all in this unit.

    Raises Invalid and Conflict with the codes of flex-interactions.md 12.4, and then nothing was made.
    """
    wanted = form.channel
    if wanted.sid is not None:
        return await _invite_again(unit, caller, wanted.sid, form)
    if wanted.type is None:
        raise missing("Channel.type", CHANNEL_INVALID)
    if wanted.initiated_by is None:
        raise missing("Channel.initiated_by", CHANNEL_INVALID)
    if form.routing is UNSET:
        raise missing("Routing", VALIDATION)
    if wanted.initiated_by is Initiator.AGENT:
        _refuse_without_agent(form.routing)
    conversation, customers = await prepare(unit, caller.account_sid, wanted)
    interaction = unit.insert(
        INTERACTIONS,
        Interaction(
            sid=unit.sid("KD"),
            version=1,
            account_sid=caller.account_sid,
            context_sid=form.interaction_context_sid or None,
            webhook_ttid=form.webhook_ttid or None,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    channel = unit.insert(
        CHANNELS,
        InteractionChannel(
            sid=unit.sid("UO"),
            version=1,
            account_sid=caller.account_sid,
            interaction_sid=interaction.sid,
            type=wanted.type,
            initiated_by=wanted.initiated_by,
            status=ChannelStatus.ACTIVE,
            conversation_sid=conversation.sid,
            business_address=wanted.properties.business_address or _proxy_of(customers),
            business_name=wanted.properties.business_name,
            error_code=None,
            error_message=None,
            created_at=unit.now,
            updated_at=unit.now,
        ),
    )
    happened(unit, "interaction.created", channel, interaction.sid, interaction=interaction)
    happened(unit, "channel.created", channel, channel.sid)
    for customer in customers:
        join(unit, channel, ParticipantType.CUSTOMER, customer)
    invited = await invite(unit, channel, form.routing)
    happened(unit, "channel.status.updated", channel, channel.sid)
    return RoutedInteraction(interaction, channel, invited.task)


async def fetch(view: View, caller: Caller, form: OneInteraction) -> RoutedInteraction:
    """``GET /Interactions/{Sid}``, with the newest task as it is now."""
    interaction = await own(view, caller.account_sid, form.sid)
    return await _routed(view, interaction, await channels.of_interaction(view, interaction.sid))


async def update(unit: Unit, caller: Caller, form: UpdateInteraction) -> RoutedInteraction:
    """``POST /Interactions/{Sid}``: another webhook."""
    interaction = await own(unit, caller.account_sid, form.sid)
    channel = await channels.of_interaction(unit, interaction.sid)
    return await _routed(unit, _named(unit, interaction, channel, webhook_ttid=form.webhook_ttid), channel)


async def _invite_again(unit: Unit, caller: Caller, channel_sid: str, form: CreateInteraction) -> RoutedInteraction:
    """``Channel.sid``: the interaction is there; with ``Routing`` an agent is invited to it."""
    channel = await unit.get(CHANNELS, channel_sid)
    if channel is None or channel.account_sid != caller.account_sid:
        raise Invalid(f"Invalid parameter Channel.sid: there is no channel {channel_sid}", code=CHANNEL_INVALID)
    interaction = _named(
        unit,
        await own(unit, caller.account_sid, channel.interaction_sid),
        channel,
        context_sid=form.interaction_context_sid,
        webhook_ttid=form.webhook_ttid,
    )
    if form.routing is UNSET:
        return await _routed(unit, interaction, channel)
    invited = await invite(unit, channel, form.routing)
    return RoutedInteraction(interaction, channel, invited.task)


def _named(unit: Unit, interaction: Interaction, channel: InteractionChannel, **names: str | UnsetType) -> Interaction:
    """The interaction with the context and webhook that this call names; what it does not name stays."""
    changes = {key: name for key, name in names.items() if name not in {UNSET, getattr(interaction, key)}}
    if not changes:
        return interaction
    interaction = unit.update(INTERACTIONS, interaction, **changes)
    happened(unit, "interaction.updated", channel, interaction.sid, interaction=interaction)
    return interaction


async def _routed(view: View, interaction: Interaction, channel: InteractionChannel) -> RoutedInteraction:
    newest = await invites.newest(view, channel.sid)
    task = await tasks.find(view, interaction.account_sid, newest.task_sid) if newest is not None else None
    return RoutedInteraction(interaction, channel, task)


def _refuse_without_agent(routing: Routing) -> None:
    """An agent's own interaction is for that agent."""
    if routing.properties.queue_sid is None:
        raise missing("Routing.properties.queue_sid", VALIDATION)
    if routing.properties.worker_sid is None:
        raise missing("Routing.properties.worker_sid", VALIDATION)


def _proxy_of(customers: list[Participant]) -> str | None:
    return next((one.proxy_address for one in customers if one.proxy_address is not None), None)
