"""``cordboard listen``: what a running server delivers to callback URLs, live, and a way to have it at a URL of one's own.

Deliveries of the account are read from the server, wherever they go; or with ``--port`` the command is their receiver, and
sees what really arrives. Either way each can be handed on to another URL, signed for that one.
"""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime
from time import perf_counter
from typing import Annotated

import httpx
import typer
import uvicorn
from rich.console import Console
from starlette.responses import Response

from cordboard import __version__
from cordboard.kernel.sids import is_sid
from cordboard.webhooks import destinations
from cordboard.webhooks.calling import Calls
from cordboard.webhooks.messages import Message
from cordboard.webhooks.model import Reply

from .accounts import DEFAULT_URL, AccountSid, AuthToken, Url
from .deliveries import Deliveries, Delivery, Refused
from .receiving import message_of, receiver, verify
from .telling import Teller, as_sent

_REFUSED = 1
_LOOK_AGAIN_S = 0.5
_LIMIT_MS = 15_000
_FAILED = 502


def listen(
    *,
    account_sid: AccountSid,
    auth_token: AuthToken,
    forward: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send each here too, signed for this URL: http://localhost:3000/hook"),
    ] = None,
    last: Annotated[int, typer.Option(min=0, max=100, help="Begin with the last ones that there were.")] = 0,
    replay: Annotated[
        str | None,
        typer.Option(
            metavar="DL...", help="Send this one again and end: to --forward, or without it to where it belongs."
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65_535,
            help="Be the receiver at this port of localhost instead, check signatures, and answer as --forward does.",
        ),
    ] = None,
    url: Url = DEFAULT_URL,
) -> None:
    """Show deliveries to callback URLs live: headers, bodies, signatures, and how they end. Ctrl-C ends it.

    Signatures need the account's SID and auth token; with an API key they are left out.
    """
    listener = Listener(url, (account_sid, auth_token), forward, Teller(Console(file=sys.stdout)))
    try:
        if forward is not None:
            destinations.parse(forward)
        if replay is not None:
            is_good = asyncio.run(listener.replay(replay))
            raise typer.Exit(0 if is_good else _REFUSED)
        asyncio.run(listener.follow(last) if port is None else listener.receive(port))
    except (Refused, destinations.Refused) as refusal:
        print(f"cordboard: {refusal}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    except httpx.HTTPError as error:
        print(f"cordboard: {url} does not answer: {error}", file=sys.stderr)
        raise typer.Exit(_REFUSED) from None
    except KeyboardInterrupt:
        raise typer.Exit from None


class Listener:
    """Listens to the deliveries of one account, and hands them on if it is told where."""

    def __init__(self, url: str, credentials: tuple[str, str], forward: str | None, teller: Teller) -> None:
        self._url = url
        self._credentials = credentials
        self._forward = forward
        self._teller = teller
        # What signs is the account's token: an API key's secret does not.
        self._tokens = credentials[1:] if is_sid(credentials[0], "AC") else ()

    async def follow(self, last: int) -> None:
        """Show what is delivered, for ever. Raises Refused, and httpx.HTTPError when the server does not answer at first."""
        async with Deliveries(self._url, self._credentials) as deliveries:
            before = await deliveries.news()
            self._teller.say(f"Listening to deliveries of {self._credentials[0]} at {self._url}")
            for delivery, _ in before[len(before) - last :]:
                await self._show(delivery, is_new=True)
            while True:
                await asyncio.sleep(_LOOK_AGAIN_S)
                with contextlib.suppress(httpx.TransportError):  # a server that starts again
                    for delivery, is_new in await deliveries.news():
                        await self._show(delivery, is_new=is_new)

    async def replay(self, sid: str) -> bool:
        """Send one again; whether its receiver took it, or the server takes care of it. Raises as ``follow`` does."""
        async with Deliveries(self._url, self._credentials) as deliveries:
            if self._forward is None:
                delivery = await deliveries.replay(sid)
                self._headline(delivery)
                return True
            delivery = await deliveries.one(sid)
        await self._show_request(delivery)
        return (await self._hand_on(delivery.message(*self._tokens), self._forward)).is_good

    async def receive(self, port: int) -> None:
        """Take what comes to a port of this machine, for ever."""
        self._teller.say(f"Receiving at http://localhost:{port}: give this, with any path, as a callback URL")
        config = uvicorn.Config(receiver(self._take), port=port, log_config=None, lifespan="off", ws="none")
        await uvicorn.Server(config).serve()

    async def _show(self, delivery: Delivery, *, is_new: bool) -> None:
        if not is_new:
            self._headline(delivery)
            return
        await self._show_request(delivery)
        if self._forward is not None:
            await self._hand_on(delivery.message(*self._tokens), self._forward)

    async def _show_request(self, delivery: Delivery) -> None:
        self._headline(delivery)
        request = await as_sent(delivery.callback_url, delivery.message(*self._tokens))
        if request is not None:
            self._teller.request(request)

    def _headline(self, delivery: Delivery) -> None:
        tried = f"after {delivery.attempts} attempts" if delivery.attempts > 1 else ""
        why = f"({delivery.error})" if delivery.error else ""
        self._teller.headline(
            delivery.date_updated, delivery.sid, delivery.status, tried, why, delivery.method, delivery.callback_url
        )

    async def _take(self, request: httpx.Request) -> Response:
        self._teller.headline(datetime.now(UTC), request.method, request.url)  # noqa: TID251 - when it came, for who looks on
        self._teller.request(request)
        if self._tokens:
            is_good = verify(request, *self._tokens)
            said = "verifies" if is_good else f"does not verify with the token of {self._credentials[0]}"
            self._teller.verdict(f"the signature {said}", is_good=is_good)
        if self._forward is None:
            return Response(status_code=httpx.codes.NO_CONTENT)
        reply = await self._hand_on(message_of(request, *self._tokens), self._forward)
        return Response(reply.body, reply.status or _FAILED, media_type=reply.content_type or None)

    async def _hand_on(self, message: Message, url: str) -> Reply:
        calls = Calls(httpx.AsyncHTTPTransport(trust_env=False), f"Cordboard/{__version__}")
        began = perf_counter()
        try:
            reply = await calls.call(url, _LIMIT_MS, message)
        finally:
            await calls.close()
        self._teller.reply(url, reply, (perf_counter() - began) * 1000)
        return reply
