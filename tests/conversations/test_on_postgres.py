"""The same rules where units do overlap: PostgreSQL, 32 at a time."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from cordboard.accounts.model import Account, AccountCreated, AccountStatus
from cordboard.conversations.actions import conversations, messages, participants
from cordboard.conversations.engine.births import born
from cordboard.conversations.model import Conversation
from cordboard.kernel.chance import SeededChance
from cordboard.kernel.errors import ApiError, Conflict
from cordboard.kernel.keyring import Keyring
from cordboard.kernel.ports import Ports
from cordboard.kernel.sids import Sids
from cordboard.storage.port import Database
from cordboard.storage.postgres import open_postgres
from cordboard.storage.unit import Unit
from cordboard.testkit.clock import MovableClock

NOW = 1_767_225_600_000
_SID = "AC" + "0" * 31 + "1"
ACCOUNT = Account(_SID, 1, "One", AccountStatus.ACTIVE, _SID, "", None, None, None, NOW, NOW)
CUSTOMER, SHOP = "+15551230000", "+15559990000"
WRITERS = 32


def run(url: str, story: Callable[[Database], Awaitable[None]]) -> None:
    """A story on a database in which one account was born."""

    async def told() -> None:
        chance, clock = SeededChance(1), MovableClock(NOW)
        db = await open_postgres(url, Ports(clock, chance, Sids(clock, chance), Keyring([bytes(32)], chance)), {})
        try:
            await db.run(lambda unit: born(unit, AccountCreated(ACCOUNT)))
            await story(db)
        finally:
            await db.close()

    asyncio.run(told())


async def open_new(unit: Unit) -> Conversation:
    return await conversations.open_new(unit, ACCOUNT.sid)


async def outcomes(db: Database, *works: Callable[[Unit], Awaitable[None]]) -> Counter[int | str]:
    """How many worked (``ok``), and how many were refused with which code."""
    found = await asyncio.gather(*(db.run(work) for work in works), return_exceptions=True)
    return Counter(error.code if isinstance(error, ApiError) else repr(error) if error else "ok" for error in found)


def test_32_writers_leave_no_gap_and_no_double_in_the_index(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        room = await db.run(open_new)
        said = await asyncio.gather(*(db.run(lambda unit: messages.add(unit, room, body="Hi")) for _ in range(WRITERS)))
        assert sorted(message.message_index for message in said) == list(range(WRITERS))

    run(postgres_database, story)


def test_of_many_who_bind_an_address_pair_one_wins_and_the_others_hear_of_it(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        async def bind(unit: Unit) -> None:
            room = await open_new(unit)
            await participants.add(unit, room, address=CUSTOMER, proxy_address=SHOP)

        assert await outcomes(db, *[bind] * WRITERS) == {"ok": 1, 50416: WRITERS - 1}
        with pytest.raises(Conflict, match=r"already exists in Conversation CH[0-9a-f]{32}$"):
            await db.run(bind)

    run(postgres_database, story)


def test_of_many_who_join_by_one_identity_one_wins(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        room = await db.run(open_new)

        async def join(unit: Unit) -> None:
            await participants.add(unit, room, identity="ana", role="agent")

        assert await outcomes(db, *[join] * WRITERS) == {"ok": 1, 50433: WRITERS - 1}
        assert len(await db.read(lambda view: participants.of(view, room.sid))) == 1

    run(postgres_database, story)


def test_one_user_comes_of_one_identity_that_joins_many_conversations_at_once(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        async def join(unit: Unit) -> None:
            await participants.add(unit, await open_new(unit), identity="ana")

        assert await outcomes(db, *[join] * WRITERS) == {"ok": WRITERS}

    run(postgres_database, story)


def test_a_pair_may_move_to_another_conversation_in_one_unit(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        first = await db.run(open_new)
        await db.run(lambda unit: participants.add(unit, first, address=CUSTOMER, proxy_address=SHOP))

        async def move(unit: Unit) -> None:
            await conversations.close(unit, first)
            await participants.add(unit, await open_new(unit), address=CUSTOMER, proxy_address=SHOP)

        assert await outcomes(db, move) == {"ok": 1}

    run(postgres_database, story)


def test_of_many_who_close_all_succeed_and_nobody_speaks_afterwards(postgres_database: str) -> None:
    async def story(db: Database) -> None:
        room = await db.run(open_new)

        async def close(unit: Unit) -> None:
            await conversations.close(unit, room)

        async def speak(unit: Unit) -> None:
            await messages.add(unit, room, body="Hi")

        found = await outcomes(db, *[speak, close] * (WRITERS // 2))
        assert found["ok"] >= WRITERS // 2
        assert found["ok"] + found[50377] == WRITERS
        assert await outcomes(db, speak) == {50377: 1}

    run(postgres_database, story)
