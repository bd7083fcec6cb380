"""A POST with an Idempotency-Key is done once, and answered the same for a day."""

from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from cordboard.accounts.model import KeptAnswer
from cordboard.accounts.store.kept_answers import KEPT_ANSWERS
from cordboard.storage.unit import View
from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from tests.taskrouter.scene import Scene

CONVERSATIONS = "/v1/Conversations"
KEYS = "/cordboard/v1/Keys"
DAY = 24 * 60 * 60
ALL_KEPT = KEPT_ANSWERS.where("1 = 1 ORDER BY idempotency_key")


def post(cordboard: Cordboard, path: str, form: dict[str, Any], key: str = "k", **options: Any) -> Answer:
    return cordboard.http.post(path, form, headers={"Idempotency-Key": key}, **options)


def is_replayed(answer: Answer) -> bool:
    return answer.headers.get("idempotent-replayed") == "true"


def names(cordboard: Cordboard) -> list[str]:
    return [each.friendly_name for each in cordboard.client.conversations.v1.conversations.list()]


def kept(cordboard: Cordboard) -> list[KeptAnswer]:
    async def look(view: View) -> list[KeptAnswer]:
        return await view.all(ALL_KEPT)

    return cordboard.call(cordboard.system.db.read(look))


def test_the_answer_comes_again_byte_for_byte(scene: Scene) -> None:
    path, form = f"/v1/Workspaces/{scene.sid}/Tasks", {"Attributes": '{"a":  1}', "WorkflowSid": scene.workflow}
    first = post(scene.cordboard, path, form)
    scene.workspace.tasks(first.json["sid"]).update(attributes="{}")
    again = post(scene.cordboard, path, form)
    assert (first.status, is_replayed(first), again.status, is_replayed(again)) == (201, False, 201, True)
    assert again.body == first.body
    differ = dict(again.headers.items() - first.headers.items())
    assert differ.keys() == {"idempotent-replayed", "twilio-request-id"}
    assert again.headers["etag"] == '"0"'
    assert len(scene.workspace.tasks.list()) == 1


def test_answer_and_change_are_written_in_one_unit(cordboard: Cordboard) -> None:
    units: list[set[str]] = []
    cordboard.system.db.listen(lambda settled: units.append({write.table.name for write in settled.writes}))
    post(cordboard, CONVERSATIONS, {"FriendlyName": "a"})
    written = [unit & {"conversations", "kept_answers"} for unit in units]
    assert [tables for tables in written if tables] == [{"conversations", "kept_answers"}]


def test_it_comes_again_after_a_restart(cordboard: Cordboard) -> None:
    first = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"})
    cordboard.restart()
    again = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"})
    assert (again.body, is_replayed(again)) == (first.body, True)


def test_an_official_client_sends_keys_by_its_http_client(cordboard: Cordboard) -> None:
    headers = cordboard.http_client.session.headers
    conversations = cordboard.client.conversations.v1.conversations
    sids = []
    for key in ("job-1", "job-1", "job-2"):
        headers["Idempotency-Key"] = key
        sids.append(conversations.create(friendly_name="a").sid)
    assert sids[0] == sids[1] != sids[2]
    headers["Idempotency-Key"] = "job-1"
    with pytest.raises(TwilioRestException) as refused:
        conversations.create(friendly_name="b")
    assert (refused.value.status, refused.value.code) == (409, 20409)
    assert "Idempotency-Key" in refused.value.msg
    assert names(cordboard) == ["a", "a"]


def test_a_key_is_good_for_one_call_only(cordboard: Cordboard) -> None:
    made = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"}).json
    for path, form in (
        (CONVERSATIONS, {"FriendlyName": "b"}),
        (CONVERSATIONS, {}),
        (f"{CONVERSATIONS}/{made['sid']}", {"FriendlyName": "a"}),
        (KEYS, {"FriendlyName": "a"}),
    ):
        refused = post(cordboard, path, form)
        assert (refused.status, refused.json["code"]) == (409, 20409)
    assert names(cordboard) == ["a"]
    assert cordboard.http.get(KEYS).json["keys"] == []


def test_accounts_do_not_share_keys(cordboard: Cordboard) -> None:
    other = cordboard.add_account("Acme")
    first = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"})
    second = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"}, auth=other)
    assert (second.status, is_replayed(second)) == (201, False)
    assert first.json["sid"] != second.json["sid"]


def test_who_may_not_do_it_does_not_get_the_answer_of_who_may(cordboard: Cordboard) -> None:
    key = post(cordboard, KEYS, {"FriendlyName": "a"}).json
    asked = post(cordboard, KEYS, {"FriendlyName": "a"}, auth=(key["sid"], key["secret"]))
    assert asked.status == 403
    assert key["secret"] not in asked.text


def test_the_same_call_with_other_credentials_of_the_account_is_another(cordboard: Cordboard) -> None:
    key = cordboard.http.post(KEYS, {"FriendlyName": "a"}).json
    assert post(cordboard, CONVERSATIONS, {"FriendlyName": "a"}).status == 201
    assert post(cordboard, CONVERSATIONS, {"FriendlyName": "a"}, auth=(key["sid"], key["secret"])).status == 409


def test_a_secret_that_is_shown_again_is_not_kept_readable(cordboard: Cordboard) -> None:
    first = post(cordboard, KEYS, {"FriendlyName": "a"})
    (row,) = kept(cordboard)
    assert first.json["secret"] not in repr(row)
    assert post(cordboard, KEYS, {"FriendlyName": "a"}).json["secret"] == first.json["secret"]


def test_a_refused_call_may_be_tried_again(cordboard: Cordboard) -> None:
    conversations = cordboard.client.conversations.v1.conversations
    taken = conversations.create(unique_name="vip")
    assert post(cordboard, CONVERSATIONS, {"UniqueName": "vip"}).status == 409
    assert kept(cordboard) == []
    conversations(taken.sid).delete()
    made = post(cordboard, CONVERSATIONS, {"UniqueName": "vip"})
    assert (made.status, is_replayed(made)) == (201, False)
    assert is_replayed(post(cordboard, CONVERSATIONS, {"UniqueName": "vip"}))


def test_a_call_that_would_be_refused_now_is_answered_as_when_it_was_done(cordboard: Cordboard) -> None:
    sid = post(cordboard, CONVERSATIONS, {"UniqueName": "vip"}, "make").json["sid"]
    closed = post(cordboard, f"{CONVERSATIONS}/{sid}", {"State": "closed"}, "close")
    cordboard.client.conversations.v1.conversations(sid).delete()
    again = post(cordboard, f"{CONVERSATIONS}/{sid}", {"State": "closed"}, "close")
    assert (again.status, again.body) == (200, closed.body)


def test_after_24_hours_the_key_is_free(cordboard: Cordboard) -> None:
    first = post(cordboard, CONVERSATIONS, {"FriendlyName": "a"})
    cordboard.clock.advance(DAY - 1)
    assert is_replayed(post(cordboard, CONVERSATIONS, {"FriendlyName": "a"}))
    cordboard.clock.advance(1)
    second = post(cordboard, CONVERSATIONS, {"FriendlyName": "b"})
    assert (second.status, is_replayed(second)) == (201, False)
    assert second.json["sid"] != first.json["sid"]
    assert names(cordboard) == ["a", "b"]


def test_a_key_that_is_used_anew_before_its_old_answer_was_removed_has_the_new_one(cordboard: Cordboard) -> None:
    post(cordboard, CONVERSATIONS, {"FriendlyName": "early"}, "early")
    cordboard.clock.advance(1)
    post(cordboard, CONVERSATIONS, {"FriendlyName": "old"}, "late")
    cordboard.clock.advance(DAY)
    assert [row.idempotency_key for row in kept(cordboard)] == ["late"], "its alarm does not ring for each"
    made = post(cordboard, CONVERSATIONS, {"FriendlyName": "new"}, "late")
    cordboard.clock.advance(60)
    again = post(cordboard, CONVERSATIONS, {"FriendlyName": "new"}, "late")
    assert (made.status, again.body, is_replayed(again)) == (201, made.body, True)


def test_answers_are_removed_when_their_day_is_over(cordboard: Cordboard) -> None:
    other = cordboard.add_account("Acme")
    for number in range(230):
        post(cordboard, KEYS, {"FriendlyName": "a"}, f"first-{number:03}")
    post(cordboard, KEYS, {"FriendlyName": "a"}, "other", auth=other)
    cordboard.clock.advance(DAY / 2)
    post(cordboard, KEYS, {"FriendlyName": "a"}, "second")
    assert len(kept(cordboard)) == 232
    cordboard.clock.advance(DAY / 2)
    assert [row.idempotency_key for row in kept(cordboard)] == ["second"]
    cordboard.clock.advance(DAY / 2)
    assert kept(cordboard) == []
    assert cordboard.system.timers.next_due_at is None, "an alarm without anything to remove"
    post(cordboard, KEYS, {"FriendlyName": "a"}, "third")
    cordboard.clock.advance(DAY)
    assert kept(cordboard) == []
