"""The walk through a workflow as plainly and slowly as possible: second by second, one target at a time.

It reads the configuration as the caller wrote it and shares nothing with `routing.walk`. Filters are asked of one attribute:
`wants` is the value that a filter's expression compares it with, None for a filter that takes everything.
"""

from typing import Any, TypedDict


class PlainTarget(TypedDict, total=False):
    queue: str
    priority: int
    timeout: int


class PlainFilter(TypedDict):
    wants: int | None
    targets: list[PlainTarget]


class PlainWalk:
    def __init__(self, filters: list[PlainFilter], default: PlainTarget | None, attribute: int) -> None:
        self.filters = filters
        self.default = default
        self.attribute = attribute
        self.age = 0
        self.priority = 0
        self.reserved = False
        self.changed_meanwhile = False
        self.outlived: list[int] = []
        self.fallen = False
        self.filter: int | None = None
        self.target = 0
        self.clock_began = 0
        self.search(0, 0)

    def configuration(self) -> dict[str, Any]:
        filters: list[dict[str, Any]] = []
        for one in self.filters:
            filter_: dict[str, Any] = {"targets": one["targets"]}
            if one["wants"] is not None:
                filter_["expression"] = f"a == {one['wants']}"
            filters.append(filter_)
        return {"task_routing": {"filters": filters, "default_filter": self.default}}

    def takes(self, index: int) -> bool:
        wants = self.filters[index]["wants"]
        return index not in self.outlived and (wants is None or wants == self.attribute)

    def search(self, first: int, clock_begins: int) -> None:
        """Down the filters from the first on; then the default filter, if the task has timed out of none."""
        for index in range(first, len(self.filters)):
            if self.takes(index):
                self.filter, self.clock_began = index, clock_begins
                self.stand_at(0)
                return
        if self.default is not None and not self.outlived:
            self.filter, self.target = None, 0
            self.priority = self.default.get("priority", self.priority)
            return
        self.fallen = True

    def stand_at(self, target: int) -> None:
        assert self.filter is not None
        self.target = target
        self.priority = self.filters[self.filter]["targets"][target].get("priority", self.priority)

    def queue(self) -> str:
        if self.filter is None:
            assert self.default is not None
            return self.default["queue"]
        named = [one["queue"] for one in self.filters[self.filter]["targets"][: self.target + 1] if "queue" in one]
        return named[-1]

    def end(self) -> int | None:
        """The age at which the present target's time is over."""
        if self.filter is None:
            return None
        targets = self.filters[self.filter]["targets"]
        if "timeout" not in targets[self.target]:
            return None
        return self.clock_began + sum(one.get("timeout", 0) for one in targets[: self.target + 1])

    def go_on_while_over(self) -> None:
        while not self.fallen and (end := self.end()) is not None and end <= self.age:
            assert self.filter is not None
            if self.target + 1 < len(self.filters[self.filter]["targets"]):
                self.stand_at(self.target + 1)
            else:
                self.outlived.append(self.filter)
                self.search(self.filter + 1, end)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.age += 1
            if not self.reserved:
                self.go_on_while_over()

    def reserve(self) -> None:
        self.reserved = True

    def release(self) -> None:
        self.reserved = False
        if self.changed_meanwhile:
            self.changed_meanwhile = False
            self.follow()
        self.go_on_while_over()

    def change(self, attribute: int) -> None:
        self.attribute = attribute
        if self.reserved:
            self.changed_meanwhile = True
        else:
            self.follow()
            self.go_on_while_over()

    def follow(self) -> None:
        led_to = next((index for index in range(len(self.filters)) if self.takes(index)), None)
        if led_to is None and self.filter is None:
            return
        if led_to is None or led_to != self.filter:
            self.search(0, self.age)

    def skip(self) -> None:
        if self.filter is None:
            self.fallen = True
        elif self.target + 1 < len(self.filters[self.filter]["targets"]):
            self.stand_at(self.target + 1)
            self.go_on_while_over()
        else:
            self.search(self.filter + 1, self.age)
