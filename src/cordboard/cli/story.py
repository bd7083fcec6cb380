"""What ``cordboard demo`` tells: a customer asks for a refund, and the one agent who may give it answers.

Every call is the official SDK's, and every step asserts what the server then holds, so a server that only pretends cannot tell it.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from rich.console import Console
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

SHOP = "+12025550100"
CUSTOMER = "+12025550143"
SKILLED = 'skills HAS "refunds"'
REFUNDS = 'topic == "refund"'

_PATIENCE_S = 5.0
_LOOK_AGAIN_S = 0.01


class Broken(Exception):
    """A step did not do what it says."""


class Teller:
    """Prints each step with the time it took and what came of it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._number = 0

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """A step; what it appends to the list is printed below its title. Raises Broken after saying why it failed."""
        self._number += 1
        told: list[str] = []
        started = time.perf_counter()
        try:
            yield told
        except (TwilioException, requests.RequestException, Broken, LookupError, TypeError, ValueError) as error:
            self._console.print(f"{self._number:>2}  {title}: this step failed", style="bold red", markup=False)
            self._console.print(f"    {_why(error)}", style="red", markup=False, soft_wrap=True)
            raise Broken(title) from error
        took_ms = (time.perf_counter() - started) * 1000
        self._console.print(f"[bold]{self._number:>2}  {title}[/]  [dim]{took_ms:.0f} ms[/]", soft_wrap=True)
        for line in told:
            self._console.print(f"    {line}", style="dim", markup=False, soft_wrap=True)


def connect(url: str, account_sid: str, auth_token: str) -> Client:
    """The official client. Each product has its own base URL; its prefix tells the server which product is meant."""
    http_client = TwilioHttpClient(timeout=_PATIENCE_S)
    http_client.session.trust_env = False  # a proxy for the outside does not lead to this machine
    client = Client(account_sid, auth_token, http_client=http_client)
    client.flex_api.base_url = f"{url}/flex-api"
    client.taskrouter.base_url = f"{url}/taskrouter"
    client.conversations.base_url = f"{url}/conversations"
    return client


def tell(client: Client, url: str, teller: Teller) -> None:
    """From an empty server to a closed conversation. Raises Broken at the first step that fails."""
    with teller.step("A workspace is made from the FIFO template") as told:
        workspace = client.taskrouter.v1.workspaces.create(friendly_name="Bell shop", template="FIFO")
        activities = {activity.friendly_name: activity.sid for activity in workspace.activities.list()}
        _expect("its activities are", sorted(activities), ["Available", "Offline", "Unavailable"])
        told.append(f"{workspace.sid} with the activities {', '.join(activities)}")

    with teller.step("A queue takes workers by skill, and a workflow leads refunds to it") as told:
        queue = workspace.task_queues.create(friendly_name="Refunds", target_workers=SKILLED)
        filters = [{"expression": REFUNDS, "targets": [{"queue": queue.sid}]}]
        configuration = json.dumps({"task_routing": {"filters": filters}})
        workflow = workspace.workflows.create(friendly_name="By topic", configuration=configuration)
        _expect("the queue takes", workspace.task_queues(queue.sid).fetch().target_workers, SKILLED)
        kept = json.loads(workspace.workflows(workflow.sid).fetch().configuration)
        _expect("the workflow's filters are", kept["task_routing"]["filters"], filters)
        told += [f"{queue.sid} takes workers with {SKILLED}", f"{workflow.sid} leads tasks with {REFUNDS} to it"]

    with teller.step("Two workers are available, one of them with the skill") as told:
        ana = _hire(workspace, "ana", ["orders", "refunds"], activities["Available"])
        bob = _hire(workspace, "bob", ["orders"], activities["Available"])
        ready = [worker.sid for worker in workspace.workers.list(available="true")]
        _expect("the available workers are", sorted(ready), sorted([ana.sid, bob.sid]))
        told += [f"{ana.sid} ana knows orders and refunds", f"{bob.sid} bob knows orders"]

    conversation = _serve(client, workspace, workflow.sid, (ana.sid, bob.sid), teller)

    with teller.step("All of it was recorded") as told:
        answer = client.request("GET", f"{url}/cordboard/v1/Events", params={"PageSize": "1000"})
        _expect("the feed answers with", answer.status_code, 200)
        events = json.loads(answer.text)["events"]
        _expect("their positions are", [event["position"] for event in events], list(range(1, len(events) + 1)))
        recorded = [event["resource_sid"] for event in events]
        said = {message.sid for message in conversation.messages.list()}
        _expect("messages without an event are", said - set(recorded), set())
        told.append(f"{len(events)} events; those since the customer wrote:")
        since = events[recorded.index(conversation.sid) :]
        told += [f"{event['position']:>3}  {event['product']:<13} {event['type']}" for event in since]


def _serve(client: Client, workspace: Any, workflow_sid: str, worker_sids: tuple[str, str], teller: Teller) -> Any:  # noqa: ANN401 - the SDK has no types
    """The customer's side of the story and ana's; returns the conversation."""
    ana_sid, bob_sid = worker_sids
    asked, answered, thanked = "My new bell is broken. May I have my money back?", "It is on its way.", "Thank you!"

    with teller.step("A customer writes to the shop") as told:
        conversation = client.conversations.v1.conversations.create(friendly_name="A broken bell")
        conversation.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=SHOP)
        conversation.messages.create(author=CUSTOMER, body=asked)
        _expect("the messages are", _messages(conversation), [(0, CUSTOMER, asked)])
        told += [f"{conversation.sid} with a participant at {CUSTOMER}, writing to {SHOP}", f'"{asked}"']

    with teller.step("POST /v1/Interactions makes a task of the conversation") as told:
        interaction = client.flex_api.v1.interaction.create(
            channel={"type": "sms", "initiated_by": "customer", "properties": {"media_channel_sid": conversation.sid}},
            routing={
                "properties": {
                    "workspace_sid": workspace.sid,
                    "workflow_sid": workflow_sid,
                    "task_channel_unique_name": "sms",
                    "attributes": {"topic": "refund", "customerName": "Joni"},
                }
            },
        )
        created_at = time.perf_counter()
        snapshot = interaction.routing["properties"]
        _expect("the task's conversation is", json.loads(snapshot["attributes"])["conversationSid"], conversation.sid)
        _expect("the task is in the queue", snapshot["queue_name"], "Refunds")
        told += [interaction.sid, f"{snapshot['sid']} is {snapshot['assignment_status']} in {snapshot['queue_name']}"]
        task = workspace.tasks(snapshot["sid"])

    with teller.step("The task is offered to ana, and not to bob") as told:
        offer = _await_offer(workspace.workers(ana_sid))
        took_ms = (time.perf_counter() - created_at) * 1000
        _expect("the offer is for the task", offer.task_sid, snapshot["sid"])
        _expect("bob's offers are", workspace.workers(bob_sid).reservations.list(), [])
        told.append(f"{offer.sid}, seen {took_ms:.0f} ms after the answer")

    with teller.step("ana accepts and joins the conversation") as told:
        workspace.workers(ana_sid).reservations(offer.sid).update(reservation_status="accepted")
        _expect("the task is", task.fetch().assignment_status, "assigned")
        present = sorted(participant.identity or CUSTOMER for participant in conversation.participants.list())
        _expect("those in the conversation are", present, [CUSTOMER, "ana"])
        told.append(f"the task is assigned; {' and '.join(present)} are in the conversation")

    with teller.step("They write to each other") as told:
        conversation.messages.create(author="ana", body=answered)
        conversation.messages.create(author=CUSTOMER, body=thanked)
        messages = _messages(conversation)
        _expect("the messages are", messages, [(0, CUSTOMER, asked), (1, "ana", answered), (2, CUSTOMER, thanked)])
        told += [f"{index}  {author:<12}  {body}" for index, author, body in messages]

    with teller.step("The channel is closed with Routing.status=closed") as told:
        channels = client.flex_api.v1.interaction(interaction.sid).channels
        (channel,) = channels.list()
        _expect("the channel was", channel.status, "active")
        channels(channel.sid).update(status="closed", routing={"status": "closed"})
        _expect("the channel is", channels(channel.sid).fetch().status, "closed")
        _expect("the task is", task.fetch().assignment_status, "completed")
        _expect("the conversation is", conversation.fetch().state, "closed")
        told.append("channel and conversation are closed, the task is completed")

    return conversation


def _hire(workspace: Any, name: str, skills: list[str], activity_sid: str) -> Any:  # noqa: ANN401 - the SDK has no types
    attributes = json.dumps({"skills": skills})
    return workspace.workers.create(friendly_name=name, attributes=attributes, activity_sid=activity_sid)


def _messages(conversation: Any) -> list[tuple[int, str, str]]:  # noqa: ANN401 - the SDK has no types
    return [(message.index, message.author, message.body) for message in conversation.messages.list()]


def _await_offer(worker: Any) -> Any:  # noqa: ANN401 - the SDK has no types
    until = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < until:
        if offers := worker.reservations.list(reservation_status="pending"):
            return offers[0]
        time.sleep(_LOOK_AGAIN_S)
    raise Broken(f"the worker was offered nothing for {_PATIENCE_S:.0f} s")


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Broken(f"{what} {found!r}, and should be {wanted!r}")


def _why(error: Exception) -> str:
    match error:
        case TwilioRestException():
            return f"{error.method} {urlsplit(error.uri).path} answered {error.status}, code {error.code}: {error.msg}"
        case requests.RequestException():
            return f"the server does not answer: {error}"
        case LookupError() | TypeError() | ValueError():
            return f"an answer does not have the form that it should have: {error!r}"
        case _:
            return str(error)
