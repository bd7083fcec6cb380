"""OpenTelemetry traces. Loaded only if ``CORDBOARD_TRACES`` asks for them: without it no call passes through this file.

A request has a span, with one for its unit or look; that has one for each time it ran and one for the commit, from then until
its answer. A turn of the router has one, with one for each unit of offers. Attributes are those of the log: names and SIDs.
Errors leave their status and not their sentence, which may quote what a caller sent. Where spans go is told by OpenTelemetry's
own variables (``OTEL_...``).
"""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
from starlette.types import ASGIApp, Receive, Scope, Send

from cordboard import __version__
from cordboard.kernel.clock import Clock
from cordboard.rest.app import Runner
from cordboard.rest.calls import Call
from cordboard.storage.nodes import Lease
from cordboard.storage.port import Database
from cordboard.taskrouter.engine.floors import Decided
from cordboard.taskrouter.engine.router import Carried, Router

_FAILED = 500


class Traces:
    """Wraps the parts of a server. The exporter's thread ends with the process, after what it still has is sent."""

    def __init__(self) -> None:
        here = Resource({"service.name": "cordboard", "service.version": __version__})
        provider = TracerProvider(resource=here.merge(OTELResourceDetector().detect()))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = provider.get_tracer("cordboard", __version__)

    def app(self, rest: ASGIApp) -> ASGIApp:
        """With a span a request, which goes on from the caller's ``traceparent``."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            carried = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _CARRIED}
            context = propagate.extract(carried)
            with _span(self._tracer, "request", context, SpanKind.SERVER):
                await rest(scope, receive, send)

        return traced

    def watch(self, call: Call) -> None:
        """Say in the request's span what the log says of the call."""
        span = trace.get_current_span()
        span.update_name(call.operation or call.verb)
        for name, value in call.facts().items():
            if value is not None and name in _ATTRIBUTES:
                span.set_attribute(_ATTRIBUTES[name], value)  # type: ignore[arg-type] # texts, numbers, lists of texts
        if call.status >= _FAILED:
            span.set_status(Status(StatusCode.ERROR))

    def runner(self, name: str, run: Runner) -> Runner:
        """With a span for the whole, one a run and one for the commit."""

        async def traced(work: Callable[[Any], Awaitable[Any]]) -> Any:  # noqa: ANN401 - see Runner
            with _span(self._tracer, name) as span:
                watched = _Watched(self._tracer, span, work)
                try:
                    return await run(watched.run)
                finally:
                    watched.answered()

        return traced

    def router(self, db: Database, clock: Clock, lease: Lease) -> Router:
        """A router with a span a turn."""
        router = _Router(db, clock, lease)
        router.tracer = self._tracer
        return router


# What of the caller's headers is looked at.
_CARRIED = frozenset((b"traceparent", b"tracestate"))
_ATTRIBUTES = {
    "method": "http.request.method",
    "status": "http.response.status_code",
    "operation": "cordboard.operation",
    "request_id": "cordboard.request_id",
    "account_sid": "cordboard.account_sid",
    "sids": "cordboard.sids",
}


def _span(
    tracer: Tracer, name: str, context: Context | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> AbstractContextManager[Span]:
    return tracer.start_as_current_span(name, context, kind, record_exception=False, set_status_on_exception=False)


class _Watched:
    """A unit's work. It does not run in the task of who asked, so its spans name their parent."""

    def __init__(self, tracer: Tracer, unit: Span, work: Callable[[Any], Awaitable[Any]]) -> None:
        self._tracer = tracer
        self._context = trace.set_span_in_context(unit)
        self._work = work
        self._commit: Span | None = None

    async def run(self, opened: Any) -> Any:  # noqa: ANN401 - a unit or a view
        if self._commit is not None:
            self._commit.set_attribute("cordboard.lost_race", value=True)
            self._commit.end()
        running = self._tracer.start_span("run", self._context)
        try:
            return await self._work(opened)
        finally:
            running.end()
            self._commit = self._tracer.start_span("commit", self._context)

    def answered(self) -> None:
        if self._commit is not None:
            self._commit.end()


class _Router(Router):
    tracer: Tracer

    async def turn(self) -> int:
        with _span(self.tracer, "router turn") as span:
            written = await super().turn()
            span.set_attribute("cordboard.offers", written)
            return written

    async def _offer(self, batch: list[Decided]) -> Carried:
        sids = [sid for one in batch for sid in (one.offer.task_sid, one.offer.worker_sid)]
        with _span(self.tracer, "unit") as span:
            span.set_attribute("cordboard.sids", sids)
            return await super()._offer(batch)
