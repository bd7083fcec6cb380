"""A customer who is forgotten is in no row, no event and no byte of the database's files; others' data is as it was."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cordboard.cli.main import main
from cordboard.kernel.errors import Unavailable
from cordboard.server.compose import compose
from cordboard.server.preconditions import database_file
from cordboard.storage import slices
from cordboard.testkit.running import Cordboard
from tests.flex.contact_center import SHOP, ContactCenter

CANARY = "+12025550143"
OTHER = "+12025550144"
SECRET = "my cat is called Bellatrix"


@pytest.fixture(params=["sqlite", "postgres"])
def cordboard_database(request: pytest.FixtureRequest) -> str | None:
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_database")
    return url


def erase(cordboard: Cordboard, **whom: str) -> dict[str, Any]:
    """The receipt, when all is done."""
    made = cordboard.http.post("/cordboard/v1/Erasures", {name.title(): value for name, value in whom.items()})
    assert made.status == 201, made.text
    assert made.json["status"] == "running"
    cordboard.settled()
    receipt: dict[str, Any] = cordboard.http.get(f"/cordboard/v1/Erasures/{made.json['sid']}").json
    assert receipt["status"] == "completed"
    return receipt


def on_disk(cordboard: Cordboard) -> bytes:
    """Every byte of the database's files."""
    file = database_file(cordboard.system.settings)
    assert file is not None
    return b"".join(Path(f"{file}{end}").read_bytes() for end in ("", "-wal"))


def everywhere(cordboard: Cordboard) -> str:
    """All that the API shows of an account."""
    shown = [cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).text]
    for conversation in cordboard.client.conversations.v1.conversations.list():
        path = f"/conversations/v1/Conversations/{conversation.sid}"
        shown += [cordboard.http.get(f"{path}{end}").text for end in ("", "/Participants", "/Messages")]
    shown.append(cordboard.http.get("/conversations/v1/Users").text)
    for workspace in cordboard.client.taskrouter.v1.workspaces.list():
        shown.append(cordboard.http.get(f"/taskrouter/v1/Workspaces/{workspace.sid}/Tasks").text)
    return "\n".join(shown)


def story(center: ContactCenter, worker: Any, address: str, secret: str) -> Any:
    """A customer who wrote, was served and noted about; the conversation."""
    conversation = center.conversations(
        center.conversations.create(
            friendly_name=f"With {address}", attributes=json.dumps({"from": f"whatsapp:{address}"})
        ).sid
    )
    conversation.participants.create(
        messaging_binding_address=address,
        messaging_binding_proxy_address=SHOP,
        attributes=json.dumps({"note": secret}),
    )
    conversation.messages.create(author=address, body=secret, attributes=json.dumps({"mood": secret}))
    conversation.messages.create(author="ana", body=f"I will call you at {address}, all right?")
    interaction = center.inbound(conversation, attributes={"customerAddress": address, "note": secret})
    center.accept(worker)
    center.channel(interaction).update(status="closed", routing={"status": "closed"})
    return conversation


def test_a_canary_is_nowhere_afterwards_and_others_are_as_they_were(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    worker = center.hire("ana")
    theirs = story(center, worker, CANARY, SECRET)
    others = story(center, worker, OTHER, "my dog is called Rigel")
    before = cordboard.http.get(f"/conversations/v1/Conversations/{others.fetch().sid}/Messages").text
    messages = theirs.messages.list()

    receipt = erase(cordboard, address=CANARY)
    shown = everywhere(cordboard)
    assert CANARY not in shown
    assert SECRET not in shown
    assert f"erased-{receipt['sid']}" in shown
    after = theirs.messages.list()
    assert [message.index for message in after] == [message.index for message in messages]
    assert [message.body for message in after] == ["", f"I will call you at erased-{receipt['sid']}, all right?"]
    assert (after[0].author, after[0].attributes) == (f"erased-{receipt['sid']}", "{}")

    assert cordboard.http.get(f"/conversations/v1/Conversations/{others.fetch().sid}/Messages").text == before
    assert shown.count("Rigel") > 3
    positions = [
        one["position"] for one in cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    ]
    assert positions == list(range(1, len(positions) + 1))
    if database_file(cordboard.system.settings) is not None:
        files = on_disk(cordboard)
        for canary in (CANARY, SECRET, "Bellatrix"):
            assert canary.encode() not in files
        assert OTHER.encode() in files


def test_the_receipt_tells_what_was_done_when_and_by_whom_and_the_subject_only_as_a_hash(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    story(center, center.hire("ana"), CANARY, SECRET)
    receipt = erase(cordboard, address=CANARY)
    assert receipt["counts"].keys() == {
        "participants", "users", "messages", "conversations", "tasks", "interaction_channels", "events",
        "deliveries",
    }  # fmt: skip
    counts = {kind: count for kind, count in receipt["counts"].items() if kind != "events"}
    assert counts == {
        "participants": 1,
        "users": 0,
        "messages": 2,
        "conversations": 1,
        "tasks": 1,
        "interaction_channels": 0,
        "deliveries": 0,
    }
    assert receipt["counts"]["events"] > 5
    assert receipt["requested_by"] == receipt["account_sid"] == cordboard.account_sid
    assert receipt["date_created"] == receipt["date_completed"] == "2026-01-01T00:00:00Z"
    assert CANARY not in json.dumps(receipt)
    # Who has the key can tell whether somebody was forgotten: the same subject has the same hash.
    again = erase(cordboard, address=CANARY)
    assert again["subject_digest"] == receipt["subject_digest"] != erase(cordboard, address=OTHER)["subject_digest"]
    assert set(again["counts"].values()) == {0}
    listed = cordboard.http.get("/cordboard/v1/Erasures").json["erasures"]
    assert [one["sid"] for one in listed][:2] == [receipt["sid"], again["sid"]]


def test_an_erasure_is_an_event_at_its_beginning_and_its_end(cordboard: Cordboard) -> None:
    receipt = erase(cordboard, identity="joni")
    found = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": receipt["sid"]}).json["events"]
    assert [event["type"] for event in found] == ["erasure.created", "erasure.completed"]
    assert found[-1]["data"]["counts"] == receipt["counts"]
    assert found[-1]["data"]["subject_digest"] == receipt["subject_digest"]


def test_an_identity_is_forgotten_as_a_word_only_and_states_of_the_same_name_stay(cordboard: Cordboard) -> None:
    conversations = cordboard.client.conversations.v1.conversations
    conversation = conversations(conversations.create(unique_name="banana").sid)
    conversation.participants.create(identity="ana")
    conversation.participants.create(identity="active")
    conversation.messages.create(author="joni", body='Ask "ana" or\nana, not Joana')
    name = f"erased-{erase(cordboard, identity='ana')['sid']}"
    assert [one.body for one in conversation.messages.list()] == [f'Ask "{name}" or\n{name}, not Joana']
    assert conversation.fetch().unique_name == "banana"
    assert {one.identity for one in conversation.participants.list()} == {name, "active"}
    assert "ana" not in {one.identity for one in cordboard.client.conversations.v1.users.list()}
    erase(cordboard, identity="active")
    assert conversation.fetch().state == "active"
    events = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    assert {one["data"]["conversation"]["state"] for one in events if "conversation" in one["data"]} == {"active"}


def test_an_open_task_keeps_what_it_is_routed_by(cordboard: Cordboard) -> None:
    center = ContactCenter(cordboard)
    interaction = center.inbound(center.conversation(CANARY), attributes={"topic": "refund", "customerAddress": CANARY})
    receipt = erase(cordboard, address=CANARY)
    attributes = json.loads(center.task(interaction).fetch().attributes)
    assert (attributes["topic"], attributes["customerAddress"]) == ("refund", f"erased-{receipt['sid']}")
    assert center.offer(center.hire("ana")).fetch().task_sid == center.task(interaction).fetch().sid


def test_another_accounts_customer_of_the_same_address_is_not_forgotten_nor_its_receipts_seen(
    cordboard: Cordboard,
) -> None:
    auth = cordboard.add_account("Branch")
    other = cordboard.client_of(*auth).conversations.v1.conversations
    conversation = other(other.create().sid)
    conversation.messages.create(author=CANARY, body=SECRET)
    receipt = erase(cordboard, address=CANARY)
    assert [one.body for one in conversation.messages.list()] == [SECRET]
    assert cordboard.http.get(f"/cordboard/v1/Erasures/{receipt['sid']}", auth=auth).status == 404
    assert cordboard.http.get("/cordboard/v1/Erasures", auth=auth).json["erasures"] == []


@pytest.mark.parametrize(
    "form", [{}, {"Address": CANARY, "Identity": "joni"}, {"Address": ""}, {"Identity": "x" * 257}]
)
def test_whom_to_forget_is_said_in_one_way(cordboard: Cordboard, form: dict[str, str]) -> None:
    assert cordboard.http.post("/cordboard/v1/Erasures", form).status == 400
    assert cordboard.http.get("/cordboard/v1/Erasures").json["erasures"] == []


def test_an_api_key_does_not_erase(cordboard: Cordboard) -> None:
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "CI"}).json
    refused = cordboard.http.post("/cordboard/v1/Erasures", {"Address": CANARY}, auth=(key["sid"], key["secret"]))
    assert refused.status == 403


def test_an_erasure_goes_slice_by_slice_and_goes_on_after_a_restart(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations = cordboard.client.conversations.v1.conversations
    conversation = conversations(conversations.create().sid)
    for _ in range(7):
        conversation.messages.create(author="joni", body=SECRET)
    monkeypatch.setattr(slices, "ROWS", 2)
    scrub, left = cordboard.system.db.scrub, []

    async def fails() -> None:
        left.append("once")
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(cordboard.system.db, "scrub", fails)
    made = cordboard.http.post("/cordboard/v1/Erasures", {"Identity": "joni"}).json

    async def until_it_fails() -> None:
        while not left:
            await cordboard.system.db.run(nothing)

    cordboard.call(until_it_fails())
    path = f"/cordboard/v1/Erasures/{made['sid']}"
    assert cordboard.http.get(path).json["status"] == "running"
    monkeypatch.setattr(cordboard.system.db, "scrub", scrub)

    # Not restart(), which waits until it is done.
    cordboard.call(cordboard.system.stop())
    cordboard.system = cordboard.call(compose(cordboard.system.settings, cordboard.system.ports))
    cordboard.call(cordboard.system.start())
    cordboard.settled()
    receipt = cordboard.http.get(path).json
    assert (receipt["status"], receipt["counts"]["messages"]) == ("completed", 7)
    assert {one.body for one in conversation.messages.list()} == {""}


async def nothing(_unit: object) -> None:
    """A unit that wants nothing."""


def test_the_command_prints_the_receipt(
    cordboard: Cordboard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cordboard.client.conversations.v1.conversations.create(friendly_name=CANARY)
    monkeypatch.setenv("CORDBOARD_ACCOUNT_SID", cordboard.account_sid)
    monkeypatch.setenv("CORDBOARD_AUTH_TOKEN", cordboard.auth_token)
    monkeypatch.setattr(sys, "argv", ["cordboard", "erase", "--address", CANARY, "--url", cordboard.url])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    said = capsys.readouterr().out
    (receipt,) = cordboard.http.get("/cordboard/v1/Erasures").json["erasures"]
    assert receipt["sid"] in said
    assert receipt["subject_digest"] in said
    assert "conversations          1" in said
