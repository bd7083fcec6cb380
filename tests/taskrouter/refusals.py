"""What a refusal by the official client says."""

from collections.abc import Callable
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException


def refusal(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> tuple[int, int, str]:
    """Status, code and sentence of a call that must be refused."""
    with pytest.raises(TwilioRestException) as refused:
        call(*arguments, **parameters)
    return refused.value.status, refused.value.code, refused.value.msg


def sentence(call: Callable[..., Any], *arguments: Any, **parameters: Any) -> str:
    """The sentence of a call that must be refused as a bad request."""
    status, code, message = refusal(call, *arguments, **parameters)
    assert (status, code) == (400, 20001)
    return message.removeprefix("Unable to create record: ").removeprefix("Unable to update record: ")
