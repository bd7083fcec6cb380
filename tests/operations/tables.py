"""The operations of all products, as their tables give them, and forms that each of them accepts."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import msgspec
from msgspec import inspect

from cordboard.kernel.pages import Page
from cordboard.rest.forms import FormReader
from cordboard.rest.kinds import JSON_OBJECT, JSON_VALUE, KIND, plain
from cordboard.rest.routes import Product, Route, Unbuilt
from cordboard.server.compose import PRODUCTS
from cordboard.testkit.exchange import Answer
from cordboard.testkit.http import Http

_SID_PREFIX = re.compile(r"\^\(\?:([A-Z]{2})")
_PARAMETER = re.compile(r"\{(\w+)\}")

# What an operation demands by a rule, beside the fields that its form must have.
_BY_RULE = {
    "ListParticipantConversation": {"Identity": "ana"},
    "ListServiceParticipantConversation": {"Identity": "ana"},
}


class Operation(NamedTuple):
    product: Product
    route: Route

    def __str__(self) -> str:
        return f"{self.product.name}.{self.route.operation}"

    @property
    def host(self) -> str:
        return self.product.hosts[0]

    @property
    def path_parameters(self) -> list[str]:
        return _PARAMETER.findall(self.route.path)

    @property
    def fields(self) -> list[inspect.Field]:
        """What may come in the query or the body."""
        shape = cast("inspect.StructType", inspect.type_info(self.route.form))
        special = {*FormReader(self.route.form).headers, *self.path_parameters}
        return [
            field
            for field in shape.fields
            if field.encode_name not in special and getattr(field.type, "cls", None) is not Page
        ]

    @property
    def least_form(self) -> dict[str, str]:
        """A text for every parameter that must be there."""
        least = {field.encode_name: text_of(field.type) for field in self.fields if field.required}
        return {**least, **_BY_RULE.get(self.route.operation, {})}

    def parts(self, path: str) -> dict[str, str]:
        """The values of the path's parameters."""
        found = re.fullmatch(_PARAMETER.sub(r"(?P<\1>[^/]+)", self.route.path), path)
        assert found
        return found.groupdict()

    def matches(self, path: str) -> bool:
        """Whether a call of this path comes here: of several rows that fit, the one that spells out most of it is called."""
        fits = [row.path for row in self.product.routes if re.fullmatch(_PARAMETER.sub("[^/]+", row.path), path)]
        return self.route.path in fits and self.route.path.count("{") == min(fit.count("{") for fit in fits)

    def send(self, http: Http, path: str, form: dict[str, str], **options: Any) -> Answer:
        """The operation at this path, its form where the operation wants it."""
        options["host"] = self.host
        if self.route.verb in {"GET", "DELETE"}:
            return http.request(self.route.verb, f"{path}?{urlencode(form)}" if form else path, **options)
        if self.route.body == "json":
            lists = {field.encode_name for field in self.fields if isinstance(plain(field.type), inspect.ListType)}
            body = {name: [text] if name in lists else text for name, text in form.items()}
            return http.post_json(path, body, **options)
        return http.post(path, form, **options)


def built() -> Iterator[Operation]:
    for product in PRODUCTS:
        for route in product.routes:
            if isinstance(route, Route):
                yield Operation(product, route)


def unbuilt() -> Iterator[tuple[Product, Unbuilt]]:
    for product in PRODUCTS:
        for route in product.routes:
            if isinstance(route, Unbuilt):
                yield product, route


def placeholder_path(path: str) -> str:
    """A path of this form with SIDs that nobody has."""
    return _PARAMETER.sub(f"XX{'0' * 32}", path)


def kind_of(declared: inspect.Type) -> str | None:
    """The kind that ``Meta(extra=...)`` names, at any place of an optional type."""
    if isinstance(declared, inspect.UnionType):
        return next((found for member in declared.types if (found := kind_of(member))), None)
    return (declared.extra or {}).get(KIND) if isinstance(declared, inspect.Metadata) else None


def text_of(declared: inspect.Type) -> str:
    """A parameter's text of this type."""
    if kind_of(declared) in {JSON_OBJECT, JSON_VALUE}:
        return "{}"
    value = _value_of(plain(declared))
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _value_of(declared: inspect.Type) -> Any:
    match declared:
        case inspect.StrType(pattern=str() as pattern):
            found = _SID_PREFIX.match(pattern)
            assert found, f"say what a text of the form {pattern} is"
            return f"{found[1]}{'0' * 32}"
        case inspect.StrType():
            return "x"
        case inspect.IntType():
            return declared.ge
        case inspect.BoolType():
            return True
        case inspect.EnumType():
            return next(iter(declared.cls)).value
        case inspect.LiteralType():
            return declared.values[0]
        case inspect.ListType():
            return _value_of(plain(declared.item_type))
        case inspect.StructType():
            return {field.encode_name: _value_of(plain(field.type)) for field in declared.fields if field.required}
        case inspect.DictType() | inspect.AnyType():
            return {}
        case _:
            raise AssertionError(f"say what a value of {declared} is")
