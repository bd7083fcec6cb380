"""What is written and read of accounts, keys and secrets, on PostgreSQL."""

import asyncio
from typing import Any

from cordboard.kernel.settings import Settings
from cordboard.server.compose import compose, system_ports
from cordboard.server.databases import looking
from cordboard.server.resealing import sealed_with
from cordboard.testkit.workbench import Workbench
from tests.accounts.minting import CHAT, access_token, caller_of
from tests.accounts.refusals import refusal

OLD = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="


def test_keys_subaccounts_and_tokens_are_as_on_sqlite(cordboard_workbench: Workbench, postgres_database: str) -> None:
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        api, iam = cordboard.client.api.v2010, cordboard.client.iam.v1
        policy: Any = {"allow": ["/twilio/taskrouter/read"]}
        limited = iam.new_api_key.create(cordboard.account_sid, key_type="restricted", policy=policy)
        assert iam.api_key(limited.sid).fetch().policy == policy
        client = cordboard.client_of(limited.sid, limited.secret, cordboard.account_sid)
        assert client.taskrouter.v1.workspaces.list() == []
        assert refusal(client.conversations.v1.conversations.list) == (401, 70051)
        for number in range(3):
            api.accounts.create(friendly_name=f"Branch {number}")
        assert len(api.accounts.list(page_size=2)) == 4
        minted = cordboard.http.post("/cordboard/v1/Tokens", {"Identity": "ana"}).json
        assert caller_of(cordboard, minted["token"]).identity == "ana"
        key = api.account.new_keys.create()
        assert caller_of(cordboard, access_token(cordboard, key, CHAT)).key_sid == key.sid
        secondary = cordboard.client.accounts.v1.secondary_auth_token().create().secondary_auth_token
        assert cordboard.client.accounts.v1.auth_token_promotion().update().auth_token == secondary
        assert refusal(api.account.keys.list) == (401, 20003)


def test_secrets_are_encrypted_anew(postgres_database: str) -> None:
    async def served(secret_key: str) -> dict[str, int]:
        settings = Settings(database=postgres_database, secret_key=secret_key, allow_data_loss=True)
        ports = system_ports(settings)
        system = await compose(settings, ports)
        await system.start()
        await system.settled()
        await system.stop()
        async with looking(settings, ports) as view:
            return await sealed_with(view)

    (before,) = asyncio.run(served(OLD)).items()
    (after,) = asyncio.run(served(f"{NEW},{OLD}")).items()
    assert before[0] != after[0]
    assert before[1] == after[1] > 1
    asyncio.run(served(NEW))
