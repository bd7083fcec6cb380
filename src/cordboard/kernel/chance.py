"""Chance as a parameter: the machine's, or a seeded one with which a run can be repeated."""

import random
import secrets
import struct
from typing import Protocol

_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class Chance(Protocol):
    """A source of randomness."""

    def bits(self, count: int) -> int:
        """An integer of ``count`` random bits."""
        ...

    def fraction(self) -> float:
        """A number in [0, 1), for jitter."""
        ...


class SystemChance:
    """Randomness of the operating system, fit for secrets."""

    # One unit draws some fifteen times, for its SIDs; asking the system each time would cost more than all of them.
    _WORD = 64
    _POOL = struct.Struct("=128Q")

    def __init__(self) -> None:
        self._words: list[int] = []

    def bits(self, count: int) -> int:
        """See Chance."""
        if count != self._WORD:
            return secrets.randbits(count)
        if not self._words:
            self._words = list(self._POOL.unpack(secrets.token_bytes(self._POOL.size)))
        return self._words.pop()

    def fraction(self) -> float:
        """See Chance."""
        return self.bits(53) / (1 << 53)


class SeededChance:
    """The same numbers for the same seed: for tests and replays, never for secrets that guard anything."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable by intention

    def bits(self, count: int) -> int:
        """See Chance."""
        return self._random.getrandbits(count)

    def fraction(self) -> float:
        """See Chance."""
        return self._random.random()


def token(chance: Chance, length: int = 32) -> str:
    """A secret of letters and digits only: twilio-go refuses any other character in credentials."""
    # 8 random bits for 62 letters would favour the first ones; 62 divides 2**48 almost evenly.
    return "".join(_LETTERS_AND_DIGITS[chance.bits(48) % len(_LETTERS_AND_DIGITS)] for _ in range(length))
