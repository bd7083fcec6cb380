from typing import Any

from twilio.rest import Client

from cordboard.testkit.running import Cordboard


def add(cordboard: Cordboard, name: str = "Branch") -> dict[str, Any]:
    made = cordboard.http.post("/cordboard/v1/Accounts", {"FriendlyName": name})
    assert made.status == 201, made.text
    found: dict[str, Any] = made.json
    return found


def test_an_added_account_answers_with_its_token_once_and_can_call(cordboard: Cordboard) -> None:
    made = add(cordboard)
    assert made["sid"].startswith("AC")
    assert made["owner_account_sid"] == cordboard.account_sid
    assert made["auth_token"].isalnum()
    assert len(made["auth_token"]) == 32
    own = cordboard.http.get(made["url"].removeprefix("http://localhost:8000"), auth=(made["sid"], made["auth_token"]))
    assert own.status == 200
    assert own.json == {name: value for name, value in made.items() if name != "auth_token"}


def test_the_first_account_sees_all_and_the_others_only_themselves(cordboard: Cordboard) -> None:
    one, two = add(cordboard, "One"), add(cordboard, "Two")
    everybody = cordboard.http.get("/cordboard/v1/Accounts").json
    assert [found["friendly_name"] for found in everybody["accounts"]] == ["Cordboard", "One", "Two"]
    auth = one["sid"], one["auth_token"]
    mine = cordboard.http.get("/cordboard/v1/Accounts", auth=auth).json
    assert [found["sid"] for found in mine["accounts"]] == [one["sid"]]
    for other in (two["sid"], cordboard.account_sid):
        assert cordboard.http.get(f"/cordboard/v1/Accounts/{other}", auth=auth).status == 404
    assert cordboard.http.get(f"/cordboard/v1/Accounts/{one['sid']}").status == 200


def test_accounts_are_paged_in_the_order_in_which_they_were_added(cordboard: Cordboard) -> None:
    names = ["Cordboard", *(add(cordboard, f"Branch {number}")["friendly_name"] for number in range(4))]
    seen: list[str] = []
    path = "/cordboard/v1/Accounts?PageSize=2"
    while path:
        page = cordboard.http.get(path).json
        seen += [found["friendly_name"] for found in page["accounts"]]
        path = (page["meta"]["next_page_url"] or "").removeprefix("http://localhost:8000")
    assert seen == names


def test_only_the_first_account_adds_accounts_and_no_standard_key_does(cordboard: Cordboard) -> None:
    other = add(cordboard)
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "CI"}).json
    expected = {(other["sid"], other["auth_token"]): (400, 21101), (key["sid"], key["secret"]): (403, 20403)}
    for auth, told in expected.items():
        refused = cordboard.http.post("/cordboard/v1/Accounts", {"FriendlyName": "Mine"}, auth=auth)
        assert (refused.status, refused.json["code"]) == told
    assert len(cordboard.http.get("/cordboard/v1/Accounts").json["accounts"]) == 2


def test_an_account_needs_a_name_of_up_to_64_characters(cordboard: Cordboard) -> None:
    for form in ({}, {"FriendlyName": ""}, {"FriendlyName": "x" * 65}):
        refused = cordboard.http.post("/cordboard/v1/Accounts", form)
        assert refused.status == 400
        assert "FriendlyName" in refused.json["message"]
    assert len(cordboard.http.get("/cordboard/v1/Accounts").json["accounts"]) == 1


def test_the_official_client_fetches_its_own_account(cordboard: Cordboard) -> None:
    account = cordboard.client.api.accounts(cordboard.account_sid).fetch()
    assert account.sid == account.owner_account_sid == cordboard.account_sid
    assert (account.friendly_name, account.status, account.type) == ("Cordboard", "active", "Full")
    assert account.date_created is not None
    assert account.date_created.isoformat() in {"2020-01-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00"}  # by database
    # The real service shows it; here a token leaves the server once.
    assert account.auth_token is None


def test_the_official_client_with_a_key_fetches_the_account_of_the_key(cordboard: Cordboard) -> None:
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "CI"}).json
    client: Client = cordboard.client_of(key["sid"], key["secret"], cordboard.account_sid)
    assert client.api.v2010.account.fetch().sid == cordboard.account_sid


def test_an_account_is_born_with_a_flex_instance_and_a_default_conversation_service_of_its_own(
    cordboard: Cordboard,
) -> None:
    made = add(cordboard)
    client = cordboard.client_of(made["sid"], made["auth_token"])
    instance = client.flex_api.v1.configuration().fetch()
    service_sid = client.conversations.v1.configuration().fetch().default_chat_service_sid
    assert instance.flex_instance_sid is not None
    assert instance.flex_instance_sid.startswith("GO")
    assert service_sid is not None
    assert service_sid.startswith("IS")
    assert instance.chat_service_instance_sid == service_sid
    assert {role.type for role in client.conversations.v1.roles.list()} == {"conversation", "service"}
    assert cordboard.client.conversations.v1.configuration().fetch().default_chat_service_sid != service_sid
