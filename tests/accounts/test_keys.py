from typing import Any

from cordboard.testkit.running import Cordboard


def add(cordboard: Cordboard, name: str = "CI") -> dict[str, Any]:
    made = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": name})
    assert made.status == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_a_keys_secret_is_shown_once(cordboard: Cordboard) -> None:
    made = add(cordboard)
    assert made["sid"].startswith("SK")
    assert made["secret"].isalnum()
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert cordboard.http.get(f"/cordboard/v1/Keys/{made['sid']}").json == shown
    assert cordboard.http.get("/cordboard/v1/Keys").json["keys"] == [shown]


def test_a_key_calls_for_its_account_but_makes_and_deletes_no_keys(cordboard: Cordboard) -> None:
    made = add(cordboard)
    auth = made["sid"], made["secret"]
    assert cordboard.http.get("/cordboard/v1/Keys", auth=auth).status == 200
    for refused in (
        cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "Heir"}, auth=auth),
        cordboard.http.delete(f"/cordboard/v1/Keys/{made['sid']}", auth=auth),
    ):
        assert (refused.status, refused.json["code"]) == (403, 20403)
    assert len(cordboard.http.get("/cordboard/v1/Keys").json["keys"]) == 1


def test_a_deleted_key_is_refused_at_once_although_it_has_just_been_used(cordboard: Cordboard) -> None:
    made = add(cordboard)
    auth = made["sid"], made["secret"]
    assert cordboard.http.get("/cordboard/v1/Keys", auth=auth).status == 200
    assert cordboard.http.delete(f"/cordboard/v1/Keys/{made['sid']}").status == 204
    refused = cordboard.http.get("/cordboard/v1/Keys", auth=auth)
    assert refused.status == 401
    assert refused.json["code"] == 20003
    assert cordboard.http.delete(f"/cordboard/v1/Keys/{made['sid']}").status == 404


def test_an_unknown_name_is_told_what_a_wrong_secret_is_told(cordboard: Cordboard) -> None:
    made = add(cordboard)
    wrong = [
        (cordboard.account_sid, made["secret"]),
        (made["sid"], cordboard.auth_token),
        (f"SK{'0' * 32}", made["secret"]),
        (f"AC{'0' * 32}", cordboard.auth_token),
        ("", ""),
    ]
    answers = [cordboard.http.get("/cordboard/v1/Keys", auth=auth) for auth in wrong]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


def test_keys_of_another_account_are_not_there(cordboard: Cordboard) -> None:
    made = add(cordboard)
    other = cordboard.http.post("/cordboard/v1/Accounts", {"FriendlyName": "Branch"}).json
    auth = other["sid"], other["auth_token"]
    assert cordboard.http.get("/cordboard/v1/Keys", auth=auth).json["keys"] == []
    assert cordboard.http.get(f"/cordboard/v1/Keys/{made['sid']}", auth=auth).status == 404
    assert cordboard.http.delete(f"/cordboard/v1/Keys/{made['sid']}", auth=auth).status == 404
