"""Prometheus's text formats. Loaded by the first ``GET /metrics``, and run in a thread: the library takes 70 ms to import."""

from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from .metrics import Family, Histogram

_NUMBERS: dict[str, type[CounterMetricFamily | GaugeMetricFamily]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
}


class Exposition(NamedTuple):
    """A body and its Content-Type."""

    body: bytes
    content_type: str


def expose(families: list[Family], accept: str) -> Exposition:
    """The metrics in the format that ``accept`` prefers, with those of the process: CPU, memory, open files."""
    registry = CollectorRegistry()
    registry.register(_Read(families))
    ProcessCollector(registry=registry)
    encode, content_type = choose_encoder(accept)
    return Exposition(encode(registry), content_type)


class _Read(Collector):
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """See Collector."""
        return map(_metric, self._families)


def _metric(family: Family) -> Metric:
    if family.kind == "histogram":
        histogram = HistogramMetricFamily(family.name, family.told, labels=family.labels)
        for labels, value in family.samples:
            if isinstance(value, Histogram):
                histogram.add_metric(labels, value.buckets, value.total)
        return histogram
    number = _NUMBERS[family.kind](family.name, family.told, labels=family.labels)
    for labels, value in family.samples:
        if not isinstance(value, Histogram):
            number.add_metric(labels, value)
    return number
