"""What is known of a call to those who watch: log, meters, traces. Never what is in it: no body, no header, no query.

Of the path only SIDs are told; unique names and identities in it are the caller's own words.
"""

from collections.abc import Callable, Sequence

import msgspec

from cordboard.kernel.sids import is_sid

GONE = 499  # the number that proxies write for a caller who went away before the answer


class Call(msgspec.Struct):
    """One request, filled while it is answered. Empty texts: no route was found, or the caller is not known (yet).

    ``operation`` is the name in the route's table, ``values`` are those of the path's parameters, ``seconds`` the time until
    the answer was handed to the socket.
    """

    request_id: str
    verb: str
    product: str = ""
    operation: str = ""
    account_sid: str = ""
    values: Sequence[str] = ()
    status: int = GONE
    seconds: float = 0.0

    @property
    def sids(self) -> list[str]:
        """The SIDs of the path, in their order."""
        return [value for value in self.values if is_sid(value, "")]

    def facts(self) -> dict[str, object]:
        """What a line of the log says of it; who called and which things it was about only if that is known.

        A failure is told before the call is over, so it has no duration.
        """
        told: dict[str, object] = {
            "request_id": self.request_id,
            "method": self.verb,
            "operation": self.operation or None,
            "status": self.status,
        }
        if self.seconds:
            told["duration_ms"] = round(self.seconds * 1000, 2)
        if self.account_sid:
            told["account_sid"] = self.account_sid
        if sids := self.sids:
            told["sids"] = sids
        return told


Watcher = Callable[[Call], None]
"""Is told of each call when its answer was handed to the socket. It must not raise."""


def nobody(_call: Call) -> None:
    """The watcher of a server that nobody watches."""
