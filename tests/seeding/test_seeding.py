import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from cordboard.server.compose import compose
from cordboard.server.system import System
from cordboard.testkit.running import Cordboard
from cordboard.testkit.workbench import Workbench
from tests.seeding.conftest import Seeded
from tests.seeding.floors import SUPPORT, events, export, outcomes, restart_with, workspace_of


@pytest.mark.cordboard(floor="support.toml")
def test_a_server_starts_with_the_floor_that_the_marker_names(cordboard: Cordboard) -> None:
    workspace = workspace_of(cordboard)
    assert workspace.timeout_activity_name == "Away"
    (ana,) = workspace.workers.list(friendly_name="ana")
    assert (ana.activity_name, json.loads(ana.attributes)) == ("Available", {"skills": ["refunds"], "level": 5})
    channels = {each.task_channel_unique_name: each for each in workspace.workers(ana.sid).worker_channels.list()}
    assert {name: channel.configured_capacity for name, channel in channels.items()} == {
        **dict.fromkeys(("default", "voice", "sms", "video", "email"), 1),
        "chat": 3,
    }


@pytest.mark.cordboard(floor="support.toml")
def test_tasks_are_routed_by_the_workflow_whose_queues_were_given_by_name(cordboard: Cordboard) -> None:
    workspace = workspace_of(cordboard)
    refund = workspace.tasks.create(attributes='{"topic": "refund"}', task_channel="email")
    other = workspace.tasks.create(attributes="{}", task_channel="chat")
    cordboard.settled()
    assert (refund.task_queue_friendly_name, refund.priority) == ("Refunds", 10)
    assert other.task_queue_friendly_name == "Others"
    (offer,) = workspace.tasks(refund.sid).reservations.list()
    assert (offer.worker_name, offer.reservation_status) == ("ana", "pending")


def test_a_second_start_changes_nothing_and_records_nothing(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        assert outcomes(cordboard) == {"created": 8, "unchanged": 1}, "Available was born with the workspace"
        before = events(cordboard)
        cordboard.restart()
        assert outcomes(cordboard) == {"unchanged": 9}
        assert events(cordboard) == before


def test_changed_entries_are_updated_by_name_and_keep_their_sids(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        workspace = workspace_of(cordboard)
        sids = {worker.friendly_name: worker.sid for worker in workspace.workers.list()}
        changed = SUPPORT.replace("capacity = 3", "capacity = 4").replace("priority = 10", "priority = 20")
        restart_with(cordboard, changed.replace('HAS "refunds"', 'HAS "money"').replace('"bob"', '"Bob"'))
        assert cordboard.system.seeded is not None
        assert cordboard.system.seeded.names("updated") == [
            "task queue Refunds",
            "workflow By topic",
            "worker ana",
            "worker Bob",
        ]
        assert outcomes(cordboard)["created"] == 0
        assert {worker.friendly_name.lower(): worker.sid for worker in workspace.workers.list()} == sids
        assert "target_workers = 'skills HAS \"money\"'" in export(cordboard)


def test_what_the_file_does_not_name_stays(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        workspace = workspace_of(cordboard)
        workspace.workers.create(friendly_name="cleo")
        cordboard.client.taskrouter.v1.workspaces.create(friendly_name="Sales")
        restart_with(cordboard, '[[workspaces]]\nfriendly_name = "Support"\n')
        assert sorted(worker.friendly_name for worker in workspace.workers.list()) == ["ana", "bob", "cleo"]
        assert outcomes(cordboard) == {"unchanged": 1}, "activities that are left out stay, too"
        assert workspace_of(cordboard, "Sales").friendly_name == "Sales"


def test_what_an_entry_leaves_out_is_as_in_a_new_one_but_activities(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        workspace = workspace_of(cordboard)
        restart_with(cordboard, '[[workspaces]]\nfriendly_name = "Support"\nworkers = [{ friendly_name = "ana" }]\n')
        (ana,) = workspace.workers.list(friendly_name="ana")
        assert (ana.attributes, ana.activity_name) == ("{}", "Available")
        assert workspace.workers(ana.sid).worker_channels("chat").fetch().configured_capacity == 1


def test_json_that_means_the_same_stays_byte_for_byte(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        workspace = workspace_of(cordboard)
        (ana,) = workspace.workers.list(friendly_name="ana")
        written = '{ "level": 5,\t"skills": ["refunds"] }'
        workspace.workers(ana.sid).update(attributes=written)
        cordboard.restart()
        assert outcomes(cordboard) == {"unchanged": 9}
        assert workspace.workers(ana.sid).fetch().attributes == written


def test_true_is_not_one(seeded: Seeded) -> None:
    with seeded(SUPPORT.replace("level = 5", "level = 1")) as cordboard:
        restart_with(cordboard, SUPPORT.replace("level = 5", "level = true"))
        assert outcomes(cordboard) == {"updated": 1, "unchanged": 8}


def test_null_is_said_in_a_json_text(seeded: Seeded) -> None:
    configuration = {"task_routing": {"filters": None, "default_filter": {"queue": "Others", "priority": None}}}
    text = SUPPORT.replace("attributes = { skills", "attributes = '{\"boss\": null}' #").replace(
        "[workspaces.workflows.configuration.task_routing]",
        f"configuration = '{json.dumps(configuration)}'\n[[workspaces.workflows]]\nfriendly_name = 'Other'\n"
        "[workspaces.workflows.configuration.task_routing]",
    )
    with seeded(text) as cordboard:
        workspace = workspace_of(cordboard)
        assert json.loads(workspace.workers.list(friendly_name="ana")[0].attributes) == {"boss": None}
        (queue,) = workspace.task_queues.list(friendly_name="Others")
        (workflow,) = workspace.workflows.list(friendly_name="By topic")
        assert json.loads(workflow.configuration)["task_routing"]["default_filter"]["queue"] == queue.sid
        assert "attributes = '{\"boss\":null}'" in export(cordboard)


def test_a_template_counts_when_the_workspace_is_made(seeded: Seeded) -> None:
    head = '[[workspaces]]\nfriendly_name = "Support"\n'
    with seeded(f'{head}template = "FIFO"\n') as cordboard:
        assert [queue.friendly_name for queue in workspace_of(cordboard).task_queues.list()] == ["Sample Queue"]
    with seeded(head) as cordboard:
        restart_with(cordboard, f'{head}template = "FIFO"\n')
        assert workspace_of(cordboard).task_queues.list() == []


def test_a_single_tasking_workspace_has_its_queues_apply_activities(seeded: Seeded) -> None:
    text = """
        [[workspaces]]
        friendly_name = "Phones"
        multi_task_enabled = false
        [[workspaces.task_queues]]
        friendly_name = "Calls"
        reservation_activity = "Reserved"
        assignment_activity = "Busy"
    """
    with seeded(text) as cordboard:
        (queue,) = workspace_of(cordboard, "Phones").task_queues.list()
        assert (queue.reservation_activity_name, queue.assignment_activity_name) == ("Reserved", "Busy")


def test_two_workspaces_may_have_everything_by_the_same_names(seeded: Seeded) -> None:
    with seeded(SUPPORT + SUPPORT.replace('"Support"', '"Sales"').replace("capacity = 3", "capacity = 2")) as cordboard:
        for name, capacity in (("Support", 3), ("Sales", 2)):
            workspace = workspace_of(cordboard, name)
            (ana,) = workspace.workers.list(friendly_name="ana")
            assert workspace.workers(ana.sid).worker_channels("chat").fetch().configured_capacity == capacity
            (queue,) = workspace.task_queues.list(friendly_name="Refunds")
            assert queue.sid in workspace.workflows.list()[0].configuration
        assert export(cordboard).count("[[workspaces]]\n") == 2
        assert export(cordboard, "Sales").count("[[workspaces]]\n") == 1


def test_on_postgresql_a_floor_is_made_and_then_unchanged(
    cordboard_workbench: Workbench, postgres_database: str
) -> None:
    file = Path(__file__).with_name("support.toml")
    with cordboard_workbench.cordboard(seed=1, database=postgres_database, floor=file) as cordboard:
        assert outcomes(cordboard) == {"created": 8, "unchanged": 1}
        cordboard.restart()
        assert outcomes(cordboard) == {"unchanged": 9}


def test_of_two_nodes_that_start_together_one_makes_the_floor(
    cordboard_workbench: Workbench, postgres_database: str
) -> None:
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        settings = msgspec.structs.replace(
            cordboard.system.settings, seed=str(Path(__file__).with_name("support.toml"))
        )

        async def start_two() -> list[System]:
            nodes = await asyncio.gather(*(compose(settings, cordboard.system.ports) for _ in range(2)))
            for node in nodes:
                await node.stop()
            return nodes

        created = [node.seeded.names("created") for node in cordboard.call(start_two()) if node.seeded]
        assert sorted(map(len, created)) == [0, 8]
        assert workspace_of(cordboard).friendly_name == "Support"
