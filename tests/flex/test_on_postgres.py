"""The same rules where units do overlap: a whole server on PostgreSQL, and calls that arrive together."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.testkit.exchange import Answer
from cordboard.testkit.workbench import Workbench
from tests.flex.contact_center import CUSTOMER, INTERACTIONS, PAIR, ContactCenter, bound, opened, people, types

CALLS = 16


@pytest.fixture
def center(cordboard_workbench: Workbench, postgres_database: str) -> Iterator[ContactCenter]:
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        yield ContactCenter(cordboard)


def codes(answers: list[Answer]) -> Counter[int]:
    """How many were answered how: by error code, or by status where there was none."""
    return Counter(answer.json.get("code", answer.status) for answer in answers)


def test_of_many_channels_at_once_on_one_conversation_there_is_one(center: ContactCenter) -> None:
    sid = center.conversation().fetch().sid
    answers = center.all_at_once(CALLS, lambda _: center.create(bound("customer", sid)))
    assert codes(answers) == {201: 1, 45353: CALLS - 1}
    assert len(center.workspace.tasks.list()) == 1


def test_of_many_interactions_at_once_with_one_address_pair_there_is_one(center: ContactCenter) -> None:
    answers = center.all_at_once(CALLS, lambda _: center.create(opened("api", PAIR)))
    assert codes(answers) == {201: 1, 50416: CALLS - 1}
    assert len(center.conversations.list()) == len(center.workspace.tasks.list()) == 1


@pytest.mark.parametrize("number", range(4))
def test_a_conversation_that_is_closed_meanwhile_has_no_open_channel(center: ContactCenter, number: int) -> None:
    sid = center.conversation().fetch().sid

    def call(place: int) -> Answer:
        if place == number % 2:
            return center.create(bound("customer", sid))
        return center.cordboard.http.post(f"/v1/Conversations/{sid}", {"State": "closed"}, host="conversations")

    made = center.all_at_once(2, call)[number % 2]
    if made.status == 201:
        channel = center.interactions(made.json["sid"]).channels(made.json["channel"]["sid"])
        assert channel.fetch().status == "closed"
    else:
        assert made.json["code"] == 45354


def test_of_many_closes_and_invites_at_once_no_invite_outlives_the_channel(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    center.accept(ana)
    channel = f"{INTERACTIONS}/{made.sid}/Channels/{made.channel['sid']}"

    def call(place: int) -> Answer:
        if place % 2:
            return center.cordboard.http.post(f"{channel}/Invites", {"Routing": center.routing()})
        return center.cordboard.http.post(channel, {"Status": "closed", "Routing": {"status": "closed"}})

    found = codes(center.all_at_once(CALLS, call))
    assert found[200] == CALLS // 2
    assert found[201] + found[45354] == CALLS // 2
    statuses = Counter(task.assignment_status for task in center.workspace.tasks.list())
    assert statuses == Counter({"completed": 1, "canceled": found[201]})
    assert people(conversation) == [CUSTOMER]


@pytest.mark.parametrize("number", range(4))
def test_an_agent_who_accepts_while_the_channel_is_closed_is_not_left_in_it(center: ContactCenter, number: int) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    offer = center.offer(ana)
    channel = f"{INTERACTIONS}/{made.sid}/Channels/{made.channel['sid']}"

    def call(place: int) -> Answer:
        if place == number % 2:
            return center.cordboard.http.post(path_of(center, offer), {"ReservationStatus": "accepted"})
        return center.cordboard.http.post(channel, {"Status": "closed", "Routing": {"status": "closed"}})

    answers = center.all_at_once(2, call)
    assert answers[(number + 1) % 2].status == 200
    assert center.channel(made).fetch().status == "closed"
    assert center.task(made).fetch().assignment_status in {"completed", "canceled"}
    assert types(center.channel(made)) == ["customer"]
    assert people(conversation) == [CUSTOMER]


@pytest.mark.parametrize("_number", range(4))
def test_of_two_agents_who_are_done_at_once_the_second_closes_the_channel(center: ContactCenter, _number: int) -> None:
    ana, bob, conversation = center.hire("ana"), center.hire("bob"), center.conversation()
    made = center.inbound(conversation, queue_sid=center.queue.sid, worker_sid=ana.fetch().sid)
    routing = center.routing(queue_sid=center.queue.sid, worker_sid=bob.fetch().sid)
    center.channel(made).invites.create(routing=routing)
    paths = [path_of(center, center.accept(worker)) for worker in (ana, bob)]
    form = {"ReservationStatus": "completed"}
    answers = center.all_at_once(2, lambda place: center.cordboard.http.post(paths[place], form))
    assert [answer.status for answer in answers] == [200, 200]
    assert (center.channel(made).fetch().status, conversation.fetch().state) == ("closed", "closed")


def path_of(center: ContactCenter, offer: Any) -> str:
    found = offer.fetch()
    return f"/v1/Workspaces/{center.sid}/Workers/{found.worker_sid}/Reservations/{found.sid}"
