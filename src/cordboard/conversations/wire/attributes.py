"""The ``Attributes`` of all resources: JSON as text, of any JSON type, kept byte for byte."""

from typing import Annotated

from msgspec import Meta

from cordboard.kernel.errors import Invalid
from cordboard.rest.forms import JsonValue

# More than any resource takes, so that what is too long is told from what is no JSON: the vendor has a code for each.
_MOST = 64 * 1024

Attributes = Annotated[JsonValue, Meta(max_length=_MOST)]
NOT_JSON = 50304
"""The code for attributes that are no JSON."""


def check_attributes(text: str, most: int) -> None:
    """Raise 50303 for attributes of more than ``most`` characters."""
    if len(text) > most:
        message = f"Invalid parameter Attributes: expected at most {most} characters, got {len(text)}"
        raise Invalid(message, code=50303)
