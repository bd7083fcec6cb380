"""A contact centre in which interactions can be made, and what is asked of it again and again."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard

SHOP, CUSTOMER = "+12025550100", "+12025550143"
PAIR = {"address": CUSTOMER, "proxy_address": SHOP}
INTERACTIONS = "/v1/Interactions"


class ContactCenter:
    """A workspace with the queue and workflow of the FIFO template, without workers."""

    def __init__(self, cordboard: Cordboard) -> None:
        self.cordboard = cordboard
        workspaces = cordboard.client.taskrouter.v1.workspaces
        self.sid: str = workspaces.create(friendly_name="A shop", template="FIFO").sid
        self.workspace = workspaces(self.sid)
        (self.workflow,) = self.workspace.workflows.list()
        (self.queue,) = self.workspace.task_queues.list()
        self.conversations = cordboard.client.conversations.v1.conversations
        self.interactions = cordboard.client.flex_api.v1.interaction

    @cached_property
    def available(self) -> str:
        (activity,) = self.workspace.activities.list(friendly_name="Available")
        sid: str = activity.sid
        return sid

    def hire(self, name: str, **attributes: object) -> Any:
        """An available worker."""
        made = self.workspace.workers.create(
            friendly_name=name, activity_sid=self.available, attributes=json.dumps(attributes)
        )
        return self.workspace.workers(made.sid)

    def routing(self, **properties: object) -> dict[str, Any]:
        return {"properties": {"workspace_sid": self.sid, **properties}}

    def conversation(self, address: str = CUSTOMER) -> Any:
        """A conversation with a customer in it."""
        conversation = self.conversations(self.conversations.create().sid)
        conversation.participants.create(messaging_binding_address=address, messaging_binding_proxy_address=SHOP)
        return conversation

    def inbound(self, conversation: Any, **properties: object) -> Any:
        """An interaction that a customer began by SMS."""
        channel = bound("customer", conversation.fetch().sid)
        return self.interactions.create(channel=channel, routing=self.routing(**properties))

    def create(self, channel: object, routing: object = None, **more: str) -> Answer:
        """``POST /Interactions`` as it goes over the wire."""
        form = {"Channel": channel, "Routing": self.routing() if routing is None else routing, **more}
        return self.cordboard.http.post(INTERACTIONS, {name: value for name, value in form.items() if value != ""})

    def task(self, interaction: Any) -> Any:
        return self.workspace.tasks(interaction.routing["properties"]["sid"])

    def channel(self, interaction: Any) -> Any:
        return self.interactions(interaction.sid).channels(interaction.channel["sid"])

    def offer(self, worker: Any) -> Any:
        """The one offer that a worker has."""
        self.cordboard.settled()
        (offer,) = worker.reservations.list(reservation_status="pending")
        return worker.reservations(offer.sid)

    def accept(self, worker: Any) -> Any:
        offer = self.offer(worker)
        offer.update(reservation_status="accepted")
        return offer

    def events(self, product: str | None = None) -> list[dict[str, Any]]:
        found = self.cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
        return [event for event in found if product in {None, event["product"]}]

    def all_at_once(self, calls: int, call: Callable[[int], Answer]) -> list[Answer]:
        with ThreadPoolExecutor(calls) as threads:
            return list(threads.map(call, range(calls)))


def bound(initiated_by: str, conversation_sid: str, type_: str = "sms") -> dict[str, Any]:
    """``Channel`` on a conversation that is there."""
    return {"type": type_, "initiated_by": initiated_by, "properties": {"media_channel_sid": conversation_sid}}


def opened(initiated_by: str, *participants: Mapping[str, str], type_: str = "sms") -> dict[str, Any]:
    """``Channel`` with a conversation of its own."""
    return {"type": type_, "initiated_by": initiated_by, "participants": list(participants)}


def attributes_of(thing: Any) -> Any:
    """The attributes of the task in an answer of Flex."""
    return json.loads(thing.routing["properties"]["attributes"])


def people(conversation: Any) -> list[str]:
    """Who is in a conversation, by identity or address, in the order of joining."""
    return [one.identity or one.messaging_binding["address"] for one in conversation.participants.list()]


def types(channel: Any) -> list[str]:
    return [one.type for one in channel.participants.list()]
