"""The whole server on PostgreSQL: what differs between the databases is proved in tests/storage."""

import asyncio

import pytest

from cordboard.kernel.settings import Settings
from cordboard.server.compose import Credentials, System, compose, system_ports
from cordboard.server.preconditions import CannotStart
from cordboard.testkit.exchange import Answer, Request, exchange
from cordboard.testkit.http import basic

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def test_a_server_on_postgresql_is_ready_keeps_what_it_answered_and_settles(postgres_database: str) -> None:
    settings = Settings(database=postgres_database, secret_key=KEY, allow_data_loss=True)

    async def first() -> Credentials:
        system = await compose(settings, system_ports(settings))
        assert system.first_start
        await system.start()
        assert await system.problems() == []
        made = await call(system, "POST", "/cordboard/v1/Keys", b"FriendlyName=CI")
        assert made.status == 201, made.text
        await system.settled()
        assert not system.busy
        await system.stop()
        return system.first_account

    async def again() -> tuple[Credentials, Answer]:
        system = await compose(settings, system_ports(settings))
        assert not system.first_start
        found = await call(system, "GET", "/cordboard/v1/Keys")
        await system.stop()
        return system.first_account, found

    credentials = asyncio.run(first())
    assert asyncio.run(again())[0] == credentials
    assert [key["friendly_name"] for key in asyncio.run(again())[1].json["keys"]] == ["CI"]


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:9/none", "postgresql://localhost:port/none"])
def test_a_database_that_cannot_be_reached_is_a_sentence(url: str) -> None:
    settings = Settings(database=url, secret_key=KEY)
    with pytest.raises(CannotStart) as refused:
        asyncio.run(compose(settings, system_ports(settings)))
    assert len(str(refused.value).splitlines()) == 1


async def call(system: System, verb: str, path: str, body: bytes = b"") -> Answer:
    """A call with the first account's credentials."""
    headers = [
        (b"host", b"localhost"),
        (b"authorization", basic(*system.first_account).encode()),
        (b"content-type", b"application/x-www-form-urlencoded"),
    ]
    return await exchange(system.app, Request(verb, "http", path, headers, body))
