"""An OpenTelemetry collector that keeps what it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Span(NamedTuple):
    """``values`` are its attributes; ``is_error`` its status."""

    name: str
    sid: bytes
    parent: bytes
    trace: bytes
    values: dict[str, Any]
    is_error: bool
    nanoseconds: int


class Collector(list[Span]):
    """Every span that was sent. ``resource`` is who sent them, ``url`` where to; ``bytes_`` is all as it came."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.resource: dict[str, Any] = {}
        self.bytes_ = b""

    def take(self, body: bytes) -> None:
        """Keep a request's spans."""
        self.bytes_ += body
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = _values(sent.resource.attributes)
            for scope in sent.scope_spans:
                self += [
                    Span(
                        one.name,
                        one.span_id,
                        one.parent_span_id,
                        one.trace_id,
                        _values(one.attributes),
                        one.status.code == one.status.STATUS_CODE_ERROR,
                        one.end_time_unix_nano - one.start_time_unix_nano,
                    )
                    for one in scope.spans
                ]

    def named(self, name: str) -> list[Span]:
        """The spans of a name."""
        return [span for span in self if span.name == name]

    def of(self, parent: Span) -> list[Span]:
        """A span's children, in the order in which they ended."""
        return [span for span in self if span.parent == parent.sid]


@contextmanager
def collecting() -> Iterator[Collector]:
    """One on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            collector.take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        serving = Thread(target=server.serve_forever)
        serving.start()
        try:
            yield collector
        finally:
            server.shutdown()
            serving.join()


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    found = getattr(value, kind)
    return [_value(one) for one in found.values] if kind == "array_value" else found
