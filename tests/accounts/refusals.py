"""How the official client tells of a refusal: with an error of its own for one resource, another for a list."""

from collections.abc import Callable

import msgspec
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException


def refusal(call: Callable[[], object]) -> tuple[int, int]:
    """HTTP status and code of a call that must be refused."""
    with pytest.raises(TwilioException) as refused:
        call()
    error = refused.value
    if isinstance(error, TwilioRestException):
        return error.status, error.code
    _, response = error.args
    return response.status_code, msgspec.json.decode(response.text)["code"]
