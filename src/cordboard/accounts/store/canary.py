"""One sealed text, by which a wrong key is noticed at start and not when the first customer writes."""

import msgspec

from cordboard.storage.tables import Table


class Canary(msgspec.Struct, frozen=True):
    """A text that only the right key opens."""

    name: str
    sealed: str


CANARY = Table("canary", Canary, key=("name",), version=None)
