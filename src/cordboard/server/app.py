"""The outer ASGI app. Starlette carries what is not the API: health, metrics and, in later issues, sockets and pages.

Calls to the API do not pass through it: that costs 17 of 72 microseconds a request (design D1).
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from cordboard.kernel.errors import Misdirected
from cordboard.rest.hosts import Names

from .metrics import Family, Metrics

_FRESH = {"cache-control": "no-store"}


class OuterApp:
    """``problems`` says why the server is not ready. ``running`` counts the calls to the API that are under way."""

    problems: Callable[[], Awaitable[list[str]]]

    def __init__(self, rest: ASGIApp, metrics: Metrics, names: Names) -> None:
        async def ready(_request: Request) -> Response:
            found = await self.problems()
            if found:
                return JSONResponse({"status": "not ready", "problems": found}, 503, _FRESH)
            return JSONResponse({"status": "ready", "problems": []}, headers=_FRESH)

        async def healthy(_request: Request) -> Response:
            return PlainTextResponse("ok", headers=_FRESH)

        async def measured(request: Request) -> Response:
            try:
                names.origin(request.scope, dict(request.scope["headers"]))
            except Misdirected as error:
                return PlainTextResponse(error.message, error.status, _FRESH)
            families = await metrics.read()
            body, content_type = await asyncio.to_thread(_expose, families, request.headers.get("accept", ""))
            return Response(body, headers={**_FRESH, "content-type": content_type})

        routes = [Route("/healthz", healthy), Route("/readyz", ready), Route("/metrics", measured)]
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


def _expose(families: list[Family], accept: str) -> tuple[bytes, str]:
    from .exposition import expose  # noqa: PLC0415 - a start without a scraper does not pay for it

    return expose(families, accept)
