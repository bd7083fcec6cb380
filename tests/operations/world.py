"""One of everything, made by the official client for the first account."""

from cordboard.server.compose import PRODUCTS
from cordboard.testkit.running import Cordboard

_NAMES = {product.name for product in PRODUCTS}


def populate(cordboard: Cordboard) -> list[str]:
    """Make them; returns the URLs of those that no list shows."""
    key_sid = cordboard.http.post("/cordboard/v1/Keys", {"FriendlyName": "a key"}).json["sid"]
    cordboard.http.post("/cordboard/v1/Erasures", {"Identity": "nobody"})
    account = f"https://api.twilio.com/2010-04-01/Accounts/{cordboard.account_sid}"
    urls = [f"{account}.json", f"https://iam.twilio.com/v1/Keys/{key_sid}"]
    for name in ("Keys", "SigningKeys"):
        urls += [f"{account}/{name}.json", f"{account}/{name}/{key_sid}.json"]
    if "taskrouter" in _NAMES:
        urls += _route_a_task(cordboard)
    if "conversations" in _NAMES:
        _converse(cordboard)
    if "flex-api" in _NAMES:
        urls.append(_interact(cordboard))
    return urls


def _route_a_task(cordboard: Cordboard) -> list[str]:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    # A port that no delivery goes to: one that waits is there, and nobody is called.
    callback = {"event_callback_url": "http://127.0.0.1:9/", "events_filter": "workspace.created"}
    workspace = workspaces(workspaces.create(friendly_name="A workspace", template="FIFO", **callback).sid)
    (available,) = workspace.activities.list(friendly_name="Available")
    workspace.workers.create(friendly_name="ana", activity_sid=available.sid)
    (workflow,) = workspace.workflows.list()
    task = workspace.tasks.create(workflow_sid=workflow.sid, attributes="{}")
    cordboard.settled()
    (offer,) = workspace.tasks(task.sid).reservations.list()
    workspace.tasks(task.sid).reservations(offer.sid).update(reservation_status="accepted")
    form = {"TaskSid": task.sid, "ReservationSid": offer.sid, "To": workspace.task_queues.list()[0].sid}
    path = f"/v1/Workspaces/{task.workspace_sid}/Workers/{offer.worker_sid}/Transfers"
    url: str = cordboard.http.post(path, form, host="taskrouter").json["url"]
    ours = f"https://cordboard.twilio.com/v1/Workspaces/{task.workspace_sid}"
    return [url, f"{ours}/Tasks/{task.sid}/Explanation", f"{ours}/Simulations"]


def _converse(cordboard: Cordboard) -> None:
    conversations = cordboard.client.conversations.v1.conversations
    conversation = conversations(conversations.create(friendly_name="A conversation").sid)
    conversation.participants.create(identity="ana")
    conversation.messages.create(author="ana", body="Hello")
    conversation.webhooks.create(target="studio", configuration_flow_sid=f"FW{'0' * 32}")


def _interact(cordboard: Cordboard) -> str:
    workspaces = cordboard.client.taskrouter.v1.workspaces
    (workspace,) = workspaces.list()
    (workflow,) = workspaces(workspace.sid).workflows.list()
    interaction = cordboard.client.flex_api.v1.interaction.create(
        channel={
            "type": "sms",
            "initiated_by": "api",
            "participants": [{"address": "+12025550143", "proxy_address": "+12025550100"}],
        },
        routing={"properties": {"workspace_sid": workspace.sid, "workflow_sid": workflow.sid}},
    )
    cordboard.settled()
    url: str = interaction.url
    return url
