"""Parameters of the vendor's that are not built: refused by name, never stored and ignored."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from cordboard.kernel.errors import NotBuilt
from cordboard.rest.forms import Form

Later = Annotated[str, Meta(max_length=64 * 1024)] | UnsetType


def refuse_later(form: Form, fields: tuple[str, ...]) -> None:
    """Raise NotBuilt for the first of these fields that was sent."""
    for field, name in zip(form.__struct_fields__, form.__struct_encode_fields__, strict=True):
        if field in fields and getattr(form, field) is not UNSET:
            message = f"Cordboard does not have the parameter {name} yet"
            raise NotBuilt(message)
