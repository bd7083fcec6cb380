"""What an answer to a pre-event webhook means (conversations-and-channels.md 1.9).

4xx and 5xx reject what was to happen. Whoever answers 200 with a JSON object changes it, within what may be changed. Without an
answer it happens as it is, and so it does after one that cannot be read: a program whose reply is ``OK`` lets everything pass.
"""

from http import HTTPStatus
from typing import Any

from cordboard.kernel import json
from cordboard.kernel.errors import Forbidden, Invalid
from cordboard.webhooks.asking import Fault, object_of
from cordboard.webhooks.model import Reply

from .webhook_events import Before

REFUSED, FAILED, TIMED_OUT = 50056, 50057, 50076


def check_allowed(before: Before, reply: Reply) -> None:
    """Raise Forbidden if it is rejected."""
    if reply.status is None or reply.status < HTTPStatus.BAD_REQUEST:
        return
    refused = reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    message = f"The {before.name} webhook answered {reply.status}: the action is rejected"
    raise Forbidden(message, code=REFUSED if refused else FAILED)


def texts_of(before: Before, reply: Reply) -> dict[str, str]:
    """Parameters of the form that the answer changes. Raises Invalid for one that is not a text."""
    said = _said(reply)
    if isinstance(said, Fault):
        return {}
    return {
        parameter: _text(parameter, said[key])
        for key, parameter in before.changeable.items()
        if said.get(key) is not None
    }


def fault_of(reply: Reply) -> Fault | None:
    """What was wrong with an answer that rejects nothing."""
    said = _said(reply)
    return said if isinstance(said, Fault) else None


def _said(reply: Reply) -> dict[str, Any] | Fault:
    if reply.status is None:
        return Fault(TIMED_OUT, reply.error or "no answer")
    if not reply.is_good:
        return Fault(FAILED, reply.error or f"it answered {reply.status}")
    if not reply.body.strip():
        return {}
    return object_of(reply, FAILED)


def _text(parameter: str, value: Any) -> str:  # noqa: ANN401 - JSON is any of seven types
    if isinstance(value, str):
        return value
    if parameter == "Attributes":
        return json.dump(value)
    message = f"Invalid parameter {parameter}: the webhook's answer has it, and it is no text"
    raise Invalid(message)
