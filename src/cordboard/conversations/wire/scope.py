"""Every resource exists twice: under ``/v1`` in the account's default service, under ``/v1/Services/{ChatServiceSid}`` in any.

The table of routes says each row once, with paths and URLs that go on from either; ``default_service`` and ``any_service``
make the two operations of it. The long one has ``Service`` in its name (``CreateServiceConversation``), takes one more
parameter, and shows ``chat_service_sid`` in its answers.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, wraps
from typing import Any, cast

import msgspec

from cordboard.rest.forms import Form, PathValue
from cordboard.rest.routes import Route, Unbuilt, Urls, View

_FIRST_WORD = re.compile("^(Create|Fetch|List|Update|Delete)")


class Scoped(Form, frozen=True, kw_only=True):
    """A form of an operation that exists twice."""

    @property
    def chat_service_sid(self) -> str | None:
        """The service that the path names; None for the default one. The long form has a field in its place."""
        return None


class Told(Scoped, frozen=True, kw_only=True):
    """A form of a change, of which webhooks hear if the header ``X-Twilio-Webhook-Enabled`` says so."""

    webhook_enabled: bool = False


def default_service(row: Route | Unbuilt) -> Route | Unbuilt:
    """The operation with the short path."""
    if isinstance(row, Unbuilt):
        return replace(row, path=f"/v1{row.path}")
    return replace(row, path=f"/v1{row.path}", view=_short(row.view))


def any_service(row: Route | Unbuilt) -> Route | Unbuilt:
    """The operation with the long path."""
    path = f"/v1/Services/{{ChatServiceSid}}{row.path}"
    operation = _FIRST_WORD.sub(r"\1Service", row.operation)
    if isinstance(row, Unbuilt):
        return replace(row, path=path, operation=operation)
    return replace(row, path=path, operation=operation, form=_with_service(row.form), view=_long(row.view))


# Operations that share a form share its long one too: OpenAPI knows a form by its name.
@cache
def _with_service(form: type[Form]) -> type[Form]:
    made = msgspec.defstruct(
        f"Service{form.__name__}",
        [("chat_service_sid", PathValue)],
        bases=(form,),
        module=form.__module__,
        frozen=True,
        kw_only=True,
        rename="pascal",
    )
    return cast("type[Form]", made)


def _short(view: View) -> View:
    @wraps(view)
    def show(fact: Any, urls: Urls) -> Mapping[str, Any]:  # noqa: ANN401 - whatever this view takes
        return view(fact, Urls(f"{urls.base}/v1"))

    return show


def _long(view: View) -> View:
    @wraps(view)
    def show(fact: Any, urls: Urls) -> Mapping[str, Any]:  # noqa: ANN401 - whatever this view takes
        shown = view(fact, Urls(f"{urls.base}/v1/Services/{fact.chat_service_sid}"))
        return {**shown, "chat_service_sid": fact.chat_service_sid}

    return show
