"""A Cordboard inside the test process, as a test holds it."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from cordboard.kernel.clock import MILLISECONDS
from cordboard.server.compose import System, compose

from .client import http_client
from .clock import MovableClock
from .exchange import Answer, Request, exchange
from .faults import Faults
from .http import Credentials, Http
from .listening import Listening
from .loop import LoopThread

T = TypeVar("T")


class Clock:
    """The test's hand on the server's clock. It stands still unless it is moved."""

    def __init__(self, cordboard: "Cordboard", clock: MovableClock) -> None:
        self._cordboard = cordboard
        self._clock = clock

    def now(self) -> datetime:
        """The server's time, in UTC."""
        return datetime.fromtimestamp(self._clock.now() / MILLISECONDS, UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass. It stops at every alarm on its way and goes on when all that the alarm set off is done."""
        if seconds < 0:
            raise ValueError(f"time goes forward only, not by {seconds} s")
        self._cordboard.call(self._advance(self._clock.now() + round(seconds * MILLISECONDS)))

    async def _advance(self, end: int) -> None:
        system = self._cordboard.system
        await system.settled()
        while (now := self._clock.now()) < end:
            # Who was busy until just now says what it waits for two turns of the loop later.
            for _ in range(2):
                await asyncio.sleep(0)
            alarms = (system.timers.next_due_at, self._clock.awaited_after(now))
            self._clock.move_to(min([end, *(at for at in alarms if at is not None and at > now)]))
            await system.settled()


class Cordboard:
    """A server of its own for one test: its official client, its clock, its address.

    Calls do not wait for what they set off: the router makes its offers after the answer, as it does in service; ``settled()``
    waits for them.
    """

    def __init__(self, system: System, clock: MovableClock, loop: LoopThread, faults: Faults, seed: int) -> None:
        self.system = system
        self.seed = seed
        self.clock = Clock(self, clock)
        self.faults = faults
        self.account_sid: str = system.first_account.account_sid
        self.auth_token: str = system.first_account.auth_token
        self._loop = loop

    @cached_property
    def client(self) -> Client:
        """``twilio.rest.Client`` with the first account's credentials."""
        return self.client_of(self.account_sid, self.auth_token)

    @cached_property
    def http_client(self) -> TwilioHttpClient:
        """For programs that make their own: ``Client(sid, token, http_client=cordboard.http_client)``."""
        return http_client(self.ask)

    @cached_property
    def http(self) -> Http:
        """Raw HTTP with the first account's credentials."""
        return Http(self.ask, (self.account_sid, self.auth_token))

    @cached_property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``: from the first look on the server listens there, for programs in other processes."""
        return self._listening.url

    def client_of(self, username: str, password: str, account_sid: str | None = None) -> Client:
        """An official client with other credentials: an account's SID and token, or an API key's and the account's SID."""
        return Client(username, password, account_sid, http_client=self.http_client)

    def add_account(self, friendly_name: str) -> Credentials:
        """SID and auth token of a new account, which sees nothing of the first one's."""
        made = self.http.post("/cordboard/v1/Accounts", {"FriendlyName": friendly_name}).json
        return made["sid"], made["auth_token"]

    def settled(self) -> None:
        """Wait until nothing is under way: every write is on disk and everything that follows from it has happened."""
        self.call(self.system.settled())

    def restart(self) -> None:
        """Stop the server and start it again on its database, as an operator does; clock and credentials stay."""
        if "_listening" in self.__dict__:
            raise RuntimeError(
                "a server that listens would come back at another port: restart before the first look at url"
            )
        self.system = self.call(_again(self.system))

    def ask(self, request: Request) -> Answer:
        """Put one request to the server, without a socket."""
        return self.call(exchange(self.system.app, request))

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the server's loop and give its result."""
        return self._loop.call(coroutine)

    def stop(self) -> None:
        """End the server. Raises ServerFault if it met something that it does not know."""
        if "_listening" in self.__dict__:
            self._listening.stop()
        self.call(self.system.stop())

    @cached_property
    def _listening(self) -> Listening:
        return Listening(self.system.app, self._loop)


async def _again(system: System) -> System:
    await system.settled()
    await system.stop()
    again = await compose(system.settings, system.ports)
    await again.start()
    return again
