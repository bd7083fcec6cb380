"""What is over goes when its time has come, in little units, and the feed stays whole."""

from typing import Any

import msgspec
import pytest

from cordboard.conversations.model import Message
from cordboard.conversations.store.messages import MESSAGES
from cordboard.events.journal import JOURNAL
from cordboard.server.compose import System, compose
from cordboard.storage.slices import ROWS
from cordboard.storage.unit import Unit
from cordboard.storage.writes import Settled
from cordboard.testkit.running import Cordboard
from tests.flex.contact_center import ContactCenter

HOUR = 3600
EVERYTHING = ("keep_conversations", "keep_events", "keep_interactions", "keep_tasks")


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


def restart(cordboard: Cordboard, **settings: str) -> None:
    """As an operator does after a change of settings."""

    async def again(system: System) -> System:
        await system.settled()
        await system.stop()
        started = await compose(msgspec.structs.replace(system.settings, **settings), system.ports)
        await started.start()
        return started

    cordboard.system = cordboard.call(again(cordboard.system))
    cordboard.settled()


def events(cordboard: Cordboard) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    return found


def served_customer(center: ContactCenter, address: str, worker: Any) -> tuple[Any, Any, Any]:
    """A conversation, its interaction and its task, all of them over."""
    conversation = center.conversation(address)
    conversation.messages.create(author=address, body="My bell is broken")
    interaction = center.inbound(conversation)
    center.accept(worker)
    center.channel(interaction).update(status="closed", routing={"status": "closed"})
    return conversation, interaction, center.task(interaction)


def status(cordboard: Cordboard, path: str) -> int:
    return cordboard.http.get(path).status


def test_what_is_over_goes_when_its_time_has_come_and_what_goes_on_stays(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    worker = center.hire("ana")
    conversation, interaction, task = served_customer(center, "+12025550143", worker)
    waiting = center.conversation("+12025550144")
    open_interaction = center.inbound(waiting)
    center.accept(worker)
    over = [
        f"/conversations/v1/Conversations/{conversation.fetch().sid}",
        f"/flex-api/v1/Interactions/{interaction.sid}",
        f"/taskrouter/v1/Workspaces/{center.sid}/Tasks/{task.fetch().sid}",
    ]
    going_on = [
        f"/conversations/v1/Conversations/{waiting.fetch().sid}",
        f"/flex-api/v1/Interactions/{open_interaction.sid}",
        f"/taskrouter/v1/Workspaces/{center.sid}/Tasks/{center.task(open_interaction).fetch().sid}",
    ]
    offers = f"/taskrouter/v1/Workspaces/{center.sid}/Workers/{worker.fetch().sid}/Reservations"
    newest = events(cordboard)[-1]["position"]

    restart(cordboard, **dict.fromkeys(EVERYTHING, "3h"))
    cordboard.clock.advance(2 * HOUR)
    assert [status(cordboard, path) for path in over + going_on] == [200] * 6
    cordboard.clock.advance(2 * HOUR)
    assert [status(cordboard, path) for path in over + going_on] == [404] * 3 + [200] * 3
    assert [one["task_sid"] for one in cordboard.http.get(offers).json["reservations"]] == [
        center.task(open_interaction).fetch().sid
    ]
    # What one call recorded goes as a whole.
    left = events(cordboard)
    assert left[-1]["position"] == newest
    assert {one["date_created"] for one in left} == {left[-1]["date_created"]}
    # Routing and recording go on as if nothing had been.
    center.inbound(center.conversation("+12025550145"))
    center.accept(center.hire("bob"))
    first = left[0]["position"]
    assert [one["position"] for one in events(cordboard)] == list(range(first, first + len(events(cordboard))))


def test_an_interaction_is_shown_without_the_task_and_the_conversation_that_went_before_it(
    cordboard: Cordboard,
) -> None:
    center = ContactCenter(cordboard)
    _, interaction, _ = served_customer(center, "+12025550143", center.hire("ana"))
    cordboard.clock.advance(2 * HOUR)
    restart(cordboard, keep_tasks="1h", keep_conversations="1h")
    path = f"/flex-api/v1/Interactions/{interaction.sid}"
    assert cordboard.http.get(path).json["sid"] == interaction.sid
    (channel,) = cordboard.http.get(f"{path}/Channels").json["channels"]
    assert channel["status"] == "closed"
    for end in ("", "/Participants", "/Invites"):
        assert status(cordboard, f"{path}/Channels/{channel['sid']}{end}") == 200


def test_nothing_but_tasks_goes_unless_a_setting_says_so(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    conversation, interaction, task = served_customer(center, "+12025550143", center.hire("ana"))
    before = len(events(cordboard))
    cordboard.clock.advance(299)
    assert task.fetch().assignment_status == "completed"
    path = f"/taskrouter/v1/Workspaces/{center.sid}/Tasks/{task.fetch().sid}"
    cordboard.clock.advance(400 * 24 * HOUR)
    assert conversation.fetch().state == "closed"
    assert status(cordboard, path) == 404
    assert center.interactions(interaction.sid).fetch().sid == interaction.sid
    assert len(events(cordboard)) == before


def long_conversation(cordboard: Cordboard, messages: int) -> str:
    """A closed conversation with so many messages; its SID."""
    conversations = cordboard.client.conversations.v1.conversations
    sid: str = conversations.create().sid
    first = conversations(sid).messages.create(author="joni", body="Hello")

    async def more(unit: Unit) -> None:
        told = await unit.get(MESSAGES, first.sid)
        assert isinstance(told, Message)
        for index in range(1, messages):
            unit.insert(MESSAGES, msgspec.structs.replace(told, sid=unit.sid("IM"), message_index=index))

    cordboard.call(cordboard.system.db.run(more))
    conversations(sid).update(state="closed")
    return sid


def slices(cordboard: Cordboard) -> list[Settled]:
    """What later units remove, as they settle."""
    heard: list[Settled] = []

    def hear(settled: Settled) -> None:
        if any(write.table is MESSAGES for write in settled.writes):
            heard.append(settled)

    cordboard.system.db.listen(hear)
    return heard


def test_a_long_conversation_goes_in_slices_that_hold_neither_the_feed_nor_others_and_survives_a_restart(
    cordboard: Cordboard,
) -> None:
    sid = long_conversation(cordboard, 2 * ROWS + 1)
    cordboard.clock.advance(2 * HOUR)
    restart(cordboard, keep_conversations="1h")
    # The first slice was taken at the start, the next ones wait for their pause.
    heard = slices(cordboard)
    assert status(cordboard, f"/conversations/v1/Conversations/{sid}") == 200
    cordboard.clock.advance(1)
    restart(cordboard, keep_conversations="1h")
    heard += slices(cordboard)
    cordboard.clock.advance(10)
    assert status(cordboard, f"/conversations/v1/Conversations/{sid}") == 404
    assert heard
    assert all(len(settled.writes) <= ROWS + 1 and not settled.events for settled in heard)
    assert cordboard.call(cordboard.system.db.read(messages_of)) == []


async def messages_of(view: Any) -> list[Message]:
    found: list[Message] = await view.all(MESSAGES.where())
    return found


def test_a_reader_behind_the_tail_is_told_and_can_begin_anew(cordboard: Cordboard) -> None:
    for name in "abcdef":
        cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": name})
    page = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 2}).json
    going_on = page["meta"]["next_page_url"].removeprefix("http://localhost:8000")
    read = page["events"][-1]["position"]
    cordboard.clock.advance(2 * HOUR)
    cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "young"})
    assert cordboard.http.get(going_on).status == 200

    restart(cordboard, keep_events="1h")
    (young,) = events(cordboard)
    refused = cordboard.http.get(going_on)
    assert (refused.status, refused.json["code"]) == (410, 20410)
    assert f"from position {read + 1} to {young['position'] - 1} were removed" in refused.json["message"]


def test_events_go_from_the_tail_only(cordboard: Cordboard) -> None:
    """A clock that was set back leaves old events behind younger ones: they wait for those."""
    for name in "abc":
        cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": name})
    first, *rest = events(cordboard)

    async def age(unit: Unit) -> None:
        event = await unit.get(JOURNAL, cordboard.account_sid, rest[-2]["position"])
        assert event is not None
        unit.put(JOURNAL, msgspec.structs.replace(event, at=0))

    cordboard.call(cordboard.system.db.run(age))
    restart(cordboard, keep_events="1h")
    # The account itself was born long before the time at which tests begin.
    kept = [one["position"] for one in events(cordboard)]
    assert kept == list(range(kept[0], rest[-1]["position"] + 1))
    assert rest[-2]["position"] in kept
    assert first["position"] <= kept[0]


def test_a_setting_that_is_taken_away_ends_its_sweeps(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    conversation, _, task = served_customer(center, "+12025550143", center.hire("ana"))
    path = f"/taskrouter/v1/Workspaces/{center.sid}/Tasks/{task.fetch().sid}"
    restart(cordboard, keep_tasks="6h", keep_conversations="6h")
    cordboard.clock.advance(1 * HOUR)
    assert status(cordboard, path) == 200
    restart(cordboard, keep_tasks="", keep_conversations="")
    cordboard.clock.advance(24 * HOUR)
    assert conversation.fetch().state == "closed"
    assert status(cordboard, path) == 404
    assert cordboard.system.timers.next_due_at is None
