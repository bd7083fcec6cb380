"""``GET /metrics`` of a server under measurement, and the difference between two of them."""

from typing import NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families


class Histogram(NamedTuple):
    """``below``: how many values were not above each bound, in seconds."""

    below: dict[float, float]
    total: float

    @property
    def number(self) -> float:
        return max(self.below.values(), default=0)

    def share_within(self, seconds: float) -> float:
        """Exact where ``seconds`` is one of the bounds."""
        return self.below[seconds] / self.number if self.number else 0.0

    def quantile(self, share: float) -> float:
        """Seconds, between the bounds by a straight line, as Prometheus does."""
        wanted, lower, passed = share * self.number, 0.0, 0.0
        for bound, below in sorted(self.below.items()):
            if below >= wanted:
                if bound == float("inf"):
                    return lower
                return lower + (bound - lower) * (wanted - passed) / max(below - passed, 1)
            lower, passed = bound, below
        return lower


class Scrape:
    """False for a program without metrics, such as the floor."""

    def __init__(self, histograms: dict[str, Histogram], numbers: dict[str, float]) -> None:
        self.histograms = histograms
        self.numbers = numbers

    def __bool__(self) -> bool:
        return bool(self.numbers)

    @classmethod
    def of(cls, url: str) -> "Scrape":
        answer = httpx.get(f"{url}/metrics", timeout=30)
        histograms: dict[str, Histogram] = {}
        numbers: dict[str, float] = {}
        for family in text_string_to_metric_families(answer.text if answer.is_success else ""):
            labelled = [sample for sample in family.samples if set(sample.labels) - {"le"}]
            if labelled:
                continue
            if family.type == "histogram":
                below = {float(s.labels["le"]): s.value for s in family.samples if s.name.endswith("_bucket")}
                (total,) = [s.value for s in family.samples if s.name.endswith("_sum")]
                histograms[family.name] = Histogram(below, total)
            else:
                numbers |= {sample.name: sample.value for sample in family.samples}
        return cls(histograms, numbers)

    def since(self, before: "Scrape") -> "Scrape":
        histograms = {
            name: Histogram(
                {bound: count - before.histograms[name].below[bound] for bound, count in now.below.items()},
                now.total - before.histograms[name].total,
            )
            for name, now in self.histograms.items()
        }
        return Scrape(histograms, {name: now - before.numbers.get(name, 0) for name, now in self.numbers.items()})

    def total(self, histogram: str) -> float:
        return self.histograms[histogram].total

    def mean(self, histogram: str) -> float:
        found = self.histograms[histogram]
        return found.total / found.number if found.number else 0.0
