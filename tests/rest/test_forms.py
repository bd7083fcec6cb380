from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.errors import Invalid
from cordboard.rest.forms import Form, FormReader, Instant, JsonObject, JsonValue, read_if_match, sid

Text = Annotated[str, Meta(max_length=9)]


class Ice(StrEnum):
    VANILLA = "vanilla"
    LEMON = "lemon"


class Guest(msgspec.Struct, frozen=True):
    address: Text
    age: Annotated[int, Meta(ge=0, le=150)] = 0


class Party(msgspec.Struct, frozen=True):
    kind: Ice
    guests: Annotated[list[Guest], Meta(max_length=2)] = []
    notes: dict[str, Any] = {}
    chairs: dict[str, Annotated[int, Meta(ge=0, le=9)]] = {}


class Sms(msgspec.Struct, frozen=True, tag_field="type", tag="sms"):
    number: Annotated[str, Meta(pattern="^[+]", max_length=9)]


class Web(msgspec.Struct, frozen=True, tag_field="type", tag="web"):
    number: None = None


class Everything(Form, frozen=True, kw_only=True):
    codes: ClassVar[dict[str, int]] = {"Party": 45366}

    friendly_name: Annotated[str, Meta(min_length=2, max_length=9)]
    count: Annotated[int, Meta(ge=1, le=9)] | UnsetType = UNSET
    big: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | UnsetType = UNSET
    flag: bool | UnsetType = UNSET
    since: Instant | None = None
    ice: Ice | UnsetType = UNSET
    level: Literal["low", "high"] | UnsetType = UNSET
    tags: list[Text] | UnsetType = UNSET
    flavours: list[Ice] | UnsetType = UNSET
    attributes: Annotated[JsonObject, Meta(max_length=40)] | UnsetType = UNSET
    value: Annotated[JsonValue, Meta(max_length=40)] | UnsetType = UNSET
    party: Party | UnsetType = UNSET
    channel: Sms | Web | UnsetType = UNSET
    guest: list[Guest] | UnsetType = UNSET
    extra: dict[str, Any] | UnsetType = UNSET
    workflow_sid: Annotated[str, sid("WW")] | UnsetType = UNSET
    address: Text | UnsetType = msgspec.field(name="Messaging.Address", default=UNSET)


READER = FormReader(Everything)
NOON = 1_767_355_200_000


def read(*pairs: tuple[str, str], name: str | None = "Ada") -> Everything:
    given = [*pairs] if name is None else [("FriendlyName", name), *pairs]
    return READER.read({}, given, {}, "post body")


@pytest.mark.parametrize(
    ("field", "parameter", "text", "value"),
    [
        ("friendly_name", "FriendlyName", "Zoë", "Zoë"),
        ("count", "Count", "5", 5),
        ("count", "Count", "+05", 5),
        ("big", "Big", "-9223372036854775808", -(2**63)),
        ("flag", "Flag", "true", True),
        ("flag", "Flag", "YES", True),
        ("flag", "Flag", "1", True),
        ("flag", "Flag", "", False),
        ("flag", "Flag", "on", False),
        ("since", "Since", "2026-01-02T12:00:00Z", NOON),
        ("since", "Since", "2026-01-02T13:00:00+01:00", NOON),
        ("since", "Since", "2026-01-02", NOON - 43_200_000),
        ("ice", "Ice", "lemon", Ice.LEMON),
        ("level", "Level", "high", "high"),
        ("attributes", "Attributes", '{ "a":  1.0 }', '{ "a":  1.0 }'),
        ("value", "Value", " [1, null] ", " [1, null] "),
        ("extra", "Extra", '{"a": [1]}', {"a": [1]}),
        ("party", "Party", '{"kind":"lemon","new":1}', Party(kind=Ice.LEMON)),
        ("workflow_sid", "WorkflowSid", "WW" + "aB" * 16, "WW" + "aB" * 16),
        ("address", "Messaging.Address", "", ""),
        ("address", "Other", "", UNSET),
        ("tags", "Tags", "a,b", ["a,b"]),
        ("guest", "Guest", '{"address":"a"}', [Guest(address="a")]),
    ],
)
def test_a_parameter_is_read_by_its_kind(field: str, parameter: str, text: str, value: object) -> None:
    assert getattr(read((parameter, text)), field) == value


@pytest.mark.parametrize(
    ("parameter", "text", "sentence"),
    [
        ("FriendlyName", "A", "expected at least 2 characters"),
        ("FriendlyName", "A" * 10, "expected at most 9 characters"),
        ("Count", "five", "expected an integer, got 'five'"),
        ("Count", "", "expected an integer, got ''"),
        ("Count", "5.0", "expected an integer, got '5.0'"),
        ("Count", "1e3", "expected an integer, got '1e3'"),
        ("Count", "٣", "expected an integer, got '٣'"),
        ("Count", "5\n", "expected an integer, got '5\n'"),
        ("Count", "9" * 300, f"expected an integer, got '{'9' * 64}...'"),
        ("Count", "10", "expected a number of at most 9"),
        ("Count", "0", "expected a number of at least 1"),
        ("Big", "9223372036854775808", "expected a number of at most 9223372036854775807"),
        ("Since", "yesterday", "expected an ISO 8601 date such as 2026-01-02T03:04:05Z, got 'yesterday'"),
        ("Since", "0001-01-01", "expected a date between 1900 and 2100, got '0001-01-01'"),
        (
            "Since",
            "9999-12-31T23:59:59-23:00",
            "expected a date between 1900 and 2100, got '9999-12-31T23:59:59-23:00'",
        ),
        ("Ice", "Lemon", "'Lemon' is none of vanilla, lemon"),
        ("Ice", "' - at `$.x`", "'' - at `$.x`' is none of vanilla, lemon"),
        ("Level", "", "'' is none of high, low"),
        ("Tags", "a" * 10, "expected at most 9 characters"),
        ("Flavours", "lemon,salt", "'salt' is none of vanilla, lemon"),
        ("Attributes", "[]", "expected a JSON object, got a list"),
        ("Attributes", "null", "expected a JSON object, got null"),
        ("Attributes", "{", "it is not valid JSON: Input data was truncated"),
        ("Attributes", '{"a":NaN}', "it is not valid JSON: JSON is malformed: invalid character (byte 5)"),
        ("Attributes", '{"a":"\\u0000"}', "it contains a NUL character"),
        ("Attributes", '{"a":"\\ud800"}', "it is not valid JSON: Input data was truncated"),
        ("Attributes", f'{{"a":"{"x" * 40}"}}', "expected at most 40 characters"),
        ("Value", "[" * 200 + "]" * 200, "it is nested more than 100 levels deep"),
        ("Extra", "5", "expected an object, got an integer"),
        ("Party", "web", "it is not valid JSON: JSON is malformed: invalid character (byte 0)"),
        ("Party", "[]", "expected an object, got a list"),
        ("WorkflowSid", "WW1", "expected a SID (WW and 32 hex digits)"),
        ("WorkflowSid", "WW" + "a" * 32 + "\n", "expected at most 34 characters"),
        ("Messaging.Address", "x" * 10, "expected at most 9 characters"),
    ],
)
def test_a_wrong_value_is_named_with_the_reason(parameter: str, text: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        read((parameter, text))
    where = "[1]" if "," in text and parameter == "Flavours" else "[0]" if parameter == "Tags" else ""
    assert refused.value.message == f"Invalid parameter {parameter}{where}: {sentence}"


@pytest.mark.parametrize(
    ("json", "parameter", "sentence"),
    [
        ('{"kind":"salt"}', "Party.kind", "'salt' is none of vanilla, lemon"),
        ('{"kind":null}', "Party.kind", "expected a string, got null"),
        ('{"kind":"lemon","guests":[{"address":"a"},{"address":5}]}', "Party.guests[1].address", "expected a string, got an integer"),
        ('{"kind":"lemon","guests":[{"address":"aaaaaaaaaa"}]}', "Party.guests[0].address", "expected at most 9 characters"),
        ('{"kind":"lemon","guests":[{"address":"a","age":1.5}]}', "Party.guests[0].age", "expected an integer, got a number"),
        ('{"kind":"lemon","guests":[{"address":"a","age":151}]}', "Party.guests[0].age", "expected a number of at most 150"),
        ('{"kind":"lemon","guests":[{},{},{}]}', "Party.guests", "expected at most 2 entries"),
        ('{"kind":"lemon","guests":{}}', "Party.guests", "expected a list, got an object"),
        ('{"kind":"lemon","guests":null}', "Party.guests", "expected a list, got null"),
        ('{"kind":"lemon","chairs":{"x":"y"}}', "Party.chairs[...]", "expected an integer, got a string"),
    ],
)  # fmt: skip
def test_a_fault_inside_json_is_named_by_its_path(json: str, parameter: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(("Party", json))
    assert (refused.value.message, refused.value.code) == (f"Invalid parameter {parameter}: {sentence}", 45366)


@pytest.mark.parametrize(
    ("json", "parameter", "sentence"),
    [
        ('{"type":"fax"}', "Channel.type", "'fax' is none of sms, web"),
        ('{"type":"sms","number":"1"}', "Channel.number", "expected text that matches ^[+]"),
        ('{"type":"sms","number":null}', "Channel.number", "expected a string, got null"),
        ('{"type":5}', "Channel.type", "expected a string, got an integer"),
    ],
)
def test_a_fault_inside_one_of_several_shapes_is_named(json: str, parameter: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(("Channel", json))
    assert refused.value.message == f"Invalid parameter {parameter}: {sentence}"


@pytest.mark.parametrize(
    ("pairs", "name", "parameter", "code"),
    [
        ((), None, "FriendlyName", 20001),
        ((("Party", "{}"),), "Ada", "Party.kind", 45366),
        ((("Guest", "{}"),), "Ada", "Guest[0].address", 20001),
    ],
)
def test_a_missing_parameter_is_said_in_the_vendors_words(
    pairs: tuple[tuple[str, str], ...], name: str | None, parameter: str, code: int
) -> None:
    with pytest.raises(Invalid) as refused:
        read(*pairs, name=name)
    assert (refused.value.message, refused.value.code) == (
        f"Missing required parameter {parameter} in the post body",
        code,
    )


def test_absent_and_empty_are_two_things() -> None:
    assert read().address is UNSET
    assert read(("Messaging.Address", "")).address == ""


def test_the_last_of_a_repeated_scalar_counts_even_if_the_first_is_wrong() -> None:
    assert read(("Count", "five"), ("Count", "3")).count == 3


def test_a_list_is_the_parameter_repeated_and_an_enum_also_takes_commas() -> None:
    form = read(("Tags", "a"), ("Tags", "b"), ("Flavours", "lemon,vanilla"), ("Flavours", "lemon"))
    assert form.tags == ["a", "b"]
    assert form.flavours == [Ice.LEMON, Ice.VANILLA, Ice.LEMON]


def test_unknown_parameters_are_ignored() -> None:
    assert read(("Nonsense", "1"), ("friendly_name", "x"), ("Codes", "1")) == read()


def test_the_path_wins_over_a_parameter_of_the_same_name() -> None:
    form = READER.read({"Messaging.Address": "path"}, [("FriendlyName", "Ada"), ("Messaging.Address", "body")], {}, "")
    assert form.address == "path"


class Update(Form, frozen=True, kw_only=True):
    default_code: ClassVar[int] = 45004

    since: Instant | None = None
    if_match: int | None = None
    name: Text = ""


def test_if_match_is_no_parameter() -> None:
    reader = FormReader(Update)
    assert reader.read({}, [("IfMatch", "3")], {}, "").if_match is None
    assert [*reader.headers] == ["IfMatch"]


def test_a_form_has_a_code_for_all_that_is_wrong_with_it() -> None:
    with pytest.raises(Invalid) as refused:
        FormReader(Update).read({}, [("Name", "x" * 10)], {}, "")
    assert refused.value.code == 45004


@pytest.mark.parametrize(
    ("header", "version"), [(None, None), (b"*", None), (b'"3"', 3), (b"3", 3), (b'W/"3"', 3), (b'"0"', 0)]
)
def test_a_version_is_read(header: bytes | None, version: int | None) -> None:
    assert read_if_match(header) == version


@pytest.mark.parametrize("header", [b"", b"x", b'"3', b'"1", "2"', b"-1", b"\xff", b'"' + b"9" * 30 + b'"'])
def test_a_version_that_is_none_is_refused(header: bytes) -> None:
    with pytest.raises(Invalid, match="Invalid header If-Match"):
        read_if_match(header)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "Invalid body: expected an object, got a list"),
        (b"{", "Invalid body: it is not valid JSON: Input data was truncated"),
        (b'"\xff"', "Invalid body: it is not UTF-8"),
        (b'{"Name":5}', "Invalid parameter Name: expected a string, got an integer"),
        (
            b'{"Since":"now"}',
            "Invalid parameter Since: expected an ISO 8601 date such as 2026-01-02T03:04:05Z, got 'now'",
        ),
    ],
)
def test_a_wrong_json_body_is_refused(body: bytes, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        FormReader(Update).read_json({}, body, {})
    assert (refused.value.message, refused.value.code) == (message, 45004)


def test_a_json_body_is_read_with_the_path() -> None:
    form = FormReader(Update).read_json(
        {"Name": "path"}, b'{"Name":"body","Since":"2026-01-02T12:00Z"}', {"IfMatch": 2}
    )
    assert form == Update(name="path", since=NOON, if_match=2)


class Endless(Form, frozen=True, kw_only=True):
    text: str


class Countless(Form, frozen=True, kw_only=True):
    number: Annotated[int, Meta(ge=0)]


class Deep(msgspec.Struct):
    names: list[str]


class Nested(Form, frozen=True, kw_only=True):
    deep: Deep | None


class Odd(Form, frozen=True, kw_only=True):
    number: float


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (Endless, "Endless.text: a text without Meta"),
        (Countless, "Countless.number: an integer without Meta"),
        (Nested, r"Nested.deep.names\[\]: a text without Meta"),
        (Odd, "Odd.number: a form has no kind for FloatType"),
    ],
)
def test_a_form_without_bounds_cannot_be_served(form: type[Form], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        FormReader(form)


def outcome(given: dict[str, str]) -> str:
    try:
        return type(READER.read({}, list(given.items()), {}, "post body")).__name__
    except Invalid as refused:
        return refused.message


@given(st.dictionaries(st.sampled_from(READER.parameters), st.text(max_size=50)))
def test_no_text_does_more_than_be_refused(given: dict[str, str]) -> None:
    assert outcome(given).startswith(("Everything", "Invalid parameter ", "Missing required parameter "))
