"""One process behind one port, from the first call to the last.

The first SIGTERM or SIGINT ends it in order: not ready, the port closed, idle connections closed; calls under way get their time,
and who has not finished by then gets 503 in the vendor's form. Then alarms and routing stop and the database is closed. The second
signal ends the process at once, whatever it does: what was answered is on disk anyway. ``uvicorn.Server.serve`` is not used, for
it ends with the signal's exit status and answers late calls with a plain 500; its steps are called one by one.
"""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable

import uvicorn
import uvloop
from starlette.types import ASGIApp

from cordboard.kernel.settings import Settings

from . import logs
from .compose import System, compose, system_ports
from .connections import HttpProtocol
from .preconditions import CannotStart

GRACE_S = 10.0
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# After the grace the last answers go out; a client that does not take its answer in this time is left.
_LAST_ANSWERS_S = 3


def run(settings: Settings, started: Callable[[System, str], None]) -> None:
    """Serve until a signal comes. ``started`` gets the system and its URL once calls are answered. Raises CannotStart."""
    with (
        logs.written(settings),
        listener(settings) as sock,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(settings, sock, started))


async def _run(settings: Settings, sock: socket.socket, started: Callable[[System, str], None]) -> None:
    system = await compose(settings, system_ports(settings))
    # Calls make no cycles worth looking for every 700 objects: fewer looks take 4 % off a create. But a look holds everybody up for
    # about a microsecond for two or three objects, and most that are young live on: little at a time, and all hardly ever.
    gc.freeze()
    gc.set_threshold(2_000, 2, 10_000)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def first_signal() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, first_signal)
    await serve(system, sock, stop, started=lambda: started(system, url_of(settings, sock)))


async def serve(
    system: System,
    sock: socket.socket,
    stop: asyncio.Event,
    *,
    started: Callable[[], None] = lambda: None,
    grace_s: float = GRACE_S,
) -> None:
    """Start the system, answer calls on a listening socket until ``stop`` is set, and end in order."""
    config = http_config(system.app, grace_s)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    try:
        await system.start()
        await server.startup(sockets=[sock])
        # Keeps the Date header.
        ticking = asyncio.create_task(server.main_loop(), name="http")
        started()
        await stop.wait()
        system.stopping = True
        # Both begin at once: one closes the port and idle connections, the other sees to the calls under way.
        await asyncio.gather(server.shutdown(sockets=[sock]), system.rest.drain_running(grace_s))
        ticking.cancel()
    finally:
        await system.stop()


def http_config(app: ASGIApp, grace_s: float = GRACE_S) -> uvicorn.Config:
    """How uvicorn carries calls to the app, in service and in tests."""
    return uvicorn.Config(
        app,
        http=HttpProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Whom to believe about forwarded headers is decided in rest/hosts.py.
        proxy_headers=False,
        timeout_graceful_shutdown=round(grace_s) + _LAST_ANSWERS_S,
    )


def listener(settings: Settings) -> socket.socket:
    """A listening socket, made before anything else: a taken port must not leave a new database behind. Raises CannotStart."""
    where = f"{settings.host} port {settings.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except OSError as error:
        message = f"cannot listen on {where}: {error.strerror}. Choose another with --host and --port."
        raise CannotStart(message) from error


def url_of(settings: Settings, sock: socket.socket) -> str:
    """Where the person who started it reaches the server: the public URL, or host and the real port."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - told apart, not bound
    port = sock.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
