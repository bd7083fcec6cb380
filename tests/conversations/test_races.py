"""Many callers at once: a rule that one caller sees is a rule for all of them."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from twilio.rest.conversations.v1 import V1

from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard

WRITERS = 32
CUSTOMER, SHOP = "+15551230000", "+15559990000"
BINDING = {"MessagingBinding.Address": CUSTOMER, "MessagingBinding.ProxyAddress": SHOP}


def at_once(call: Callable[[int], Answer], times: int = WRITERS) -> list[Answer]:
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(call, range(times)))


def statuses(answers: list[Answer]) -> Counter[tuple[int, int | None]]:
    return Counter((answer.status, answer.json.get("code")) for answer in answers)


def test_32_writers_leave_no_gap_and_no_double_in_the_index(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create().sid
    times = WRITERS * 4
    answers = at_once(
        lambda number: cordboard.http.post(f"/v1/Conversations/{room}/Messages", {"Body": str(number)}), times
    )
    assert statuses(answers) == {(201, None): times}
    assert sorted(answer.json["index"] for answer in answers) == list(range(times))
    listed = {message.index: message.body for message in api.conversations(room).messages.list()}
    assert listed == {answer.json["index"]: answer.json["body"] for answer in answers}


def test_of_many_who_bind_an_address_pair_one_wins_and_the_others_hear_of_it(cordboard: Cordboard, api: V1) -> None:
    rooms = [api.conversations.create().sid for _ in range(WRITERS)]
    answers = at_once(lambda number: cordboard.http.post(f"/v1/Conversations/{rooms[number]}/Participants", BINDING))
    assert statuses(answers) == {(201, None): 1, (409, 50416): WRITERS - 1}
    (winner,) = [answer.json["conversation_sid"] for answer in answers if answer.status == 201]
    sentence = f"A binding for this participant and proxy address already exists in Conversation {winner}"
    assert {answer.json["message"] for answer in answers if answer.status == 409} == {sentence}
    (found,) = api.participant_conversations.list(address=CUSTOMER)
    assert found.conversation_sid == winner


def test_of_many_who_join_by_one_identity_one_wins_and_one_user_is_made(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create().sid
    answers = at_once(lambda _: cordboard.http.post(f"/v1/Conversations/{room}/Participants", {"Identity": "ana"}))
    assert statuses(answers) == {(201, None): 1, (409, 50433): WRITERS - 1}
    assert len(api.users.list()) == 1
    assert len(api.conversations(room).participants.list()) == 1


def test_of_many_who_want_a_unique_name_one_gets_it(cordboard: Cordboard, api: V1) -> None:
    answers = at_once(lambda _: cordboard.http.post("/v1/Conversations", {"UniqueName": "room"}))
    assert statuses(answers) == {(201, None): 1, (409, 50353): WRITERS - 1}
    assert [found.unique_name for found in api.conversations.list()] == ["room"]


def test_of_many_who_close_a_conversation_one_does(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create().sid
    answers = at_once(lambda _: cordboard.http.post(f"/v1/Conversations/{room}", {"State": "closed"}))
    assert statuses(answers) == {(200, None): 1, (400, 50377): WRITERS - 1}
    events = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": room}).json["events"]
    assert [event["type"] for event in events] == ["conversation.added", "conversation.state.updated"]


def test_nobody_speaks_after_the_closing(cordboard: Cordboard, api: V1) -> None:
    room = api.conversations.create().sid

    def act(number: int) -> Answer:
        if number == WRITERS // 2:
            return cordboard.http.post(f"/v1/Conversations/{room}", {"State": "closed"})
        return cordboard.http.post(f"/v1/Conversations/{room}/Messages", {"Body": str(number)})

    said = [answer for answer in at_once(act) if answer.status == 201]
    events = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    types = [event["type"] for event in events]
    assert types[-1] == "conversation.state.updated"
    assert types.count("message.added") == len(said) == len(api.conversations(room).messages.list())
