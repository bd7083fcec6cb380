"""Every row of the table of faults in docs/interactions.md, provoked.

That nothing is left behind is proved by the product's own tests: tests/flex.
"""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from tests.docs.pages import table
from tests.flex.contact_center import PAIR, ContactCenter, bound, opened

NOBODY = "0" * 32
JONI, KIM = {"identity": "joni"}, {"identity": "kim"}


class Center(ContactCenter):
    """With an interaction whose channel is open and has ``joni`` on it, once somebody asks for its ``path``."""

    @cached_property
    def path(self) -> str:
        made = self.create(opened("api", JONI, type_="web")).json
        return f"/v1/Interactions/{made['sid']}/Channels/{made['channel']['sid']}"

    def post(self, path: str, **form: Any) -> Answer:
        return self.cordboard.http.post(f"/flex-api{path}", form)

    def update(self, **form: Any) -> Answer:
        return self.post(self.path, **form)

    def join(self, **form: Any) -> Answer:
        return self.post(f"{self.path}/Participants", **{"Type": "customer", **form})

    def update_joni(self, *statuses: str) -> Answer:
        """The answer to the last."""
        (joni,) = self.cordboard.http.get(f"/flex-api{self.path}/Participants").json["participants"]
        return [self.post(f"{self.path}/Participants/{joni['sid']}", Status=status) for status in statuses][-1]

    def by_agent(self, *participants: dict[str, str], **properties: str) -> Answer:
        return self.create(opened("agent", *participants), self.routing(**properties))

    def route(self, **properties: object) -> Answer:
        return self.create(opened("api"), self.routing(**properties))

    def closed_conversation(self) -> str:
        sid: str = self.conversations.create().sid
        self.conversations(sid).update(state="closed")
        return sid

    def taken_conversation(self) -> str:
        conversation = self.conversation()
        self.inbound(conversation)
        sid: str = conversation.fetch().sid
        return sid

    def after_a_second_workflow(self) -> "Center":
        configuration = json.dumps({"task_routing": {"default_filter": {"queue": self.queue.sid}}})
        self.workspace.workflows.create(friendly_name="Second", configuration=configuration)
        return self

    def after_the_close(self) -> "Center":
        assert self.update(Status="closed").status == 200
        return self


FAULTS: dict[str, Callable[[Center], list[Answer]]] = {
    "no `Channel`, or it is no JSON object": lambda center: [center.create(text) for text in ("", "[]", "{")],
    "`type` or `initiated_by` missing": lambda center: [
        center.create({"initiated_by": "api"}),
        center.create({"type": "web"}),
    ],
    "`type` or `initiated_by` unknown": lambda center: [
        center.create(opened("api", type_="fax")),
        center.create(opened("chance")),
    ],
    "`customer` without `media_channel_sid`": lambda center: [center.create(opened("customer", JONI))],
    "`agent` with neither `participants` nor `media_channel_sid`": lambda center: [
        center.by_agent(queue_sid=f"WQ{NOBODY}", worker_sid=f"WK{NOBODY}")
    ],
    "the conversation is not there": lambda center: [center.create(bound("api", f"CH{NOBODY}"))],
    "the conversation is closed": lambda center: [center.create(bound("api", center.closed_conversation()))],
    "the conversation of a `customer` has nobody in it": lambda center: [
        center.create(bound("customer", center.conversations.create().sid))
    ],
    "the conversation is on an open channel": lambda center: [center.create(bound("api", center.taken_conversation()))],
    "a participant with both, or neither, of identity and address": lambda center: [
        center.create(opened("api", JONI | PAIR)),
        center.create(opened("api", {})),
        center.join(MediaProperties=KIM | PAIR),
    ],
    "an address that is none": lambda center: [center.create(opened("api", PAIR | {"address": "her telephone"}))],
    "somebody twice in `participants`": lambda center: [center.create(opened("api", JONI, JONI))],
    "the address pair is in another open conversation": lambda center: [
        [center.create(opened("api", PAIR)) for _ in range(2)][-1]
    ],
    "email with participants and without `properties.from`": lambda center: [
        center.create(opened("api", {"address": "joni@example.com"}, type_="email"))
    ],
    "no `Routing`, without `Channel.sid`": lambda center: [center.create(opened("api"), "")],
    "no `workspace_sid`, or none of the account's": lambda center: [
        center.create(opened("api"), {"properties": {}}),
        center.route(workspace_sid=f"WS{NOBODY}"),
    ],
    "no `workflow_sid` with several workflows": lambda center: [center.after_a_second_workflow().route()],
    "`agent` without `queue_sid` or `worker_sid`": lambda center: [
        center.by_agent(JONI, queue_sid=center.queue.sid),
        center.by_agent(JONI, worker_sid=center.hire("ana").fetch().sid),
    ],
    "a queue, worker or task channel that is not there": lambda center: [
        center.route(queue_sid=f"WQ{NOBODY}"),
        center.route(worker_sid=f"WK{NOBODY}"),
        center.route(task_channel_sid=f"TC{NOBODY}"),
        center.route(task_channel_unique_name="email"),
    ],
    "attributes that are no JSON object, or too long": lambda center: [
        center.route(attributes=attributes) for attributes in ("[", "[]", {"note": "x" * 4096})
    ],
    "`InteractionContextSid` or `WebhookTtid` of another form": lambda center: [
        center.create(opened("api"), InteractionContextSid="HQ1"),
        center.create(opened("api"), WebhookTtid="mine"),
    ],
    "a `KD`, `UO` or `UT` that is not there": lambda center: [
        center.post(f"/v1/Interactions/KD{NOBODY}"),
        center.post(f"{center.path[:-34]}UO{NOBODY}", Status="closed"),
        center.post(f"{center.path}/Participants/UT{NOBODY}", Status="closed"),
    ],
    "channel without `Status`": lambda center: [center.update()],
    "channel `Status` other than `closed` and `inactive`": lambda center: [center.update(Status="setup")],
    "channel `Status=inactive` without `Routing`": lambda center: [center.update(Status="inactive")],
    "channel `Status=inactive` with `Routing`": lambda center: [
        center.update(Status="inactive", Routing={"status": "closed"})
    ],
    "an agent, or `RoutingProperties`, by `POST Participants`": lambda center: [
        center.join(Type="agent", MediaProperties=KIM),
        center.join(MediaProperties=KIM, RoutingProperties={}),
    ],
    "an identity that is in the conversation already": lambda center: [center.join(MediaProperties=JONI)],
    "a participant for a closed channel": lambda center: [center.after_the_close().join(MediaProperties=KIM)],
    "an invite to a closed channel": lambda center: [
        center.after_the_close().post(f"{center.path}/Invites", Routing=center.routing())
    ],
    "a participant who has left": lambda center: [center.update_joni("closed", "closed")],
    "`wrapup` of somebody who is no agent": lambda center: [center.update_joni("wrapup")],
    "email in `bcc`, `coordinates` of voice": lambda center: [
        center.join(MediaProperties={"address": "kim@example.com", "level": "bcc"}),
        center.join(MediaProperties={"coordinates": {"from": "client:ana"}}),
    ],
    "transfers, interaction webhooks, web chats": lambda center: [
        center.post(f"{center.path}/Transfers"),
        center.post(f"/v1/Instances/GO{NOBODY}/InteractionWebhooks"),
        center.post("/v2/WebChats"),
    ],
}
ROWS = {row[0]: (int(row[1]), int(row[2])) for row in table("docs/interactions.md", "fault")}


def test_every_row_of_the_table_is_provoked() -> None:
    assert ROWS.keys() == FAULTS.keys()


@pytest.mark.parametrize("row", ROWS)
def test_a_fault_is_answered_with_the_status_and_code_of_its_row(row: str, cordboard: Cordboard) -> None:
    answers = FAULTS[row](Center(cordboard))
    assert answers
    for answer in answers:
        assert (answer.status, answer.json["code"]) == ROWS[row], answer.text
