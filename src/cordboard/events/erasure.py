"""Forgetting somebody in what was recorded: the facts of then lose what the rows of now lose. No event goes, so the feed is whole."""

from typing import Any

import msgspec

from cordboard.kernel.json import dump
from cordboard.kernel.redaction import EMPTY, Redaction
from cordboard.storage.slices import OWNERS, Rewritten
from cordboard.storage.unit import Unit

from .feed import entries_after
from .journal import JOURNAL

_ENTRIES = OWNERS

# Facts that are texts of callers; all others are the program's own words, such as states.
_WHO = ("author", "identity", "address")
_NAMES = ("name", "friendly_name", "unique_name", "business_name", "business_address")
_TEXTS = frozenset((*_WHO, *_NAMES, "body", "subject", "reason", "error_message"))
_JSON = frozenset(("attributes", "addons"))
# What somebody said, or what was noted about them.
_THEIRS: dict[str, str | None] = {"body": "", "subject": None, "name": None, "friendly_name": None, "attributes": EMPTY}


async def erase_events(unit: Unit, account_sid: str, redaction: Redaction, behind: str) -> Rewritten:
    """A slice of an account's journal."""
    entries = await entries_after(unit, account_sid, int(behind or 0), _ENTRIES)
    count = 0
    for entry in entries:
        packed = msgspec.json.decode(entry.data)
        without = packed | {"facts": [_without(fact, redaction) for fact in packed["facts"]]}
        if without != packed:
            # Deleted and inserted is an update that is guarded by all columns: one that was removed meanwhile stays removed.
            unit.delete(JOURNAL, entry)
            unit.insert(JOURNAL, msgspec.structs.replace(entry, data=dump(without)))
            count += 1
    return Rewritten(count, str(entries[-1].position) if len(entries) == _ENTRIES else None)


def _without(value: Any, redaction: Redaction) -> Any:  # noqa: ANN401 - JSON is any of seven types
    if isinstance(value, list):
        return [_without(one, redaction) for one in value]
    if not isinstance(value, dict):
        return value
    is_theirs = any(isinstance(who := value.get(key), str) and redaction.names(who) for key in _WHO)
    kept: dict[str, Any] = {}
    for key, one in value.items():
        if is_theirs and key in _THEIRS:
            kept[key] = _THEIRS[key]
        elif isinstance(one, str) and key in _JSON:
            # What was noted of them then, whatever it is for now.
            kept[key] = one if redaction.json(one) == one else EMPTY
        elif isinstance(one, str):
            kept[key] = redaction.text(one) if key in _TEXTS else one
        else:
            kept[key] = _without(one, redaction)
    return kept
