"""32 calls with one key that arrive together are done once, and all have the answer of that one; on both databases."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.accounts.actions.kept_answers import forget_expired
from cordboard.storage.unit import Unit
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic, encode
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.taskrouter.scene import Scene

CALLS = 32
ROUNDS = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def cordboard(request: pytest.FixtureRequest, cordboard_workbench: Workbench) -> Iterator[Cordboard]:
    database = request.getfixturevalue("postgres_database") if request.param == "postgresql" else None
    with cordboard_workbench.cordboard(seed=1, database=database) as running:
        yield running


def request(cordboard: Cordboard, host: str, path: str, key: str, form: dict[str, Any]) -> Request:
    headers = [
        (b"host", f"{host}.twilio.com".encode()),
        (b"authorization", basic(cordboard.account_sid, cordboard.auth_token).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"idempotency-key", key.encode()),
    ]
    return Request("POST", "https", path, headers, encode(form).encode())


def together(cordboard: Cordboard, host: str, path: str, *calls: tuple[str, dict[str, Any]]) -> list[Answer]:
    """The answers of POSTs (key, form) that are under way at once."""
    requests = [request(cordboard, host, path, *call) for call in calls]

    async def all_at_once() -> list[Answer]:
        return await asyncio.gather(*(exchange(cordboard.system.app, each) for each in requests))

    return cordboard.call(all_at_once())


def are_one(answers: list[Answer], status: int) -> bool:
    replayed = sum("idempotent-replayed" in answer.headers for answer in answers)
    return len({(answer.status, answer.body) for answer in answers}) == 1 and (
        answers[0].status == status and replayed == len(answers) - 1
    )


def test_duplicates_are_done_once(cordboard: Cordboard) -> None:
    for number in range(ROUNDS):
        calls = [(f"k{number}", {"FriendlyName": "a"})] * CALLS
        assert are_one(together(cordboard, "conversations", "/v1/Conversations", *calls), 201)
    assert len(cordboard.client.conversations.v1.conversations.list()) == ROUNDS


def test_duplicates_that_take_a_name_do_not_refuse_each_other(cordboard: Cordboard) -> None:
    for number in range(ROUNDS):
        calls = [(f"k{number}", {"UniqueName": f"vip {number}"})] * CALLS
        assert are_one(together(cordboard, "conversations", "/v1/Conversations", *calls), 201)
    assert len(cordboard.client.conversations.v1.conversations.list()) == ROUNDS


def test_duplicates_of_a_move_that_is_legal_once_are_all_answered_with_it(cordboard: Cordboard) -> None:
    scene = Scene(cordboard)
    scene.worker("ana")
    offer = scene.offer(scene.task().sid)
    path = f"/v1/Workspaces/{scene.sid}/Tasks/{offer.task_sid}/Reservations/{offer.sid}"
    accepted = together(cordboard, "taskrouter", path, *[("k", {"ReservationStatus": "accepted"})] * CALLS)
    assert are_one(accepted, 200)
    assert scene.events(offer.sid).count("reservation.accepted") == 1


def test_of_two_calls_with_one_key_one_is_done(cordboard: Cordboard) -> None:
    calls = [("k", {"FriendlyName": f"{number % 2}"}) for number in range(CALLS)]
    answers = together(cordboard, "conversations", "/v1/Conversations", *calls)
    assert Counter(answer.status for answer in answers) == {201: CALLS // 2, 409: CALLS // 2}
    assert len(cordboard.client.conversations.v1.conversations.list()) == 1


def test_a_key_that_is_free_again_is_taken_by_one(cordboard: Cordboard) -> None:
    for wait in (0, 24 * 60 * 60):
        # The alarm that removes the first answers rings a moment before the second ones fall due.
        cordboard.clock.advance(wait)
        calls = [(f"k{number % 2}", {"FriendlyName": "a"}) for number in range(CALLS)]
        answers = together(cordboard, "conversations", "/v1/Conversations", *calls)
        assert all(are_one(answers[number::2], 201) for number in range(2))
    assert len(cordboard.client.conversations.v1.conversations.list()) == 4


def test_an_answer_that_is_made_while_an_old_one_is_removed_stays(
    cordboard_workbench: Workbench, postgres_database: str
) -> None:
    call = ("late", {"FriendlyName": "a"})
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        together(cordboard, "conversations", "/v1/Conversations", ("early", {"FriendlyName": "a"}))
        cordboard.clock.advance(1)
        together(cordboard, "conversations", "/v1/Conversations", call)
        cordboard.clock.advance(24 * 60 * 60)
        runs: list[Unit] = []

        async def remove(unit: Unit) -> None:
            await forget_expired(unit, cordboard.account_sid)
            runs.append(unit)
            if len(runs) == 1:
                assert len(unit.writes) == 1
                made = await exchange(
                    cordboard.system.app, request(cordboard, "conversations", "/v1/Conversations", *call)
                )
                assert "idempotent-replayed" not in made.headers

        cordboard.call(cordboard.system.db.run(remove))
        assert len(runs) == 2
        (again,) = together(cordboard, "conversations", "/v1/Conversations", call)
        assert again.headers["idempotent-replayed"] == "true"


def test_calls_with_different_keys_are_all_done(cordboard: Cordboard) -> None:
    calls = [(f"k{number}", {"FriendlyName": "a"}) for number in range(CALLS)]
    answers = together(cordboard, "conversations", "/v1/Conversations", *calls)
    assert Counter(answer.status for answer in answers) == {201: CALLS}
    assert len(cordboard.client.conversations.v1.conversations.list()) == CALLS
