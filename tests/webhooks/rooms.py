"""Conversations whose webhooks go to the receiver."""

from typing import Any
from urllib.parse import urlsplit

from twilio.rest.conversations.v1 import V1

from cordboard.conversations.wire.webhooks import EventName
from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from tests.webhooks.receiver import HostileReceiver

EVERY = [name.value for name in EventName]
OF_SERVICES = [name for name in EVERY if not name.startswith("onUser")]
TOLD: dict[str, Any] = {"x_twilio_webhook_enabled": "true"}
CUSTOMER, SHOP = "+15551230000", "+15559990000"


def api_of(cordboard: Cordboard) -> V1:
    return cordboard.client.conversations.v1


def configure(cordboard: Cordboard, receiver: HostileReceiver, *filters: str, **more: Any) -> None:
    """Have the account tell ``/post`` and ask ``/pre``."""
    more = {"pre_webhook_url": f"{receiver.url}/pre", "post_webhook_url": f"{receiver.url}/post", **more}
    api_of(cordboard).configuration.webhooks().update(filters=[*filters] or EVERY, **more)


def delete(cordboard: Cordboard, resource: Any) -> Answer:
    """Delete what the official client shows and have it told; the client itself loses the header of a DELETE."""
    parts = urlsplit(resource.url)
    headers = {"X-Twilio-Webhook-Enabled": "true"}
    return cordboard.http.delete(parts.path, host=str(parts.hostname).partition(".")[0], headers=headers)


def types(receiver: HostileReceiver, path: str = "/post") -> list[str]:
    """The events that came, in their order."""
    return [call.form["EventType"] for call in receiver.calls if call.path == path]


def form_of(receiver: HostileReceiver, type_: str) -> dict[str, str]:
    (form,) = [form for form in receiver.forms if form["EventType"] == type_]
    return form
