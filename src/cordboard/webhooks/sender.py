"""The sender: takes what is due to its receivers, at least once, each lane in order.

It is a controller over rows, as the router is. A *turn* looks for what is due to the receivers whose turn it is and begins their
calls; a second loop writes down what came of them, many in one unit. In memory are receivers and calls under way, never what waits.
Whatever happens to the process, rows that are due are found at the next start and sent then, perhaps for the second time: a
receiver tells that by the idempotency token, which is the delivery's SID.

Of several nodes one sends, the holder of the lease ``SENDING``. It hears of its own units, and of others' when their flushes call out;
since a call may be lost it also looks once a second.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from time import perf_counter

import msgspec

from cordboard.kernel.clock import MILLISECONDS, heard_or_due
from cordboard.kernel.errors import ApiError, Conflict, Unavailable
from cordboard.kernel.meters import SECONDS, WAITS, Distribution
from cordboard.kernel.ports import Ports
from cordboard.storage.nodes import Lease
from cordboard.storage.port import Database
from cordboard.storage.unit import View
from cordboard.storage.writes import Kind, Settled, Write

from .asking import Asker
from .backing_off import RETRIED_MS
from .looking import EXPIRED_AT_ONCE, Found, look
from .messages import Calling, Message, message_of
from .model import NEVER, Delivery, Reply, Trouble
from .receivers import Receiver, Receivers
from .settling import Result, refused, settle, take
from .store import DELIVERIES, WAITING, Waiting

_log = logging.getLogger(__name__)

SENDING = "webhooks.sending"

_RETRY_S = 1.0
_LOOK_S = 1.0
# A look that takes longer than this is not repeated before twenty times as long has passed.
_LOOK_AT_MOST_EVERY_S = 0.05
_BATCH = 64
# A look finds the heads of this many lanes for each call that a receiver may have.
_AHEAD = 4
_LOOK_FOR_EXPIRED_MS = 60 * MILLISECONDS
# A receiver that answers so has no time now; any other 4xx says that it is there and does not want this.
_NOT_NOW = frozenset((408, 425, 429))


class Tally:
    """What the sender counts of itself. ``wait_s``: from a delivery's making until its first attempt begins."""

    def __init__(self) -> None:
        self.good = 0
        self.failed = 0
        self.wait_s = Distribution(WAITS)
        self.attempt_s = Distribution(SECONDS)


class Sender:
    """See server.system.Follower. ``open_calls`` is called in a thread when there is something to send for the first time.

    ``askers`` take the answers of those that ask, by their names.
    """

    problem = None

    def __init__(
        self,
        db: Database,
        ports: Ports,
        lease: Lease,
        open_calls: Callable[[], Calling],
        askers: Mapping[str, Asker],
    ) -> None:
        self._db = db
        self._clock = ports.clock
        self._chance = ports.chance
        self.lease = lease
        self._open_calls = open_calls
        self._askers = askers
        self._calls: Calling | None = None
        self.receivers = Receivers()
        self.tally = Tally()
        self._sending: set[asyncio.Task[None]] = set()
        self._results: list[tuple[Receiver, Result]] = []
        self._arrived = asyncio.Event()
        self._ended = asyncio.Event()
        self._called = asyncio.Event()
        self._turning = False
        self._knows = False
        db.listen(self._hear)
        db.watch(self._hear_changes, DELIVERIES)
        db.node.listen(lambda _positions: self._called.set())
        lease.listen(self._begin_anew)

    @property
    def busy(self) -> bool:
        """Whether a call is under way, or something could be sent now."""
        next_at = self.receivers.next_at
        is_due = self.lease.held and next_at is not None and next_at <= self._clock.now()
        is_sending = bool(self.receivers.under_way or self._results)
        return self._arrived.is_set() or self._turning or is_sending or is_due

    async def start(self) -> None:
        """Find what an earlier process left behind."""
        if self.lease.held:
            await self._look_around()

    async def run(self) -> None:
        """Send for ever."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._take_turns(), name="deliveries: turns")
                loops.create_task(self._write_results(), name="deliveries: results")
                if not self._db.node.alone:
                    loops.create_task(self._follow_others(), name="deliveries: other nodes")
        finally:
            for sending in self._sending:
                sending.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)
            if self._calls is not None:
                await self._calls.close()

    async def turn(self) -> None:
        """Begin all calls that may begin now."""
        if not self.lease.held:
            return
        if not self._knows:
            await self._look_around()
        while (receiver := self.receivers.next_ready(self._clock.now())) is not None:
            await self._serve(receiver)
            # On SQLite a look does not let go of the loop, and there may be hundreds.
            await asyncio.sleep(0)

    async def _take_turns(self) -> None:
        while True:
            next_at = self.receivers.next_at if self.lease.held else None
            while not self._arrived.is_set() and (next_at is None or next_at > self._clock.now()):
                await heard_or_due(self._clock, self._arrived, next_at)
            self._arrived.clear()
            self._turning = True
            try:
                await self.turn()
            except Unavailable as error:
                # Whose turn it was is not known any more: everything is looked for again.
                self._begin_anew()
                _log.warning("deliveries wait: %s", error)
                await asyncio.sleep(_RETRY_S)
            finally:
                self._turning = False

    async def _serve(self, receiver: Receiver) -> None:
        receiver.due_at = None
        if not receiver.queue:
            most = receiver.room * _AHEAD
            found = await self._look(receiver, most)
            if found.next_at is not None:
                receiver.look_at(found.next_at)
            for delivery in found.expired:
                self._give_up(receiver, delivery)
            if found.heads:
                receiver.tokens = found.tokens
            for head in found.heads:
                if self._is_over(receiver, head):
                    self._give_up(receiver, head)
                else:
                    lane = [head, *found.behind(head)]
                    receiver.claimed.update(delivery.sid for delivery in lane)
                    receiver.queue.append(lane)
            if len(found.heads) == most:
                receiver.look_at(self._clock.now())
        if receiver.queue and self._calls is None:
            self._calls = await asyncio.to_thread(self._open_calls)
        self._fill(receiver)

    def _fill(self, receiver: Receiver) -> None:
        """Begin as many calls to a receiver as it may have."""
        for _ in range(min(self.receivers.slots(receiver), len(receiver.queue))):
            in_ward = self.receivers.begin(receiver)
            task = asyncio.create_task(self._send(receiver), name="deliveries: a call")
            self._sending.add(task)
            task.add_done_callback(partial(self._sent, receiver=receiver, in_ward=in_ward))
        if receiver.queue:
            receiver.look_at(self._clock.now())
        self.receivers.plan(receiver)

    async def _look(self, receiver: Receiver, most: int) -> Found:
        now = self._clock.now()
        looks_for_expired = self._is_dead(receiver) and now >= receiver.looked_for_expired_at
        found = await self._db.read(
            lambda view: look(view, receiver, most, now, for_expired=looks_for_expired), flushed=True
        )
        if looks_for_expired and len(found.expired) < EXPIRED_AT_ONCE:
            receiver.looked_for_expired_at = now + _LOOK_FOR_EXPIRED_MS
        return found

    def _is_dead(self, receiver: Receiver) -> bool:
        since = receiver.failing_since
        return receiver.failures > 1 and not receiver.asked and self._clock.now() - since >= RETRIED_MS

    def _is_over(self, receiver: Receiver, delivery: Delivery) -> bool:
        return delivery.give_up_at <= self._clock.now() and (receiver.asked or self._is_dead(receiver))

    def _give_up(self, receiver: Receiver, delivery: Delivery) -> None:
        if delivery.sid not in receiver.claimed:
            receiver.claimed.add(delivery.sid)
            self._end(receiver, Result(delivery, None))

    def _end(self, receiver: Receiver, result: Result) -> None:
        self._results.append((receiver, result))
        self._ended.set()

    def _sent(self, task: asyncio.Task[None], *, receiver: Receiver, in_ward: bool) -> None:
        self._sending.discard(task)
        self.receivers.end(receiver, in_ward=in_ward)
        self._arrived.set()

    async def _send(self, receiver: Receiver) -> None:
        """Send lane after lane, as long as the receiver takes them."""
        while receiver.queue and self.lease.held and receiver.quiet_until <= self._clock.now():
            lane = deque(receiver.queue.popleft())
            is_good = True
            while lane and is_good:
                delivery = lane.popleft()
                reply = await self._attempt(receiver, delivery)
                is_good = reply.is_good
                self._end(receiver, Result(delivery, reply))
            receiver.claimed.difference_update(delivery.sid for delivery in lane)
            if receiver.failures:
                break
            self._fill(receiver)
        if receiver.queue:
            receiver.let_go()
            receiver.look_at(self._clock.now())

    async def _attempt(self, receiver: Receiver, delivery: Delivery) -> Reply:
        if not delivery.attempts:
            self.tally.wait_s.add(max(0, self._clock.now() - delivery.created_at) / MILLISECONDS)
        began = perf_counter()
        try:
            message = message_of(delivery, receiver.tokens)
            if delivery.asks:
                reply = await self._ask(delivery, message)
            else:
                reply = await self._call(delivery.url, delivery, message)
        except Exception as error:  # noqa: BLE001 - one delivery that cannot be sent must not stop the others
            _log.exception("the delivery %s could not be sent", delivery.sid)
            reply = Reply(trouble=Trouble.OTHER, error=f"it could not be sent: {error}")
        took = perf_counter() - began
        self.tally.attempt_s.add(took)
        self.tally.good += reply.is_good
        self.tally.failed += not reply.is_good
        if reply.is_good or (reply.trouble is Trouble.REFUSED and reply.status not in _NOT_NOW):
            receiver.took(took)
        else:
            receiver.failed(self._clock.now(), self._chance.fraction())
        return reply

    async def _call(self, url: str, delivery: Delivery, message: Message) -> Reply:
        assert self._calls is not None  # noqa: S101 - opened before the first of them
        return await self._calls.call(url, delivery.limit_ms, message)

    async def _ask(self, delivery: Delivery, message: Message) -> Reply:
        """The answer of the URL, else of the fallback URL; of two bad ones the one that came from somebody."""
        bad: list[Reply] = []
        for url in filter(None, (delivery.url, delivery.fallback_url)):
            reply = await self._call(url, delivery, message)
            fault = self._askers[delivery.asks].look(reply) if reply.is_good else None
            if fault is not None:
                reply = msgspec.structs.replace(reply, trouble=Trouble.OTHER, code=fault.code, error=fault.sentence)
            if reply.is_good:
                return reply
            bad.append(reply)
        return next((reply for reply in bad if reply.is_success), bad[-1])

    async def _write_results(self) -> None:
        while True:
            await self._ended.wait()
            self._ended.clear()
            while self._results:
                batch = self._results[:_BATCH]
                try:
                    await self._write([result for _, result in batch])
                except (Conflict, Unavailable) as error:
                    _log.warning("what came of deliveries waits to be written: %s", error)
                    await asyncio.sleep(_RETRY_S)
                    continue
                del self._results[: len(batch)]
                now = self._clock.now()
                for receiver, result in batch:
                    receiver.claimed.discard(result.delivery.sid)
                    # Those behind it may go now; it itself, if it was changed meanwhile and its result was dropped.
                    self._expect(receiver.name, now)

    async def _write(self, results: list[Result]) -> None:
        told = [result for result in results if not result.delivery.asks]
        if told:
            await self._db.run(lambda unit: settle(unit, told))
        await asyncio.gather(*(self._take(result) for result in results if result.delivery.asks))

    async def _take(self, result: Result) -> None:
        try:
            await self._db.run(lambda unit: take(unit, result, self._askers))
        except (Conflict, Unavailable):
            raise
        except ApiError as error:
            bad = refused(result, error)
            await self._db.run(lambda unit: settle(unit, [bad]))
        except Exception:  # noqa: BLE001 - a fault of who asked must not stop all deliveries
            _log.exception("the answer of %s could not be taken", result.delivery.sid)
            fault = refused(result, ApiError("the answer could not be taken: see the server's log"))
            await self._db.run(lambda unit: settle(unit, [fault]))

    async def _follow_others(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._called.wait()
            self._called.clear()
            began = perf_counter()
            if self.lease.held:
                with contextlib.suppress(Unavailable):
                    await self._look_around()
            await asyncio.sleep(max(_LOOK_AT_MOST_EVERY_S, 20 * (perf_counter() - began)))

    async def _look_around(self) -> None:
        for waiting in await self._db.read(_waiting, flushed=True):
            self._expect(waiting.endpoint, waiting.due_at)
        self._knows = True

    def _begin_anew(self) -> None:
        self.receivers.forget_all()
        self._knows = False
        self._arrived.set()

    def _hear(self, settled: Settled) -> None:
        if not self.lease.held:
            return
        for event in settled.events:
            if event.also:
                for table, row in event.also:
                    # What was asked in a call is written when it is over.
                    if table is DELIVERIES and row.due_at is not None:
                        self._expect(row.endpoint, row.due_at)

    def _hear_changes(self, writes: list[Write]) -> None:
        if not self.lease.held:
            return
        for write in writes:
            if write.kind is Kind.UPDATE:
                row = write.fact
                if row.due_at is None:
                    continue
                self._expect(row.endpoint, row.due_at)
                if row.holds_until != NEVER:
                    # Then those behind it pass.
                    self.receivers.look_again_at(row.endpoint, row.holds_until)

    def _expect(self, endpoint: str, due_at: int) -> None:
        self.receivers.look_at(endpoint, due_at)
        self._arrived.set()


async def _waiting(view: View) -> list[Waiting]:
    return await view.all(WAITING)
