"""Pairs or JSON -> one struct with everything an action is told: path parameters, fields, the page, headers that mean something.

A form is a class that derives from ``Form``; a field's annotation is its kind, and what an official client may send for each
kind is decided once:

- ``Annotated[str, Meta(max_length=...)]``: the text. ``''`` is a text; absent is another thing (``X | UnsetType = UNSET``).
- ``Annotated[int, Meta(ge=..., le=...)]``: digits, with a sign or without; msgspec alone takes ``5.0``, ``1e3`` and 300 digits.
- ``bool``: ``true``, ``1`` and ``yes`` in any case are true, anything else is false (taskrouter.md 1.1).
- ``Instant``: an ISO 8601 date or date-time, given to the action as milliseconds.
- an enum or a ``Literal``: one of its values, case-sensitive.
- ``list[...]`` of these: the parameter repeated; of an enum also with commas (``AssignmentStatus=pending,reserved``).
- ``Annotated[JsonObject, Meta(max_length=...)]`` and ``JsonValue``: JSON text, checked and handed on byte for byte.
- a struct, a dict or ``Any``: JSON text inside the field, read into it.

A parameter given twice counts once, the last; unknown ones are ignored. Every integer must be bounded and every text have a
length, inside JSON too: a form without fails when the app is built, for the database would fail on a caller's number later.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Meta, inspect

from cordboard.kernel import json
from cordboard.kernel.errors import Invalid
from cordboard.kernel.pages import Page
from cordboard.kernel.sids import sid_pattern

from .kinds import (
    INSTANT,
    JSON_OBJECT,
    JSON_VALUE,
    KIND,
    Read,
    check_bounds,
    is_instant,
    plain,
    read_boolean,
    read_instant,
    reader_of,
)
from .sentences import fault_of, noun_of, shown

_JSON = {"contentMediaType": "application/json"}

Instant = Annotated[int, Meta(extra={KIND: INSTANT}, extra_json_schema={"type": "string", "format": "date-time"})]
JsonObject = Annotated[str, Meta(extra={KIND: JSON_OBJECT}, extra_json_schema=_JSON)]
JsonValue = Annotated[str, Meta(extra={KIND: JSON_VALUE}, extra_json_schema=_JSON)]
PathValue = Annotated[str, Meta(max_length=256)]

_SID_LENGTH = 34
_VERSION = re.compile(rb'(?:W/)?"([0-9]{1,18})"|([0-9]{1,18})')


def sid(*prefixes: str) -> Meta:
    """Bounds of a SID in a form, as ``Meta``; not for paths, where a wrong SID is a 404."""
    return Meta(
        pattern=sid_pattern(*prefixes),
        max_length=_SID_LENGTH,
        description=f"a SID ({' or '.join(prefixes)} and 32 hex digits)",
    )


class Form(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What an operation takes. Subclasses repeat ``frozen=True, kw_only=True``.

    Fields are named in the vendor's PascalCase; names with dots say ``msgspec.field(name="MessagingBinding.Address")``. Some
    fields are no parameters: one of type ``kernel.pages.Page`` is made of PageSize, Page and PageToken, and those named in
    ``HEADERS`` of a header. ``codes`` gives the vendor's error code for single parameters, by their vendor names;
    ``default_code`` is for the others.
    """

    codes: ClassVar[Mapping[str, int]] = {}
    default_code: ClassVar[int] = Invalid.code


F = TypeVar("F", bound=Form)


class FormReader(Generic[F]):
    """Reads one form class. Raises TypeError when it is made for a form whose kinds or bounds are not those above.

    ``page`` is the name under which ``special`` holds the page, None where the form has none; ``headers`` are the fields that
    come from a header, by their names in ``special``.
    """

    def __init__(self, form: type[F]) -> None:
        self._form = form
        self._shape = cast("inspect.StructType", inspect.type_info(form))
        self._scalars: dict[str, Read] = {}
        self._lists: dict[str, tuple[Read, bool]] = {}
        self._instants: list[str] = []
        self.page: str | None = None
        self.headers: dict[str, Header] = {}
        for field in self._shape.fields:
            if isinstance(field.type, inspect.StructType) and field.type.cls is Page:
                self.page = field.encode_name
            elif field.name in HEADERS:
                self.headers[field.encode_name] = HEADERS[field.name]
            else:
                self._add(field)

    def _add(self, field: inspect.Field) -> None:
        name, where = field.encode_name, f"{self._form.__qualname__}.{field.name}"
        check_bounds(field.type, where)
        if is_instant(field.type):
            self._instants.append(name)
        declared = plain(field.type)
        if isinstance(declared, inspect.ListType):
            item = declared.item_type
            self._lists[name] = reader_of(item, where), isinstance(item, inspect.EnumType | inspect.LiteralType)
        else:
            self._scalars[name] = reader_of(field.type, where)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The vendor names of all that may come in the path or as a field."""
        return (*self._scalars, *self._lists)

    def read_headers(self, headers: Mapping[bytes, bytes]) -> dict[str, Any]:
        """What the headers say of the form's fields, for ``special``. Raises Invalid."""
        return {name: header.read(headers.get(header.name)) for name, header in self.headers.items()}

    def read(self, path: Mapping[str, str], pairs: list[tuple[str, str]], special: Mapping[str, Any], place: str) -> F:
        """The form of a request. ``special`` is what did not come as a parameter. Raises Invalid.

        ``place`` ends the sentence about a missing parameter, which clients know as ``... in the post body``.
        """
        given = dict(pairs)
        given.update(path)
        values: dict[str, Any] = {}
        for name, text in given.items():
            if (read := self._scalars.get(name)) is not None:
                values[name] = self._one(read, name, text)
            elif name in self._lists:
                values[name] = self._many(name, pairs)
        values.update(special)
        return self._convert(values, place)

    def read_json(self, path: Mapping[str, str], body: bytes, special: Mapping[str, Any]) -> F:
        """The form of a request whose body is one JSON object with the parameters as keys. Raises Invalid."""
        try:
            found = json.parse(body.decode()) if body else {}
        except ValueError as error:
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise Invalid(f"Invalid body: {reason}", code=self._form.default_code) from error
        if not isinstance(found, dict):
            raise Invalid(f"Invalid body: expected an object, got {noun_of(found)}", code=self._form.default_code)
        values = {name: found[name] for name in self.parameters if name in found}
        for name in self._instants:
            if isinstance(text := values.get(name), str):
                values[name] = self._one(read_instant, name, text)
        for name, text in path.items():
            values[name] = self._one(self._scalars[name], name, text)
        values.update(special)
        return self._convert(values, "body")

    def changed(self, form: F, texts: Mapping[str, str]) -> F:
        """The form with other texts for some parameters, read as if the caller had sent them. Raises Invalid."""
        values = msgspec.to_builtins(form)
        values.update((name, self._one(self._scalars[name], name, text)) for name, text in texts.items())
        return self._convert(values, "body")

    def _one(self, read: Read, name: str, text: str) -> Any:  # noqa: ANN401 - as wide as the kinds of fields
        try:
            return read(text)
        except ValueError as error:
            raise self._refused(name, str(error)) from error

    def _many(self, name: str, pairs: Iterable[tuple[str, str]]) -> list[Any]:
        read, takes_commas = self._lists[name]
        texts = [text for key, text in pairs if key == name]
        if takes_commas:
            texts = [part for text in texts for part in text.split(",")]
        return [self._one(read, name, text) for text in texts]

    def _convert(self, values: dict[str, Any], place: str) -> F:
        try:
            return msgspec.convert(values, self._form)
        except msgspec.ValidationError as error:
            parameter, reason = fault_of(error, self._shape)
            if reason is None:
                sentence = f"Missing required parameter {parameter} in the {place}"
                raise Invalid(sentence, code=self._code(parameter)) from error
            raise self._refused(parameter, reason) from error

    def _refused(self, parameter: str, reason: str) -> Invalid:
        return Invalid(f"Invalid parameter {parameter}: {reason}", code=self._code(parameter))

    def _code(self, parameter: str) -> int:
        for name, code in self._form.codes.items():
            if parameter == name or parameter.startswith((f"{name}.", f"{name}[")):
                return code
        return self._form.default_code


def read_if_match(header: bytes | None) -> int | None:
    """The version that the caller wants to change: ``"3"``, ``3`` or ``W/"3"``; None for none and for ``*``. Raises Invalid."""
    if header is None or header == b"*":
        return None
    found = _VERSION.fullmatch(header)
    if found is None:
        message = f'Invalid header If-Match: expected a version such as "3", got {shown(header.decode("latin-1"))}'
        raise Invalid(message)
    return int(found[1] or found[2])


def read_flag(header: bytes | None) -> bool:
    """Whether a header says ``true``, as a boolean parameter would."""
    return header is not None and read_boolean(header.decode("latin-1"))


class Header(NamedTuple):
    """A header that is a field of a form. ``name`` is in lower case."""

    name: bytes
    read: Callable[[bytes | None], Any]


HEADERS: Mapping[str, Header] = {
    "if_match": Header(b"if-match", read_if_match),
    "webhook_enabled": Header(b"x-twilio-webhook-enabled", read_flag),
}
"""Names of fields -> where they come from: ``if_match: int | None``, ``webhook_enabled: bool``."""
