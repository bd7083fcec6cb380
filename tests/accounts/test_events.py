from cordboard.testkit.running import Cordboard


def test_what_happened_is_listed_in_order_with_the_facts_of_then(cordboard: Cordboard) -> None:
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "CI"}).json
    cordboard.http.delete(f"/cordboard/v1/Keys/{key['sid']}")
    events = cordboard.http.get("/cordboard/v1/Events", {"PageSize": 1000}).json["events"]
    assert [event["position"] for event in events] == list(range(1, len(events) + 1))
    made, deleted = events[-2:]
    assert made.pop("sid").startswith("EV")
    assert made == {
        "account_sid": cordboard.account_sid,
        "position": len(events) - 1,
        "product": "cordboard",
        "type": "key.created",
        "scope_sid": cordboard.account_sid,
        "resource_sid": key["sid"],
        "date_created": "2026-01-01T00:00:00Z",
        "data": {"friendly_name": "CI"},
    }
    assert deleted["type"] == "key.deleted"


def test_the_events_of_one_resource_are_found_by_its_sid(cordboard: Cordboard) -> None:
    keys = [cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": name}).json["sid"] for name in ("A", "B")]
    found = cordboard.http.get("/cordboard/v1/Events", {"ResourceSid": keys[1]}).json["events"]
    assert [(event["type"], event["data"]) for event in found] == [("key.created", {"friendly_name": "B"})]


def test_events_of_another_account_are_not_listed_and_its_positions_are_its_own(cordboard: Cordboard) -> None:
    other = cordboard.http.post("/cordboard/v1/Accounts", {"FriendlyName": "Branch"}).json
    found = cordboard.http.get("/cordboard/v1/Events", auth=(other["sid"], other["auth_token"])).json["events"]
    assert {event["account_sid"] for event in found} == {other["sid"]}
    assert [event["position"] for event in found] == list(range(1, len(found) + 1))
    assert found[0]["type"] == "account.created"


def test_no_secret_is_recorded(cordboard: Cordboard) -> None:
    other = cordboard.http.post("/cordboard/v1/Accounts", {"FriendlyName": "Branch"}).json
    key = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "CI"}).json
    told = cordboard.http.get("/cordboard/v1/Events").text
    told += cordboard.http.get("/cordboard/v1/Events", auth=(other["sid"], other["auth_token"])).text
    for secret in (cordboard.auth_token, other["auth_token"], key["secret"]):
        assert secret not in told
