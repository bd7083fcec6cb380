"""What the official client raises for a refusal."""

import pytest
from twilio.base.exceptions import TwilioRestException


def refusal(status: int, code: int, match: str | None = None) -> pytest.RaisesExc[TwilioRestException]:
    """A context that expects this HTTP status and vendor code, and a message that matches."""
    return pytest.raises(
        TwilioRestException, match=match, check=lambda error: (error.status, error.code) == (status, code)
    )
