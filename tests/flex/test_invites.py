import json
from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from tests.flex.contact_center import INTERACTIONS, ContactCenter, attributes_of


def invites_of(interaction: Any) -> str:
    return f"{INTERACTIONS}/{interaction.sid}/Channels/{interaction.channel['sid']}/Invites"


def invite(center: ContactCenter, interaction: Any, routing: object) -> Answer:
    return center.cordboard.http.post(invites_of(interaction), {"Routing": routing} if routing is not None else {})


def test_an_invite_is_a_new_task_on_the_same_channel(center: ContactCenter) -> None:
    made = center.inbound(center.conversation(), attributes={"topic": "refund", "customerName": "Joni"})
    answer = invite(center, made, center.routing(attributes={"topic": "bells", "flexChannelInviteSid": "KG1"}))
    assert answer.status == 201
    invited = answer.json
    assert invited.keys() == {"sid", "interaction_sid", "channel_sid", "routing", "url"}
    assert (invited["interaction_sid"], invited["channel_sid"]) == (made.sid, made.channel["sid"])
    assert invited["url"] == f"http://localhost:8000{invites_of(made)}/{invited['sid']}"
    assert invited["routing"]["properties"].keys() == made.routing["properties"].keys()
    old, new = attributes_of(made), json.loads(invited["routing"]["properties"]["attributes"])
    assert invited["sid"] == new["flexChannelInviteSid"] != old["flexChannelInviteSid"]
    for name in ("flexInteractionSid", "flexInteractionChannelSid", "conversationSid", "conversations", "direction"):
        assert new[name] == old[name]
    assert new["topic"] == "bells"
    assert "customerName" not in new, "attributes of earlier tasks are not carried over"


def test_an_invite_can_be_for_one_agent(center: ContactCenter) -> None:
    bob, ana = center.hire("bob"), center.hire("ana")
    made = center.inbound(center.conversation())
    center.accept(bob)
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=ana.fetch().sid)
    invited = center.channel(made).invites.create(routing=routing)
    assert center.accept(ana).fetch().task_sid == invited.routing["properties"]["sid"]


def test_invites_are_listed_with_their_tasks_as_they_are_now(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    center.accept(center.hire("ana"))
    for _ in range(2):
        center.channel(made).invites.create(routing=center.routing())
    assert center.interactions(made.sid).fetch().sid == made.sid
    first, second, third = center.channel(made).invites.list()
    statuses = [one.routing["properties"]["assignment_status"] for one in (first, second, third)]
    assert statuses == ["assigned", "pending", "pending"]
    center.task(second).delete()
    (_, gone, _) = center.channel(made).invites.list(page_size=1)
    assert (gone.sid, gone.routing) == (second.sid, None)


def test_a_closed_channel_takes_no_invites(center: ContactCenter) -> None:
    made = center.inbound(center.conversation())
    center.channel(made).update(status="closed")
    before = center.events()
    answer = invite(center, made, center.routing())
    assert (answer.status, answer.json["code"]) == (400, 45354)
    again = center.create({"sid": made.channel["sid"]}, center.routing())
    assert (again.status, again.json["code"]) == (400, 45354)
    assert center.events() == before


@pytest.mark.parametrize(
    ("routing", "says"),
    [
        (None, "Missing required parameter Routing"),
        ("", "Invalid parameter Routing"),
        ("null", "Invalid parameter Routing"),
        ({}, "Missing required parameter Routing.properties"),
        ({"properties": {}}, "Missing required parameter Routing.properties.workspace_sid"),
        ({"properties": {"workspace_sid": f"WS{'0' * 32}"}}, "Routing.properties.workspace_sid: there is no"),
        ({"properties": {"workspace_sid": f"WS{'0' * 32}", "attributes": "x"}}, "Routing.properties.attributes"),
    ],
)
def test_an_invite_that_cannot_be_made_changes_nothing(center: ContactCenter, routing: object, says: str) -> None:
    made = center.inbound(center.conversation())
    before = center.events()
    answer = invite(center, made, routing)
    assert (answer.status, answer.json["code"]) == (400, 45004)
    assert says in answer.json["message"]
    assert center.events() == before
