"""``Idempotency-Key``, a header of ours: a POST that is sent again with the same key is done once, and answered the same.

A caller who got no answer cannot know whether the call was done. With a key it asks again, and gets the answer of the first
time, byte for byte. So the answer is written in the same unit as what the call changed (promise 1 holds for both or for
neither), and it is rendered before that unit is flushed. Only what was done is kept: a refusal wrote nothing, so the same call
with the same key may be tried again, and no answer of 4xx or 5xx ever comes back.

Two calls are the same when the same credentials ask for the same operation and its action would be told the same: parameters of
path, query and body as they were read, and the headers that a form has. How they were spelt, and under which host, does not matter.
"""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Any

import msgspec

from cordboard.kernel.caller import Caller
from cordboard.kernel.errors import Invalid

from .forms import Form
from .problems import Answer

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
REPLAYED = "Idempotent-Replayed"

_FIELD = HEADER.lower().encode()
_VISIBLE = frozenset(range(0x21, 0x7F))
_DIGEST_BYTES = 16


class KeyedCall(msgspec.Struct, frozen=True):
    """A call with a key: keys are an account's own, and ``digest`` tells what was asked for, and by whom."""

    account_sid: str
    key: str
    digest: str


Once = Callable[[Any, KeyedCall, Callable[[], Awaitable[Answer]]], Awaitable[Answer]]
"""Give the answer that is kept for a call, with the header REPLAYED; or let it be made, and keep it in the same unit.

The first argument is that unit. Raises Conflict if the key was used for another call.
"""


def read_key(headers: dict[bytes, bytes]) -> str | None:
    """The key of a POST; None for a call without. Raises Invalid."""
    key = headers.get(_FIELD)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not _VISIBLE.issuperset(key):
        message = f"Invalid header {HEADER}: expected 1 to {LONGEST_KEY} visible ASCII characters without spaces"
        raise Invalid(message)
    return key.decode()


def keyed(key: str, caller: Caller, operation: str, form: Form) -> KeyedCall:
    """The call as its key remembers it; ``operation`` is unique among all products."""
    asked = msgspec.json.encode((operation, caller.key_sid, caller.identity, form))
    return KeyedCall(caller.account_sid, key, blake2b(asked, digest_size=_DIGEST_BYTES).hexdigest())
