"""What no caller may send, put into every parameter of every operation: refused by name, whatever the parameter means."""

from collections.abc import Iterator

import pytest
from msgspec import inspect

from cordboard.rest.kinds import INSTANT, JSON_OBJECT, JSON_VALUE, plain
from cordboard.testkit.running import Cordboard
from tests.operations.tables import Operation, built, kind_of, placeholder_path


def bad_texts(declared: inspect.Type) -> Iterator[str]:
    yield "a\0b"
    kind = kind_of(declared)
    if kind == INSTANT:
        yield from ("yesterday", "9" * 30, "0001-01-01")
        return
    if kind in {JSON_OBJECT, JSON_VALUE}:
        yield from ("not json", f'{{"a":{"[" * 101}{"]" * 101}}}', '{"a":"\\ud800"}', '{"a":NaN}')
        return
    match plain(declared):
        case inspect.IntType(ge=int() as least, le=int() as most):
            yield from (str(least - 1), str(most + 1), str(2**63), "9" * 400, "1.5", "1e3", "")
        case inspect.StrType(max_length=int() as length):
            yield "x" * (length + 1)
        case inspect.EnumType() | inspect.LiteralType():
            yield "no such value"
        case inspect.ListType(item_type=item):
            yield from bad_texts(item)
        case inspect.StructType() | inspect.DictType():
            yield from ("not json", "[" * 101 + "]" * 101, "7")


@pytest.mark.parametrize("operation", list(built()), ids=str)
def test_a_value_out_of_its_bounds_is_refused_by_its_name(cordboard: Cordboard, operation: Operation) -> None:
    for field in operation.fields:
        for text in bad_texts(field.type):
            form = {**operation.least_form, field.encode_name: text}
            answer = operation.send(cordboard.http, placeholder_path(operation.route.path), form)
            assert answer.status == 400, f"{field.encode_name}={text[:80]!r}: {answer.text}"
            # A JSON body is read whole before anybody looks for parameters in it.
            unread = operation.route.body == "json" and "\0" in text
            said = "Invalid body" if unread else f"Invalid parameter {field.encode_name}"
            assert said in answer.json["message"]
