"""Every parameter that a caller may get wrong: the vendor's error form names it, and nothing has changed afterwards."""

from typing import Any, NamedTuple

import pytest
from twilio.rest.conversations.v1 import V1

from cordboard.testkit.running import Cordboard

CUSTOMER, SHOP = "+15551230000", "+15559990000"
ADDRESS, PROXY = "MessagingBinding.Address", "MessagingBinding.ProxyAddress"

NUL, SURROGATE = "a\0b", b"%ED%A0%80"
DEEP = "[" * 101 + "]" * 101
DATES = ("yesterday", "2026-13-01", "0001-01-01", "9" * 20, "2026-01-01T00:00:00+99:00", "")
NOT_JSON = ("", "{", "{'a': 1}", DEEP, '{"a": NaN}', '"\\ud800"', '"\\u0000"')
STATES = (("", 50374), ("open", 50378), ("initializing", 50378), ("ACTIVE", 50378), ("x" * 65, 50378))
NUMBERS = (
    "5551230000000000",
    "+0155512300",
    "+1555123000a",
    "+" + "1" * 16,
    "sms:+15551230000",
    "whatsapp:5551230000",
    " ",
)


class Bad(NamedTuple):
    """``path``: with ``CH``, ``MB``, ``IM`` for what is there."""

    path: str
    form: dict[str, Any]
    code: int
    parameter: str

    def __str__(self) -> str:
        form = "&".join(f"{name}={str(value)[:24]}" for name, value in self.form.items())
        return f"{self.path}?{form}".encode("unicode_escape").decode()


ROOMS = ("Conversations", "Conversations/CH")
PEOPLE, PERSON = "Conversations/CH/Participants", "Conversations/CH/Participants/MB"
SAID, ONE_SAID = "Conversations/CH/Messages", "Conversations/CH/Messages/IM"
USERS, USER = "Users", "Users/ana"
ALL = (*ROOMS, PEOPLE, PERSON, SAID, ONE_SAID)

ATTRIBUTES = {**dict.fromkeys(ROOMS, 16), **dict.fromkeys((PEOPLE, PERSON, SAID, ONE_SAID, USERS, USER), 4)}
WHO: dict[str, dict[str, str]] = {PEOPLE: {"Identity": "ben"}, USERS: {"Identity": "ben"}}

TABLE = [
    *(Bad(path, {"FriendlyName": "x" * 257}, 50003, "FriendlyName") for path in (*ROOMS, USER)),
    *(Bad(path, {"FriendlyName": NUL}, 20001, "FriendlyName") for path in (*ROOMS, USER, "Services")),
    *(Bad("Services", form, 20001, "FriendlyName") for form in ({}, {"FriendlyName": ""}, {"FriendlyName": "x" * 257})),
    *(Bad(path, {"UniqueName": "x" * 257}, 50004, "UniqueName") for path in ROOMS),
    *(Bad(path, {"UniqueName": "CH" + "a" * 32}, 50390, "UniqueName") for path in ROOMS),
    *(Bad(path, {"State": state}, code, "State") for path in ROOMS for state, code in STATES),
    Bad("Conversations", {"State": "closed"}, 50384, "State"),
    *(
        Bad(path, {**WHO.get(path, {}), "Attributes": text}, 50304, "Attributes")
        for path in ATTRIBUTES
        for text in NOT_JSON
    ),
    *(
        Bad(path, {**WHO.get(path, {}), "Attributes": f'"{"ä" * (kilo * 1024 - 1)}"'}, 50303, "Attributes")
        for path, kilo in ATTRIBUTES.items()
    ),
    *(
        Bad(path, {**WHO.get(path, {}), name: date}, 20001, name)
        for path in ALL
        for name in ("DateCreated", "DateUpdated")
        for date in DATES
    ),
    Bad(PEOPLE, {}, 20001, "Identity"),
    Bad(PEOPLE, {"Identity": "", "Attributes": "{}"}, 20001, "Identity"),
    Bad(PEOPLE, {"Identity": "x" * 257}, 20001, "Identity"),
    Bad(PEOPLE, {"Identity": NUL}, 20001, "Identity"),
    Bad(PEOPLE, {"Identity": "ana"}, 50433, "identity ana"),
    Bad(PEOPLE, {"Identity": "ben", ADDRESS: CUSTOMER}, 50211, "Identity"),
    Bad(PEOPLE, {"Identity": "ben", PROXY: SHOP}, 50211, "Identity"),
    Bad(PEOPLE, {"Identity": "ben", "RoleSid": "RL1"}, 50100, "RoleSid"),
    Bad(PEOPLE, {ADDRESS: "", PROXY: SHOP}, 50411, ADDRESS),
    Bad(PEOPLE, {PROXY: SHOP}, 50411, ADDRESS),
    Bad(PEOPLE, {ADDRESS: CUSTOMER}, 50412, PROXY),
    Bad(PEOPLE, {ADDRESS: CUSTOMER, PROXY: ""}, 50412, PROXY),
    Bad(PEOPLE, {ADDRESS: SHOP, PROXY: SHOP}, 50409, PROXY),
    Bad(PEOPLE, {ADDRESS: CUSTOMER, PROXY: f"whatsapp:{SHOP}"}, 50414, PROXY),
    Bad(PEOPLE, {ADDRESS: f"rcs:{CUSTOMER}", PROXY: SHOP}, 50414, PROXY),
    Bad(PEOPLE, {ADDRESS: "ana@example.com", PROXY: "shop@example.com"}, 50453, PROXY),
    *(Bad(PEOPLE, {ADDRESS: number, PROXY: SHOP}, 50407, ADDRESS) for number in NUMBERS),
    *(Bad(PEOPLE, {ADDRESS: CUSTOMER, PROXY: number}, 50408, PROXY) for number in NUMBERS),
    Bad(PEOPLE, {ADDRESS: "x" * 257, PROXY: SHOP}, 50407, ADDRESS),
    Bad(PEOPLE, {ADDRESS: CUSTOMER, PROXY: "x" * 257}, 50408, PROXY),
    Bad(PERSON, {}, 20161, "parameter"),
    Bad(PERSON, {"RoleSid": "XX" + "0" * 32}, 50100, "RoleSid"),
    Bad(PERSON, {"LastReadMessageIndex": "1"}, 50421, "LastReadMessageIndex"),
    Bad(PERSON, {"LastReadTimestamp": "soon"}, 20001, "LastReadTimestamp"),
    *(Bad(path, {"Body": "x" * (32 * 1024 + 1)}, 50504, "Body") for path in (SAID, ONE_SAID)),
    *(Bad(path, {name: "x" * 257}, 20001, name) for path in (SAID, ONE_SAID) for name in ("Author", "Subject")),
    *(Bad(path, {name: NUL}, 20001, name) for path in (SAID, ONE_SAID) for name in ("Author", "Body", "Subject")),
    Bad(ONE_SAID, {}, 20161, "parameter"),
    Bad("Conversations/CH", {}, 50347, "parameter"),
    Bad(USERS, {}, 20001, "Identity"),
    Bad(USERS, {"Identity": "x" * 257}, 20001, "Identity"),
    Bad(USER, {}, 20161, "parameter"),
    Bad(USER, {"RoleSid": "RL1"}, 50100, "RoleSid"),
    Bad("Configuration", {}, 20161, "parameter"),
    Bad("Configuration", {"DefaultChatServiceSid": "IS1"}, 20001, "DefaultChatServiceSid"),
]

LATER = [
    *(
        (path, name)
        for path in ROOMS
        for name in (
            "MessagingServiceSid",
            "Timers.Inactive",
            "Timers.Closed",
            "Bindings.Email.Address",
            "Bindings.Email.Name",
        )
    ),
    (PEOPLE, "MessagingBinding.ProjectedAddress"),
    *((PERSON, name) for name in ("Identity", PROXY, "MessagingBinding.ProjectedAddress")),
    *((SAID, name) for name in ("MediaSid", "ContentSid", "ContentVariables")),
    *(("Configuration", name) for name in ("DefaultMessagingServiceSid", "DefaultInactiveTimer", "DefaultClosedTimer")),
]


class World:
    """A conversation with one person and one message, and all that can be seen of the account."""

    def __init__(self, cordboard: Cordboard, api: V1) -> None:
        self._http = cordboard.http
        room = api.conversations.create()
        self._sids = {
            "CH": room.sid,
            "MB": room.participants.create(identity="ana").sid,
            "IM": room.messages.create(body="Hello", author="ana").sid,
        }

    def post(self, path: str, form: dict[str, Any]) -> Any:
        return self._http.post(self._path(path), form, host="conversations")

    def everything(self) -> list[str]:
        lists = ("Conversations", PEOPLE, SAID, "Users", "Services", "Configuration")
        shown = [self._http.get(self._path(path), host="conversations").text for path in lists]
        return [*shown, self._http.get("/cordboard/v1/Events").text]

    def _path(self, path: str) -> str:
        return "/v1/" + "/".join(self._sids.get(part, part) for part in path.split("/"))


@pytest.fixture
def world(cordboard: Cordboard, api: V1) -> World:
    return World(cordboard, api)


@pytest.mark.parametrize("bad", TABLE, ids=str)
def test_a_wrong_parameter_is_refused_by_name_and_changes_nothing(world: World, bad: Bad) -> None:
    before = world.everything()
    answer = world.post(bad.path, bad.form)
    assert answer.json["code"] == bad.code, answer.text
    assert answer.status == (409 if bad.code == 50433 else 400)
    assert answer.json["status"] == answer.status
    assert answer.json["more_info"] == f"https://www.twilio.com/docs/errors/{bad.code}"
    assert bad.parameter in answer.json["message"]
    assert world.everything() == before


@pytest.mark.parametrize(("path", "parameter"), LATER)
def test_a_parameter_that_is_not_built_is_refused_by_name_and_changes_nothing(
    world: World, path: str, parameter: str
) -> None:
    before = world.everything()
    for value in ("PT1M", ""):
        answer = world.post(path, {**WHO.get(path, {}), "Attributes": "{}", parameter: value})
        assert (answer.status, answer.json["code"]) == (501, 90501)
        assert f"parameter {parameter} " in answer.json["message"]
    assert world.everything() == before


def test_bytes_that_are_no_text_are_refused(cordboard: Cordboard, world: World) -> None:
    before = world.everything()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = cordboard.http.request("POST", "/v1/Conversations", b"FriendlyName=" + SURROGATE, headers=headers)
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert world.everything() == before


@pytest.mark.parametrize(
    "path",
    [
        "Conversations/CH" + "0" * 32,
        "Conversations/room",
        "Conversations/CH/Participants/MB" + "0" * 32,
        "Conversations/CH/Participants/nobody",
        "Conversations/CH/Messages/IM" + "0" * 32,
        "Conversations/CH/Messages/0",
        "Users/US" + "0" * 32,
        "Users/%00",
        "Conversations/" + "x" * 300,
    ],
)
def test_what_is_not_there_is_not_found_and_changes_nothing(world: World, path: str) -> None:
    before = world.everything()
    answer = world.post(path, {"Attributes": "[1]"})
    assert (answer.status, answer.json["code"]) == (404, 20404)
    assert world.everything() == before


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("Conversations", {"StartDate": "soon"}),
        ("Conversations", {"EndDate": "9" * 30}),
        ("Conversations", {"State": "open"}),
        ("Conversations", {"PageSize": "0"}),
        ("Conversations", {"PageSize": "1001"}),
        ("Conversations", {"PageSize": str(2**63)}),
        ("Conversations", {"PageToken": "PAxx"}),
        ("ParticipantConversations", {"Identity": "x" * 257}),
        ("ParticipantConversations", {"Address": NUL}),
    ],
)
def test_a_wrong_filter_is_refused_by_name(cordboard: Cordboard, path: str, query: dict[str, str]) -> None:
    answer = cordboard.http.get(f"/v1/{path}", query)
    assert (answer.status, answer.json["code"]) == (400, 20001)
    assert next(iter(query)) in answer.json["message"]
