"""Capability tokens of the official library open exactly what their policies say."""

from typing import Any, NamedTuple

import pytest
from twilio.jwt.taskrouter.capabilities import TaskQueueCapabilityToken, WorkspaceCapabilityToken

from cordboard.kernel.caller import TaskRouterGrant
from cordboard.testkit.exchange import Answer
from cordboard.testkit.running import Cordboard
from tests.accounts.minting import caller_of, capability_token, forged, now


class Floor(NamedTuple):
    cordboard: Cordboard
    workspace: str
    ana: str
    eve: str
    activity: str

    def call(self, jwt: str, verb: str, place: str, **form: str) -> Answer:
        path = f"/taskrouter/v1/Workspaces/{self.workspace}{place}"
        if verb == "POST":
            return self.cordboard.http.post(path, form, auth=("token", jwt))
        return self.cordboard.http.request(verb, path, auth=("token", jwt))

    def token(self, *policies: dict[str, Any], auth_token: str | None = None) -> str:
        """A token with these policies; their URLs begin behind the workspace."""
        url = f"https://taskrouter.twilio.com/v1/Workspaces/{self.workspace}"
        claims = {
            "iss": self.cordboard.account_sid,
            "account_sid": self.cordboard.account_sid,
            "workspace_sid": self.workspace,
            "channel": self.workspace,
            "exp": now(self.cordboard) + 60,
            "policies": [{"allow": True, **policy, "url": f"{url}{policy['url']}"} for policy in policies],
        }
        return forged({"typ": "JWT", "alg": "HS256"}, claims, auth_token or self.cordboard.auth_token)


@pytest.fixture
def floor(cordboard: Cordboard) -> Floor:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    workspace = workspaces(workspaces.create(friendly_name="Support", template="FIFO").sid)
    ana, eve = (workspace.workers.create(friendly_name=name) for name in ("ana", "eve"))
    (available,) = workspace.activities.list(friendly_name="Available")
    return Floor(cordboard, ana.workspace_sid, ana.sid, eve.sid, available.sid)


def test_a_worker_looks_at_itself_its_reservations_tasks_and_activities_by_default(floor: Floor) -> None:
    jwt = capability_token(floor.cordboard, floor.workspace, floor.ana)
    (workflow,) = floor.cordboard.client.taskrouter.v1.workspaces(floor.workspace).workflows.list()
    task = floor.cordboard.client.taskrouter.v1.workspaces(floor.workspace).tasks.create(
        attributes="{}", workflow_sid=workflow.sid
    )
    for place in (f"/Workers/{floor.ana}", f"/Workers/{floor.ana}/Reservations", f"/Tasks/{task.sid}", "/Activities"):
        assert floor.call(jwt, "GET", place).status == 200, place
    for verb, place in (
        ("GET", ""),
        ("GET", "/Workers"),
        ("GET", f"/Workers/{floor.eve}"),
        ("GET", "/TaskQueues"),
        ("POST", f"/Workers/{floor.ana}"),
        ("POST", f"/Tasks/{task.sid}"),
        ("DELETE", f"/Workers/{floor.ana}"),
    ):
        refused = floor.call(jwt, verb, place, ActivitySid=floor.activity)
        assert (refused.status, refused.json["code"]) == (403, 20403), (verb, place)


def test_a_worker_that_may_change_its_activity_changes_nothing_else(floor: Floor) -> None:
    jwt = capability_token(floor.cordboard, floor.workspace, floor.ana, allow_update_activities=True)
    me = f"/Workers/{floor.ana}"
    assert floor.call(jwt, "POST", me, ActivitySid=floor.activity).json["activity_name"] == "Available"
    assert floor.call(jwt, "POST", me, Attributes='{"skill":"all"}').status == 403
    assert floor.call(jwt, "POST", me, ActivitySid=floor.activity, Attributes='{"skill":"all"}').status == 403
    assert floor.call(jwt, "POST", f"{me}?Attributes=%7B%7D", ActivitySid=floor.activity).status == 403
    assert floor.call(jwt, "GET", me).json["attributes"] == "{}"


def test_the_offer_of_a_worker_that_may_answer_is_accepted_by_it(floor: Floor) -> None:
    workspace = floor.cordboard.client.taskrouter.v1.workspaces(floor.workspace)
    (workflow,) = workspace.workflows.list()
    workspace.workers(floor.ana).update(activity_sid=floor.activity)
    workspace.tasks.create(attributes="{}", workflow_sid=workflow.sid)
    floor.cordboard.settled()
    jwt = capability_token(floor.cordboard, floor.workspace, floor.ana, allow_update_reservations=True)
    client = floor.cordboard.client_of("token", jwt, floor.cordboard.account_sid)
    mine = client.taskrouter.v1.workspaces(floor.workspace).workers(floor.ana)
    (offer,) = mine.reservations.list()
    assert mine.reservations(offer.sid).update(reservation_status="accepted").reservation_status == "accepted"
    other = floor.call(jwt, "POST", f"/Workers/{floor.eve}/Reservations/{offer.sid}", ReservationStatus="rejected")
    assert other.status == 403


def test_a_token_of_a_queue_or_a_workspace_opens_what_is_below_and_not_itself_for_deleting(floor: Floor) -> None:
    cordboard = floor.cordboard
    at = {"nbf": now(cordboard), "valid_until": now(cordboard) + 60}
    (queue,) = cordboard.client.taskrouter.v1.workspaces(floor.workspace).task_queues.list()
    credentials = cordboard.account_sid, cordboard.auth_token, floor.workspace
    of_queue = TaskQueueCapabilityToken(*credentials, queue.sid, allow_update_self=True, **at).to_jwt()
    assert floor.call(of_queue, "GET", f"/TaskQueues/{queue.sid}").status == 200
    assert floor.call(of_queue, "POST", f"/TaskQueues/{queue.sid}", FriendlyName="Gold").status == 200
    assert floor.call(of_queue, "GET", "/TaskQueues").status == 403
    all_below = {f"allow_{verb}_subresources": True for verb in ("fetch", "update", "delete")}
    of_workspace = WorkspaceCapabilityToken(*credentials, **all_below, **at).to_jwt()
    assert floor.call(of_workspace, "GET", "/Workers").status == 200
    assert floor.call(of_workspace, "POST", "/Workers", FriendlyName="zoe").status == 201
    assert floor.call(of_workspace, "DELETE", f"/Workers/{floor.eve}").status == 204
    assert floor.call(of_workspace, "DELETE", "").status == 403
    assert floor.call(of_workspace, "GET", "").json["friendly_name"] == "Support"


def test_the_most_specific_rule_decides(floor: Floor) -> None:
    jwt = floor.token(
        {"url": "/**", "method": "GET"},
        {"url": f"/Workers/{floor.eve}", "method": "GET", "allow": False},
        {"url": "/Activities/*", "method": "GET", "allow": False},
    )
    assert floor.call(jwt, "GET", f"/Workers/{floor.ana}").status == 200
    assert floor.call(jwt, "GET", f"/Workers/{floor.eve}").status == 403
    assert floor.call(jwt, "GET", f"/Workers/{floor.eve[:2]}%{ord(floor.eve[2]):X}{floor.eve[3:]}").status == 403
    assert floor.call(jwt, "GET", f"/Activities/{floor.activity}").status == 403
    assert floor.call(jwt, "GET", "/Activities").status == 200
    both = floor.token({"url": "/**", "method": "GET", "allow": False}, {"url": "/**", "method": "GET"})
    assert floor.call(both, "GET", "/Workers").status == 403


def test_a_rule_allows_only_if_it_says_so_and_only_where_it_leads(floor: Floor) -> None:
    jwt = floor.token({"url": "/Workers", "method": "GET", "allow": False}, {"url": "/Tasks/*", "method": "GET"})
    assert floor.call(jwt, "GET", "/Workers").status == 403
    assert floor.call(jwt, "GET", "/Tasks").status == 403
    odd = floor.token({"url": "/Workers", "method": "get"})
    assert floor.call(odd, "GET", "/Workers").status == 200


def test_filters_say_which_values_parameters_must_and_may_have(floor: Floor) -> None:
    wanted = {"FriendlyName": "zoe", "Attributes": {"required": False, "value": "{}"}}
    jwt = floor.token(
        {"url": "/Workers", "method": "POST", "post_filter": wanted},
        {"url": "/Workers", "method": "GET", "query_filter": {"FriendlyName": {"required": True}}},
    )
    assert floor.call(jwt, "POST", "/Workers", FriendlyName="eva").status == 403
    assert floor.call(jwt, "POST", "/Workers", FriendlyName="zoe", Attributes='{"a":1}').status == 403
    assert floor.call(jwt, "POST", "/Workers", FriendlyName="zoe", ActivitySid=floor.activity).status == 403
    assert floor.call(jwt, "POST", "/Workers", FriendlyName="zoe", Attributes="{}").status == 201
    assert floor.call(jwt, "GET", "/Workers").status == 403
    assert floor.call(jwt, "GET", "/Workers?FriendlyName=zoe").status == 200
    assert floor.call(jwt, "GET", "/Workers?FriendlyName=zoe&PageSize=1").status == 403


def test_both_auth_tokens_sign_while_there_are_two_and_the_promoted_one_afterwards(floor: Floor) -> None:
    cordboard = floor.cordboard
    secondary = cordboard.client.accounts.v1.secondary_auth_token().create().secondary_auth_token
    tokens = [floor.token({"url": "/Workers", "method": "GET"}, auth_token=one) for one in (None, secondary)]
    assert [floor.call(jwt, "GET", "/Workers").status for jwt in tokens] == [200, 200]
    cordboard.client.accounts.v1.auth_token_promotion().update()
    refused, taken = (floor.call(jwt, "GET", "/Workers") for jwt in tokens)
    assert (refused.status, refused.json["code"], taken.status) == (401, 20107, 200)


def test_sockets_learn_whose_token_it_is(floor: Floor) -> None:
    found = caller_of(floor.cordboard, capability_token(floor.cordboard, floor.workspace, floor.ana))
    assert found.account_sid == floor.cordboard.account_sid
    assert found.token is not None
    assert found.token.grants.task_router == TaskRouterGrant(floor.workspace, floor.ana)
