"""Whatever receivers do and whenever the server ends: nothing is lost, order is kept, nobody waits for another.

Random runs on a movable clock. A run is a list of steps: something happens to a resource and is told to a URL, a receiver changes
its mood, time passes, the server ends and comes back.
"""

from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.kernel.clock import MILLISECONDS
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.webhooks.receiver import OK, Behaviour, Call, HostileReceiver, answer, listening
from tests.webhooks.sending import delivered, restart, send

GOOD, PATHS, RESOURCES = "/good", ("/one", "/two", "/good"), ("ana", "bo", "cleo")
MOODS: dict[str, Behaviour] = {
    "well": OK,
    "broken": answer(500),
    "rude": None,
    "refusing": answer(404),
    "busy": answer(429, retry_after="7"),
    "elsewhere": answer(307, location="/nowhere"),
}
HOURS = 3600


class Seen(NamedTuple):
    """A call, when it came, and whether it was answered well."""

    call: Call
    at: int
    good: bool


class Run:
    """A server and its receiver. ``/good`` is well all the time."""

    def __init__(self, cordboard: Cordboard, receiver: HostileReceiver) -> None:
        self.cordboard = cordboard
        self.receiver = receiver
        self.moods = dict.fromkeys(PATHS, "well")
        self.seen: dict[str, list[Seen]] = defaultdict(list)
        self.sent: dict[tuple[str, str], list[str]] = defaultdict(list)
        receiver.script = self._answer

    def _answer(self, call: Call) -> Behaviour:
        behaviour = MOODS[self.moods.get(call.path, "broken")]
        at = self.cordboard.system.ports.clock.now()
        self.seen[call.token].append(Seen(call, at, behaviour is OK))
        return behaviour

    def step(self, step: tuple[str, object, object]) -> None:
        match step:
            case "tell", str(path), str(resource):
                self.sent[path, resource].append(send(self.cordboard, f"{self.receiver.url}{path}", resource))
            case "mood", str(path), str(mood):
                self.moods[path] = mood
            case "pass", int(seconds), _:
                self.cordboard.clock.advance(seconds)
            case _:
                restart(self.cordboard)
        if step[0] != "restart":
            self._good_is_served_at_once()

    def _good_is_served_at_once(self) -> None:
        """Nobody has to wait for another receiver, nor for time to pass."""
        self.cordboard.settled()
        for (path, _), sids in self.sent.items():
            assert path != GOOD or all(self.seen[sid] for sid in sids)

    def end(self) -> None:
        """Everybody is well again, for long enough; what was given up after hours is replayed."""
        self.moods = dict.fromkeys(PATHS, "well")
        self.cordboard.clock.advance(HOURS)
        for found in delivered(self.cordboard, Status="parked"):
            assert self.seen[found["sid"]][-1].at - self.seen[found["sid"]][0].at >= 10 * 60 * MILLISECONDS
            assert self.cordboard.http.post(f"/cordboard/v1/Deliveries/{found['sid']}/Replay").status == 200
        self.cordboard.settled()

    def check(self) -> None:
        statuses = {found["sid"]: found["status"] for found in delivered(self.cordboard)}
        for sids in self.sent.values():
            assert {statuses[sid] for sid in sids} <= {"delivered"}
            for sid in sids:
                assert any(seen.good for seen in self.seen[sid]), "lost"
                assert (
                    len({(seen.call.body, seen.call.path) for seen in self.seen[sid] if seen.call.path in PATHS}) == 1
                )
            for earlier, later in pairwise(sids):
                self._is_in_order(earlier, later)

    def _is_in_order(self, earlier: str, later: str) -> None:
        taken_at = next(seen.at for seen in self.seen[earlier] if seen.good)
        first_at = self.seen[earlier][0].at
        tried_at = self.seen[later][0].at
        assert tried_at >= taken_at or tried_at >= first_at + 60 * MILLISECONDS, "out of order"


TELL = st.tuples(st.just("tell"), st.sampled_from(PATHS), st.sampled_from(RESOURCES))
STEPS = st.one_of(
    TELL,
    TELL,
    st.tuples(st.just("mood"), st.sampled_from([path for path in PATHS if path != GOOD]), st.sampled_from([*MOODS])),
    st.tuples(st.just("pass"), st.sampled_from([1, 5, 40, 61, 600, 2 * HOURS]), st.none()),
    st.tuples(st.just("restart"), st.none(), st.none()),
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=25), seed=st.integers(0, 1000))
def test_nothing_is_lost_order_is_kept_and_nobody_waits_for_another(
    cordboard_workbench: Workbench, steps: list[tuple[str, object, object]], seed: int
) -> None:
    with cordboard_workbench.cordboard(seed=seed) as cordboard, listening(cordboard) as receiver:
        run = Run(cordboard, receiver)
        for step in steps:
            run.step(step)
        run.end()
        run.check()
