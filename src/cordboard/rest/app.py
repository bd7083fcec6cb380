"""The ASGI callable of all REST products (design D1): find the route, the caller and the form, run the action, write JSON.

Order of refusals: a host that is not ours (421), a path or verb that is not there (404, 405), no JSON wanted (406), who calls
(401), what is not built (501), the size and kind of the body (413, 415), what these credentials may (401, 403), the parameters
(400), how often it is called (429), and then whatever the action says. Nothing is read of a body, and no unit is opened, before
the caller is known.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from hashlib import blake2b
from time import perf_counter
from typing import Any, NamedTuple, cast
from weakref import WeakValueDictionary

import msgspec

from cordboard.kernel.caller import Asked, Caller, Cause, Limits
from cordboard.kernel.clock import MILLISECONDS, Clock
from cordboard.kernel.errors import NotBuilt, NotFound, TooManyRequests, Unavailable
from cordboard.kernel.pages import Page, Slice
from cordboard.kernel.settings import Settings
from cordboard.kernel.sids import Sids

from .auth import Authenticator, read_credentials
from .calls import Call, Watcher, nobody
from .cors import Cors
from .forms import Form, FormReader
from .hosts import Directory, Names
from .idempotency import Once, keyed, read_key
from .openapi import document
from .paging import read_page, turning_of
from .pairs import read_pairs
from .permissions import permission_of
from .problems import CONTENT_TYPE, Answer, WrongVerb, problem
from .rates import Buckets
from .requests import Disconnected, Receive, Scope, Send, check_accept, raw_path, read_body, segments_of
from .routes import Product, Route, Unbuilt, Urls

Runner = Callable[[Callable[[Any], Awaitable[Any]]], Awaitable[Any]]
"""Opens a unit (or a view), calls the work with it, as often as it must, and returns what the work returned."""

OPENAPI_PATH = "/openapi.json"
_STOPPING = "The server is stopping"
_CUT_SHORT = "The server stopped before the call was done; look whether it took place before you repeat it"
# What a cancelled call may take to hand its 503 to the socket.
_LAST_WORDS_S = 1.0
_NO_CONTENT = 204
_WITHOUT_BODY = frozenset(("GET", "DELETE"))


class _Operation:
    """A row that works, with the reader of its form. Raises TypeError for a row that contradicts its form."""

    def __init__(self, product: Product, route: Route) -> None:
        self.product = product.name
        self.operation = route.operation
        self.route = route
        self.reader: FormReader[Form] = FormReader(route.form)
        self._label = product.hosts[0]
        self._permission = permission_of(product, route)
        self._names = tuple(route.parameters)
        if unknown := set(self._names) - set(self.reader.parameters):
            message = f"{route.operation}: the form {route.form.__qualname__} has no field for {unknown}"
            raise TypeError(message)
        if (self.reader.page is None) != (route.list_key is None):
            message = f"{route.operation}: a list has a list_key and a form with a page, others have neither"
            raise TypeError(message)

    async def body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The body, of a verb that has one."""
        if self.route.verb in _WITHOUT_BODY:
            return b""
        return await read_body(headers, receive, self.route.max_body, self.route.body)

    def check(self, limits: Limits, segments: list[str], query: list[tuple[str, str]], body: bytes) -> None:
        """Whether credentials that may not do everything may make this call; ``segments`` are the path's at the product."""
        # A form may stand in the query as well, and is read from there.
        posted = query + read_pairs(body) if self.route.body == "form" else None
        limits.check(Asked(self._permission, self.route.verb, self._label, segments, query, posted))

    def read(
        self,
        values: list[str],
        query: list[tuple[str, str]],
        page: Page | None,
        headers: dict[bytes, bytes],
        body: bytes,
    ) -> Form:
        """The form of a request; ``values`` are those of the path."""
        route, reader = self.route, self.reader
        path = dict(zip(self._names, values, strict=True))
        special = reader.read_headers(headers)
        if reader.page is not None:
            special[reader.page] = page
        if route.verb in _WITHOUT_BODY:
            return reader.read(path, query, special, "query string")
        if route.body == "json":
            return reader.read_json(path, body, special)
        return reader.read(path, query + read_pairs(body), special, "post body")


class _Absence(NamedTuple):
    """A row that does not work yet, and what is said of it."""

    product: str
    operation: str

    @property
    def sentence(self) -> str:
        return f"Cordboard does not have {self.operation} of {self.product} yet"


class RestApp:
    """Serves the tables of several products.

    ``reads`` and ``writes`` open a view or a unit for the work they are given; ``once`` answers calls with an Idempotency-Key.
    Raises TypeError for tables that contradict themselves or each other, BadSettings for hosts and proxies that cannot be used.
    ``watch`` is told of every call.
    """

    def __init__(
        self,
        products: Iterable[Product],
        reads: Runner,
        writes: Runner,
        once: Once,
        authenticator: Authenticator,
        settings: Settings,
        sids: Sids,
        *,
        clock: Clock,
        watch: Watcher = nobody,
    ) -> None:
        self._products = tuple(products)
        self._reads = reads
        self._writes = writes
        self._once = once
        self._authenticator = authenticator
        self._sids = sids
        self._clock = clock
        self._buckets = Buckets()
        self._watch = watch
        self._names = Names(settings)
        self._directory = _directory(self._products)
        verbs = {route.verb for product in self._products for route in product.routes}
        self._cors = Cors(settings.cors_origins, verbs)
        self._openapi = b""
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._stopping = False
        self._open = 0
        self._handled: set[asyncio.Task[Any]] = set()
        self._cut: set[asyncio.Task[Any]] = set()
        self._idle = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = perf_counter()
        watched = Call(self._sids.new("RQ"), scope["method"])
        headers = dict(scope["headers"])
        path = raw_path(scope)
        task = cast("asyncio.Task[None]", asyncio.current_task())
        self._open += 1
        self._handled.add(task)
        try:
            try:
                status, more, body = await self._answer(watched, scope, headers, path, receive)
            except Disconnected:
                return
            except asyncio.CancelledError:
                if task not in self._cut:
                    raise
                task.uncancel()
                status, more, body = problem(Unavailable(_CUT_SHORT), path, watched)
            except Exception as error:  # noqa: BLE001 - the one funnel: nothing else may answer for a failure
                status, more, body = problem(error, path, watched)
            self._handled.discard(task)
            watched.status = status
            more += self._cors.headers(headers.get(b"origin"))
            more.append((b"twilio-request-id", watched.request_id.encode()))
            if status != _NO_CONTENT:
                more.append((b"content-length", str(len(body)).encode()))
            if scope["method"] == "HEAD":
                body = b""
            await send({"type": "http.response.start", "status": status, "headers": more})
            await send({"type": "http.response.body", "body": body})
        except OSError:
            # ASGI's word for a caller who has gone.
            return
        finally:
            self._handled.discard(task)
            self._cut.discard(task)
            self._open -= 1
            if not self._open:
                self._idle.set()
            watched.seconds = perf_counter() - began
            self._watch(watched)

    def drain(self) -> None:
        """Answer every new call with 503 from now on."""
        self._stopping = True

    async def drain_running(self, timeout_s: float) -> None:
        """Wait for the calls under way; after the time-out cancel the rest, each of which answers 503."""
        self.drain()
        if await self._is_idle(timeout_s):
            return
        self._cut |= self._handled
        for task in self._cut:
            task.cancel()
        await self._is_idle(_LAST_WORDS_S)

    async def _is_idle(self, timeout_s: float) -> bool:
        if self._open:
            self._idle.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout_s):
                    await self._idle.wait()
        return not self._open

    async def _answer(
        self, watched: Call, scope: Scope, headers: dict[bytes, bytes], path: str, receive: Receive
    ) -> Answer:
        if self._stopping:
            raise Unavailable(_STOPPING)
        origin = self._names.origin(scope, headers)
        verb = scope["method"]
        if path == OPENAPI_PATH:
            return self._describe(verb)
        segments = segments_of(path)
        found = self._directory.find(origin.label, segments)
        if found is None:
            raise NotFound
        (verbs, values), prefix = found
        if verb == "OPTIONS":
            return self._options(_allowed(verbs))
        operation = verbs.get("GET" if verb == "HEAD" else verb)
        if operation is None:
            raise WrongVerb(verb, _allowed(verbs))
        watched.product, watched.operation, watched.values = operation.product, operation.operation, values
        check_accept(headers.get(b"accept"))
        caller = await self._authenticator.authenticate(*read_credentials(headers.get(b"authorization")))
        watched.account_sid = caller.account_sid
        if isinstance(operation, _Absence):
            raise NotBuilt(operation.sentence)
        route = operation.route
        key = read_key(headers) if route.verb == "POST" else None
        query = read_pairs(scope["query_string"])
        body = await operation.body(headers, receive)
        if caller.limits is not None:
            operation.check(caller.limits, segments[1:] if prefix else segments, query, body)
        page = None if route.list_key is None else read_page(query)
        form = operation.read(values, query, page, headers, body)
        self._pace(operation, caller)
        urls = self._names.urls(origin, prefix)
        place = path.removeprefix(prefix or "")
        # Only those that the vendor's file gives the header are silent without it.
        tells = getattr(form, "webhook_enabled", True)
        cause = Cause(self._names.address(scope, headers), caller.worker_sid, tells)

        async def answer(opened: Any) -> Answer:  # noqa: ANN401 - a unit or a view, see Runner
            opened.cause = cause
            return _answer_of(route, await route.action(opened, caller, form), urls, page, place, query)

        if key is not None:
            call = keyed(key, caller, f"{operation.product}.{operation.operation}", form)
            # A unit may ask somebody outside before it goes on: who repeats the call meanwhile waits, and asks nobody.
            turn = self._turns.setdefault((call.account_sid, call.key), asyncio.Lock())
            async with turn:
                return cast("Answer", await self._writes(lambda unit: self._once(unit, call, lambda: answer(unit))))
        run = self._reads if route.reads else self._writes
        return cast("Answer", await run(answer))

    def _pace(self, operation: _Operation, caller: Caller) -> None:
        a_second = operation.route.a_second
        if a_second is None:
            return
        key = operation.product, operation.operation, caller.account_sid
        if wait := self._buckets.take(key, a_second, self._clock.now()):
            said = f"{operation.operation} may be called {a_second} times a second"
            raise TooManyRequests(f"Too Many Requests: {said}", retry_after_s=-(-wait // MILLISECONDS))

    def _describe(self, verb: str) -> Answer:
        allowed = _allowed(("GET",))
        if verb == "OPTIONS":
            return self._options(allowed)
        if verb not in {"GET", "HEAD"}:
            raise WrongVerb(verb, allowed)
        if not self._openapi:
            self._openapi = msgspec.json.encode(document(self._products))
        return 200, [CONTENT_TYPE], self._openapi

    def _options(self, allowed: str) -> Answer:
        return _NO_CONTENT, [(b"allow", allowed.encode()), *self._cors.preflight()], b""


# It never changes, so all servers of a process share it: tests start one every few milliseconds.
@cache
def _directory(products: tuple[Product, ...]) -> Directory[_Operation | _Absence]:
    directory: Directory[_Operation | _Absence] = Directory()
    for product in products:
        directory.add(product, ((row.verb, row.path, _ready(product, row)) for row in product.routes))
    return directory


def _ready(product: Product, row: Route | Unbuilt) -> _Operation | _Absence:
    if isinstance(row, Route):
        return _Operation(product, row)
    return _Absence(product.name, row.operation)


def _allowed(verbs: Iterable[str]) -> str:
    found = {*verbs, "OPTIONS"}
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))


def _answer_of(
    route: Route, result: object, urls: Urls, page: Page | None, place: str, query: list[tuple[str, str]]
) -> Answer:
    if route.verb == "DELETE":
        return _NO_CONTENT, [], b""
    if page is None:
        return _answer_of_one(route, result, urls)
    return _answer_of_page(route, cast("Slice[Any]", result), urls, page, place, query)


def _answer_of_one(route: Route, result: object, urls: Urls) -> Answer:
    headers = [CONTENT_TYPE]
    if route.etag is not None and (version := route.etag(result)) is not None:
        headers.append((b"etag", b'"%d"' % version))
    return route.status, headers, msgspec.json.encode(route.view(result, urls))


def _answer_of_page(
    route: Route, found: Slice[Any], urls: Urls, page: Page, place: str, query: list[tuple[str, str]]
) -> Answer:
    items = [route.view(item, urls) for item in found.items]
    headers = [CONTENT_TYPE]
    if route.etag is not None:
        # It changes with what is on the page and with the version of each.
        versions = ((item["sid"], route.etag(fact)) for item, fact in zip(items, found.items, strict=True))
        headers.append((b"etag", b'"%s"' % blake2b(repr([*versions]).encode(), digest_size=8).hexdigest().encode()))
    shown = route.envelope(cast("str", route.list_key), items, turning_of(page, found, place, query), urls.base)
    return route.status, headers, msgspec.json.encode(shown)
