"""Two real processes on one PostgreSQL: any of them answers anything, and either may be killed, frozen or cut off."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from .load import Load
from .pair import Pair, until

GOES_ON_MS = 5000


def test_what_one_node_makes_the_other_offers_answers_and_shows(pair: Pair) -> None:
    routing = pair.holder()
    here, there = pair.client(routing), pair.client(1 - routing)
    workspace = there.post("/v1/Workspaces", FriendlyName="both", Template="FIFO")
    path = f"/v1/Workspaces/{workspace['sid']}"
    workflow = here.get(f"{path}/Workflows")["workflows"][0]["sid"]
    activities = {found["friendly_name"]: found["sid"] for found in there.get(f"{path}/Activities")["activities"]}
    worker = here.post(f"{path}/Workers", FriendlyName="ana", ActivitySid=activities["Offline"])["sid"]
    channel = {"type": "web", "initiated_by": "api", "participants": [{"identity": "customer"}]}
    properties = {"workspace_sid": workspace["sid"], "workflow_sid": workflow}
    made = there.post("/v1/Interactions", Channel=json.dumps(channel), Routing=json.dumps({"properties": properties}))
    there.post(f"{path}/Workers/{worker}", ActivitySid=activities["Available"])
    offers = f"{path}/Workers/{worker}/Reservations"
    (offer,) = until(lambda: here.get(offers)["reservations"], "no offer")
    assert there.post(f"{offers}/{offer['sid']}", ReservationStatus="accepted")["reservation_status"] == "accepted"
    conversation = json.loads(made["routing"]["properties"]["attributes"])["conversationSid"]
    messages = f"/v1/Conversations/{conversation}/Messages"
    here.post(messages, Body="one", Author="customer")
    there.post(messages, Body="two", Author="ana")
    for client in (here, there):
        assert [found["body"] for found in client.get(messages)["messages"]] == ["one", "two"]
        assert client.get(f"{offers}/{offer['sid']}")["reservation_status"] == "accepted"


@pytest.mark.parametrize("victim", ["the node that routes", "the other node"])
def test_a_node_is_killed_under_load(pair: Pair, victim: str) -> None:
    holder = pair.holder()
    with Load(pair) as load:
        killed_at = pair.now()
        pair.kill(holder if victim == "the node that routes" else 1 - holder)
        load.more(15)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
    assert told.first_offer_after(killed_at) < GOES_ON_MS


def test_a_node_is_frozen_past_its_lease_and_woken_again(pair: Pair) -> None:
    holder = pair.holder()
    with Load(pair) as load:
        pair.freeze(holder)
        pair.expire(holder)
        frozen_at = pair.now()
        load.more(10)
        assert pair.holder() != holder
        pair.wake(holder)
        load.more(15)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])
    assert any(created > frozen_at for created, _ in told.waits_ms)


def test_a_node_loses_all_its_connections_again_and_again(pair: Pair) -> None:
    with Load(pair) as load:
        for _ in range(2):
            assert pair.cut_off(pair.holder())
            load.more(5)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])


def test_both_believe_again_and_again_that_they_hold_the_lease(pair: Pair) -> None:
    with Load(pair) as load:
        for _ in range(5):
            # Who does not hold it takes it within a second; who did hears of that only when it renews it, after three.
            pair.expire(pair.holder(), all_of_it=False)
            load.more(5)
        told = load.finish()
    assert (told.beyond, told.doubled, told.lost) == (0, 0, [])


def test_a_node_that_stops_in_order_gives_its_lease_back_at_once(pair: Pair) -> None:
    holder = pair.holder()
    code, _, complaints = pair.served[holder].stop()
    assert (code, complaints) == (0, "")
    rows = pair.sql("SELECT until - EXTRACT(EPOCH FROM clock_timestamp()) * 1000 FROM leases")
    # The other has taken it already, or nobody has it.
    assert not rows or float(rows[0][0]) > 0
    assert pair.holder() == 1 - holder


def test_the_alarms_of_a_killed_node_ring_at_the_other(pair: Pair) -> None:
    holder = pair.holder()
    here, there = pair.client(holder), pair.client(1 - holder)
    workspace = here.post("/v1/Workspaces", FriendlyName="alarms", Template="FIFO")
    path = f"/v1/Workspaces/{workspace['sid']}"
    task = here.post(f"{path}/Tasks", Attributes="{}", Timeout="1")["sid"]
    pair.kill(holder)
    until(lambda: there.get(f"{path}/Tasks/{task}")["assignment_status"] == "canceled", "the task waits for ever", 4)


def test_writers_of_one_conversation_over_two_nodes_leave_no_gap_in_its_index(pair: Pair) -> None:
    writers, each = 32, 4
    made = pair.client().post("/v1/Conversations", FriendlyName="busy")
    path = f"/v1/Conversations/{made['sid']}/Messages"

    def write(place: int) -> list[int]:
        client = pair.client(place % 2)
        return [client.post(path, Body=f"{place}.{number}")["index"] for number in range(each)]

    with ThreadPoolExecutor(writers) as pool:
        answered = sorted(index for indexes in pool.map(write, range(writers)) for index in indexes)
    assert answered == list(range(writers * each))
    read = [message["index"] for message in pair.client().get(f"{path}?PageSize=1000")["messages"]]
    assert read == answered
