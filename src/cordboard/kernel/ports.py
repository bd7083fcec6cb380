"""What a unit takes from outside itself besides rows."""

import msgspec

from .chance import Chance
from .clock import Clock
from .keyring import Keyring
from .sids import Sids


class Ports(msgspec.Struct, frozen=True):
    """Time, chance, SIDs and the keys of secrets; tests give movable and seeded ones (design D8)."""

    clock: Clock
    chance: Chance
    sids: Sids
    keyring: Keyring
