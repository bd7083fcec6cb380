"""Connection overrides: what a URL's fragment says about how it is called, such as ``https://x/y#rc=3&ct=2000&rp=ct,5xx``.

Keys, bounds and defaults are the vendor's: retries follow one another at once within one attempt, all within the total time. What is
out of bounds or has no meaning is passed over; ``e`` and ``sni`` too, for a server of one's own has one edge and always sends SNI.
The fragment itself is never sent.
"""

import re
from typing import Self
from urllib.parse import parse_qsl

import msgspec

from .model import Reply, Trouble

_POLICIES = frozenset((Trouble.CONNECT, Trouble.READ, Trouble.REFUSED, Trouble.BROKEN))
_NUMBER = re.compile(r"[0-9]{1,5}")
# Least and most of each, in milliseconds and in times.
_BOUNDS = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """How a URL is called. ``retries`` at once follow a trouble of ``policy``."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 0
    policy: frozenset[Trouble] = frozenset((Trouble.CONNECT,))

    @classmethod
    def of(cls, fragment: str) -> Self:
        """What a fragment says. One that says anything has one retry, as with the vendor; without one the next attempt is ours."""
        given = dict(parse_qsl(fragment))
        numbers = {name: number for name, bounds in _BOUNDS.items() if (number := _number(given.get(name), bounds))}
        if given.get("rc") == "0":
            numbers["rc"] = 0
        policy = frozenset(trouble for trouble in _POLICIES if trouble in given.get("rp", "").split(","))
        if given.get("rp") == "all":
            policy = _POLICIES
        plain = cls()
        known = given.keys() & {*_BOUNDS, "rp"}
        return cls(
            connect_ms=numbers.get("ct", plain.connect_ms),
            read_ms=numbers.get("rt", plain.read_ms),
            total_ms=numbers.get("tt", plain.total_ms),
            retries=numbers.get("rc", 1) if known else 0,
            policy=policy or plain.policy,
        )

    def within(self, limit_ms: int) -> Self:
        """The same, but no longer than that in all."""
        return msgspec.structs.replace(self, total_ms=min(self.total_ms, limit_ms))

    def retry(self, reply: Reply) -> bool:
        """Whether such an end of a try is worth another one at once."""
        return reply.trouble in self.policy


def split(url: str) -> tuple[str, Overrides]:
    """The URL that is called, and how."""
    called, _, fragment = url.partition("#")
    return called, Overrides.of(fragment)


def _number(text: str | None, bounds: tuple[int, int]) -> int | None:
    if text is None or _NUMBER.fullmatch(text) is None:
        return None
    least, most = bounds
    return int(text) if least <= int(text) <= most else None
