"""Parameters that were sent -> fields of a fact, under the names that facts have."""

from typing import Any

from msgspec import UNSET

from cordboard.kernel.errors import Invalid
from cordboard.rest.forms import HEADERS, Form

_NO_PARAMETERS = 20161
_NAMES = {"date_created": "created_at", "date_updated": "updated_at", "last_read_timestamp": "last_read_at"}


def given(form: Form, *path: str) -> dict[str, Any]:
    """Field of the fact -> value, for every parameter that was sent but those of the path."""
    no_facts = {*path, "chat_service_sid", *HEADERS}
    values = {name: getattr(form, name) for name in form.__struct_fields__ if name not in no_facts}
    return {_NAMES.get(name, name): value for name, value in values.items() if value is not UNSET}


def changes(form: Form, *path: str, code: int = _NO_PARAMETERS) -> dict[str, Any]:
    """The same for an update, which needs at least one parameter. Raises Invalid."""
    values = given(form, *path)
    if not values:
        message = "An update needs at least one parameter"
        raise Invalid(message, code=code)
    return values
