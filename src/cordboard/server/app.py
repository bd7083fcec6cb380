"""The outer ASGI app. Starlette carries what is not the API: health and, in later issues, sockets and pages.

Calls to the API do not pass through it: that costs 17 of 72 microseconds a request (design D1).
"""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

_FRESH = {"cache-control": "no-store"}


class OuterApp:
    """``problems`` says why the server is not ready. ``running`` counts the calls to the API that are under way."""

    def __init__(self, rest: ASGIApp, problems: Callable[[], Awaitable[list[str]]]) -> None:
        async def ready(_request: Request) -> Response:
            found = await problems()
            if found:
                return JSONResponse({"status": "not ready", "problems": found}, 503, _FRESH)
            return JSONResponse({"status": "ready", "problems": []}, headers=_FRESH)

        async def healthy(_request: Request) -> Response:
            return PlainTextResponse("ok", headers=_FRESH)

        routes = [Route("/healthz", healthy), Route("/readyz", ready)]
        self._paths = frozenset(route.path for route in routes)
        self._starlette = Starlette(routes=routes)
        self._rest = rest
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a call to the API to ``rest``, everything else to Starlette."""
        if scope["type"] != "http" or scope["path"] in self._paths:
            await self._starlette(scope, receive, send)
            return
        self.running += 1
        try:
            await self._rest(scope, receive, send)
        finally:
            self.running -= 1
