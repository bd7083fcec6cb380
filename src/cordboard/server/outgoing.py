"""What calls receivers. Imported with the first delivery that there is."""

from zlib import crc32

import httpcore
import httpx

from cordboard import __version__
from cordboard.webhooks.calling import Calls
from cordboard.webhooks.corked import Corking
from cordboard.webhooks.destinations import Policy
from cordboard.webhooks.guarded import guarded_transport

_POOLS = 16
# For each pool. How many connections there are at once is the sender's to say.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=16, keepalive_expiry=30)


def outgoing(policy: Policy) -> Calls:
    """Calls where the policy allows it, and says who calls."""
    network, tls = Corking(httpcore.AnyIOBackend()), httpx.create_ssl_context()
    pools = [guarded_transport(policy, limits=_LIMITS, ssl_context=tls, network=network) for _ in range(_POOLS)]
    return Calls(_Spread(pools), f"Cordboard/{__version__}")


class _Spread(httpx.AsyncBaseTransport):
    """Several pools, of which a URL has one: httpcore looks through all connections of a pool for each request."""

    def __init__(self, pools: list[httpx.AsyncBaseTransport]) -> None:
        self._pools = pools

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        where = f"{request.url.host}:{request.url.port}{request.url.path}"
        return await self._pools[crc32(where.encode()) % len(self._pools)].handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools:
            await pool.aclose()
