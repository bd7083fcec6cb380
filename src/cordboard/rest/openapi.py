"""``/openapi.json``: the tables of all products as OpenAPI 3.1, so that it can say only what is served.

Paths carry the product's prefix, for it is the form that works on every host. Operations that are not built are listed with
their 501. A struct inside a form is JSON text in its field, which OpenAPI spells as an ``encoding``.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from cordboard import __version__
from cordboard.kernel.pages import DEFAULT_PAGE_SIZE, MOST_PAGE_SIZE, Page

from .forms import Form
from .idempotency import HEADER, LONGEST_KEY
from .openapi_links import links
from .paging import with_meta
from .permissions import permission_of
from .routes import Product, Route, Unbuilt

_REF = "#/components/schemas/{name}"
_PROBLEM = "Problem"
_META = "Meta"
_SCHEMAS: dict[str, Any] = {
    _PROBLEM: {
        "type": "object",
        "required": ["code", "message", "more_info", "status"],
        "properties": {
            "code": {"type": "integer"},
            "message": {"type": "string"},
            "more_info": {"type": "string", "format": "uri"},
            "status": {"type": "integer"},
        },
    },
    _META: {
        "type": "object",
        "required": ["page", "page_size", "first_page_url", "previous_page_url", "url", "next_page_url", "key"],
        "properties": {
            "page": {"type": "integer"},
            "page_size": {"type": "integer"},
            "first_page_url": {"type": "string", "format": "uri"},
            "previous_page_url": {"type": ["string", "null"], "format": "uri"},
            "url": {"type": "string", "format": "uri"},
            "next_page_url": {"type": ["string", "null"], "format": "uri"},
            "key": {"type": "string"},
        },
    },
}
_TURNING = {"meta": {"$ref": f"#/components/schemas/{_META}"}}
_URI = {"type": ["string", "null"], "format": "uri-reference"}
_TURNING_2010 = {
    **{name: {"type": "integer"} for name in ("page", "page_size", "start", "end")},
    **dict.fromkeys(("uri", "first_page_uri", "previous_page_uri", "next_page_uri"), _URI),
}
_PAGE_SCHEMAS: dict[str, Any] = {
    "PageSize": {"type": "integer", "minimum": 1, "maximum": MOST_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
    "Page": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
    "PageToken": {"type": "string", "pattern": "^P[AB][A-Za-z0-9_-]+$"},
}
_VERSION = {
    "type": "string",
    "pattern": r'^(?:(?:W/)?"[0-9]{1,18}"|[0-9]{1,18}|\*)$',
    "examples": ['"3"'],
}
_HEADERS = {
    "IfMatch": {"name": "If-Match", "in": "header", "schema": _VERSION},
    "WebhookEnabled": {
        "name": "X-Twilio-Webhook-Enabled",
        "in": "header",
        "schema": {"type": "string", "enum": ["true", "false"]},
    },
}
_REFUSED = {
    "description": "refused",
    "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{_PROBLEM}"}}},
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
}


def document(products: Iterable[Product]) -> dict[str, Any]:
    """The document for these tables."""
    products = tuple(products)
    built = [route for product in products for route in product.routes if isinstance(route, Route)]
    forms = {route.form for route in built}
    fields, schemas = _schemas(sorted(forms, key=lambda form: (form.__module__, form.__qualname__)))
    answers, more = _answers(built)
    schemas |= more
    paths: dict[str, dict[str, Any]] = {}
    for product in products:
        for route in product.routes:
            named = {"operationId": f"{product.name}.{route.operation}", "tags": [product.name]}
            if isinstance(route, Route):
                permission = {"x-cordboard-permission": permission_of(product, route)}
                named |= permission | _built(route, fields[route.form], answers[route], links(product, route))
            else:
                named |= _unbuilt(route)
            paths.setdefault(f"/{product.name}{route.path}", {})[route.verb.lower()] = named
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cordboard", "version": __version__},
        "security": [{"basic": []}, {"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
            "schemas": {**_SCHEMAS, **schemas},
        },
    }


class _Fields(NamedTuple):
    """The schemas of a form's fields by vendor name; which must be there, and which hold JSON text."""

    properties: dict[str, Any]
    required: frozenset[str]
    nested: frozenset[str]


def _schemas(forms: list[type[Form]]) -> tuple[dict[type[Form], _Fields], dict[str, Any]]:
    """The fields of each form, and the schemas of what is nested in them."""
    references, schemas = msgspec.json.schema_components([*forms, Page], ref_template=_REF)
    names = [reference["$ref"].rpartition("/")[2] for reference in references]
    own = [schemas.pop(name) for name in names]
    page = references[-1]["$ref"]
    fields: dict[type[Form], _Fields] = {}
    for form, schema in zip(forms, own[:-1], strict=True):
        properties: dict[str, Any] = {}
        for name, field in schema["properties"].items():
            if field.get("$ref") == page:
                properties |= _PAGE_SCHEMAS
            else:
                properties[name] = _written(field)
        nested = frozenset(name for name, field in properties.items() if _is_object(field, schemas))
        fields[form] = _Fields(properties, frozenset(schema["required"]), nested)
    return fields, schemas


def _answers(routes: list[Route]) -> tuple[dict[Route, Any], dict[str, Any]]:
    """The schema of what each row answers, and those that they refer to."""
    schemas, components = msgspec.json.schema_components([route.answers for route in routes], ref_template=_REF)
    return dict(zip(routes, schemas, strict=True)), components


def _written(schema: dict[str, Any]) -> dict[str, Any]:
    """A field as a caller writes it: never null, which a form cannot say, and a date as text instead of milliseconds."""
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        schema = choices[0]
    return {**schema, "type": "string"} if schema.get("format") == "date-time" else schema


def _built(route: Route, fields: _Fields, answer: dict[str, Any], leads_to: dict[str, Any]) -> dict[str, Any]:
    properties = dict(fields.properties)
    parameters: list[dict[str, Any]] = []
    parameters += [_in_path(name, properties.pop(name)) for name in route.parameters]
    parameters += [header for name, header in _HEADERS.items() if properties.pop(name, None) is not None]
    if route.verb == "POST":
        parameters.append(_KEY)
    described: dict[str, Any] = {}
    if route.verb in {"GET", "DELETE"}:
        parameters += [_query(name, schema, fields) for name, schema in properties.items()]
    elif properties:
        described["requestBody"] = _body(route, properties, fields)
    described["parameters"] = parameters
    described["responses"] = {**_success(route, answer, leads_to), "default": _REFUSED}
    return described


def _unbuilt(route: Unbuilt) -> dict[str, Any]:
    parameters = [_in_path(name, {"type": "string"}) for name in route.parameters]
    return {"x-cordboard-built": False, "parameters": parameters, "responses": {"501": _REFUSED}}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query(name: str, schema: dict[str, Any], fields: _Fields) -> dict[str, Any]:
    written = {"content": {"application/json": {"schema": schema}}} if name in fields.nested else {"schema": schema}
    return {"name": name, "in": "query", "required": name in fields.required, **written}


def _body(route: Route, properties: dict[str, Any], fields: _Fields) -> dict[str, Any]:
    needed = sorted(fields.required & properties.keys())
    content: dict[str, Any] = {"schema": {"type": "object", "properties": properties, "required": needed}}
    if route.body == "json":
        return {"required": bool(needed), "content": {"application/json": content}}
    if nested := sorted(fields.nested & properties.keys()):
        content["encoding"] = {name: {"contentType": "application/json"} for name in nested}
    return {"required": bool(needed), "content": {"application/x-www-form-urlencoded": content}}


def _is_object(schema: dict[str, Any], schemas: dict[str, Any]) -> bool:
    if "$ref" in schema:
        return _is_object(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    return schema.get("type") == "object" or any(_is_object(choice, schemas) for choice in schema.get("anyOf", ()))


def _success(route: Route, answer: dict[str, Any], leads_to: dict[str, Any]) -> dict[str, Any]:
    if route.verb == "DELETE":
        return {"204": {"description": "deleted"}}
    schema = answer
    if route.list_key is not None:
        items = {route.list_key: {"type": "array", "items": answer}}
        turning = _TURNING if route.envelope is with_meta else _TURNING_2010
        schema = {"type": "object", "required": [*turning, route.list_key], "properties": turning | items}
    done = {"description": "done", "content": {"application/json": {"schema": schema}}}
    return {str(route.status): done | ({"links": leads_to} if leads_to else {})}
