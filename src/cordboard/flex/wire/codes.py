"""The vendor's codes for faults of Interactions (flex-interactions.md 12.2 and 12.3), named by what is wrong.

The vendor finds some of these only after it has answered, and then shows them on a failed channel. Here setting up is part of the
call: each is its refusal, and nothing has been made.
"""

from cordboard.kernel.errors import Invalid
from cordboard.rest.forms import Form

VALIDATION = 45004
PARTICIPANT_NOT_ONE_OF_TWO = 45351
CONVERSATION_TAKEN = 45353
CONVERSATION_CLOSED = 45354
CONVERSATION_EMPTY = 45355
CONVERSATION_NOT_FOUND = 45356
STATUS_MISSING = 45358
STATUS_INVALID = 45359
PARTICIPANT_GONE = 45362
CHANNEL_INVALID = 45366
PARTICIPANT_INVALID = 45367
CHANNEL_NOT_OPEN = 45376


class FlexForm(Form, frozen=True, kw_only=True):
    """A form whose faults are 45004, but for parameters with codes of their own."""

    default_code = VALIDATION


def missing(parameter: str, code: int) -> Invalid:
    """A parameter that only some calls need is missing; ``rest.forms`` says the same of one that all need."""
    return Invalid(f"Missing required parameter {parameter} in the post body", code=code)
