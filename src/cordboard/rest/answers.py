"""The kinds of fields that answers have.

A view says in its return type, a ``TypedDict``, what it answers, which mypy holds against what it does; ``openapi`` describes it
by that. On the wire all of these are texts.
"""

from typing import Annotated

from msgspec import Meta

from .forms import sid

Date = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
Url = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
Links = Annotated[dict[str, str | None], Meta(extra_json_schema={"format": "uri-map"})]
JsonText = Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/json"})]

AccountSid = Annotated[str, sid("AC")]
