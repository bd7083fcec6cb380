"""Subaccounts by the official client: the first account is the parent of all others."""

from typing import Any

import pytest

from cordboard.testkit.running import Cordboard
from tests.accounts.refusals import refusal


@pytest.fixture
def branch(cordboard: Cordboard) -> Any:
    return cordboard.client.api.v2010.accounts.create(friendly_name="Branch")


def test_a_subaccount_is_made_with_a_token_that_calls(cordboard: Cordboard, branch: Any) -> None:
    assert (branch.status, branch.type, branch.owner_account_sid) == ("active", "Full", cordboard.account_sid)
    client = cordboard.client_of(branch.sid, branch.auth_token)
    assert client.api.v2010.account.fetch().friendly_name == "Branch"
    assert client.taskrouter.v1.workspaces.create(friendly_name="Support").account_sid == branch.sid
    assert cordboard.client.taskrouter.v1.workspaces.list() == []


def test_a_subaccount_without_a_name_gets_one_from_its_time(cordboard: Cordboard) -> None:
    cordboard.clock.advance(13 * 3600 + 5 * 60)
    assert cordboard.client.api.v2010.accounts.create().friendly_name == "SubAccount Created at 2026-01-01 01:05 pm"


def test_a_parent_lists_itself_and_its_subaccounts_by_name_and_status(cordboard: Cordboard, branch: Any) -> None:
    accounts = cordboard.client.api.v2010.accounts
    for number in range(3):
        accounts.create(friendly_name=f"Branch {number}")
    accounts(branch.sid).update(status="suspended")
    names = [account.friendly_name for account in accounts.list(page_size=2)]
    assert names == ["Cordboard", "Branch", "Branch 0", "Branch 1", "Branch 2"]
    assert [account.friendly_name for account in accounts.list(friendly_name="Branch 1")] == ["Branch 1"]
    assert [account.sid for account in accounts.list(status="suspended")] == [branch.sid]
    assert len(accounts.list(status="active", page_size=1)) == 4


def test_a_parent_manages_its_subaccounts_keys_and_nobody_elses_do(cordboard: Cordboard, branch: Any) -> None:
    stranger = cordboard.add_account("A stranger")
    of_branch = cordboard.client.api.v2010.accounts(branch.sid)
    key = of_branch.new_keys.create(friendly_name="CI")
    client = cordboard.client_of(key.sid, key.secret, branch.sid)
    assert client.taskrouter.v1.workspaces.create(friendly_name="Support").account_sid == branch.sid
    assert [each.sid for each in of_branch.keys.list()] == [key.sid]
    assert cordboard.client.api.v2010.account.keys.list() == []
    assert cordboard.client.iam.v1.api_key(key.sid).fetch().friendly_name == "CI"
    assert cordboard.client.iam.v1.get_api_keys.list(account_sid=branch.sid)[0].sid == key.sid
    for other in (cordboard.client_of(*stranger), cordboard.client_of(branch.sid, branch.auth_token)):
        assert refusal(other.api.v2010.accounts(cordboard.account_sid).fetch) == (404, 20404)
        assert refusal(other.api.v2010.accounts(cordboard.account_sid).new_keys.create) == (404, 20404)
    elsewhere = cordboard.client_of(*stranger)
    assert refusal(elsewhere.api.v2010.accounts(branch.sid).keys.list) == (404, 20404)
    assert refusal(elsewhere.iam.v1.api_key(key.sid).fetch) == (404, 20404)
    assert refusal(lambda: elsewhere.iam.v1.new_api_key.create(account_sid=branch.sid)) == (404, 20404)
    # In the parent's own path a subaccount's key is not there.
    assert refusal(cordboard.client.api.v2010.account.keys(key.sid).fetch) == (404, 20404)


def test_a_subaccount_has_no_subaccounts(cordboard: Cordboard, branch: Any) -> None:
    client = cordboard.client_of(branch.sid, branch.auth_token)
    assert refusal(client.api.v2010.accounts.create) == (400, 21101)


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active_is_let_in_by_no_credentials(
    cordboard: Cordboard, branch: Any, status: str
) -> None:
    key = cordboard.client.api.v2010.accounts(branch.sid).new_keys.create()
    ways = [cordboard.client_of(branch.sid, branch.auth_token), cordboard.client_of(key.sid, key.secret, branch.sid)]
    for client in ways:
        assert client.taskrouter.v1.workspaces.list() == []
    assert cordboard.client.api.v2010.accounts(branch.sid).update(status=status).status == status
    for client in ways:
        assert refusal(client.taskrouter.v1.workspaces.list) == (401, 20003)
    assert cordboard.client.api.v2010.accounts(branch.sid).fetch().status == status


def test_a_suspended_account_comes_back_and_a_closed_one_does_not(cordboard: Cordboard, branch: Any) -> None:
    account = cordboard.client.api.v2010.accounts(branch.sid)
    account.update(status="suspended")
    account.update(status="active")
    client = cordboard.client_of(branch.sid, branch.auth_token)
    assert client.taskrouter.v1.workspaces.list() == []
    account.update(status="closed")
    assert refusal(lambda: account.update(status="active")) == (400, 20001)
    assert account.fetch().status == "closed"


def test_an_account_renames_itself_but_does_not_change_its_own_status(cordboard: Cordboard, branch: Any) -> None:
    client = cordboard.client_of(branch.sid, branch.auth_token)
    assert client.api.v2010.account.update(friendly_name="Twig").friendly_name == "Twig"
    assert refusal(lambda: client.api.v2010.account.update(status="closed")) == (400, 20001)
    own = cordboard.client.api.v2010.account
    assert refusal(lambda: own.update(status="suspended")) == (400, 20001)
    assert own.fetch().status == "active"
