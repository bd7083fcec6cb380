"""What the document says of an answer is what is answered, and every field is there for something: none is always null."""

from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.rest.openapi import document
from cordboard.taskrouter.routes import TASKROUTER
from cordboard.testkit.workbench import Workbench
from scripts.spec_coverage import Spec
from tests.operations.places import explore
from tests.operations.tables import Operation, built
from tests.taskrouter.scene import Scene

SPEC = Spec(document([TASKROUTER]), "/taskrouter")
BULK = "CreateTaskQueueBulkRealTimeStatistics"
READS = [
    operation
    for operation in built()
    if operation.product is TASKROUTER and (operation.route.verb == "GET" or operation.route.operation == BULK)
]
# Of everything that asks for a period or thresholds; others ignore them.
QUERY = {"Minutes": "2000", "SplitByWaitTime": "5"}


def documented(operation: Operation) -> set[str]:
    (described,) = (one for one in SPEC.operations.values() if one["operationId"] == str(operation))
    return SPEC.answer(described)


def names(value: Any, place: str = "") -> Iterator[tuple[str, bool]]:
    """The fields of an answer as ``Spec.answer`` spells them, each with whether it says something."""
    if isinstance(value, list):
        for item in value:
            yield from names(item, f"{place}[]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            where = f"{place}.{name}" if place else name
            yield where, inner is not None
            yield from names(inner, where)


@pytest.fixture(scope="module")
def answers(cordboard_workbench: Workbench) -> Iterator[dict[str, list[Any]]]:
    """What every reading operation answers about a contact center in which everything is set, by the operation's name."""
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        scene = Scene(cordboard)
        urls = furnish(scene)
        found: dict[str, list[Any]] = {operation.route.operation: [] for operation in READS}
        for host, path in sorted(explore(cordboard, urls)):
            for operation in READS:
                if host == "taskrouter" and operation.matches(path):
                    form = {"QueueSids": scene.queue} if operation.route.operation == BULK else QUERY
                    answer = operation.send(cordboard.http, path, form)
                    assert answer.status == 200, answer.text
                    found[operation.route.operation].append(answer.json)
        yield found


def furnish(scene: Scene) -> list[str]:
    http, activities = scene.cordboard.http, scene.activities
    scene.workspace.task_queues(scene.queue).update(
        reservation_activity_sid=activities["Offline"], assignment_activity_sid=activities["Offline"]
    )
    ana = scene.worker("ana")
    held = scene.answer(scene.offer(scene.task(attributes={"language": "de"}).sid), "accepted")
    ben = scene.worker("ben")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{ana.sid}/Transfers"
    form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": ben.sid}
    transfer = http.post(path, form, host="taskrouter").json["url"]
    scene.answer(scene.offers(held.task_sid)[-1], "rejected", worker_activity_sid=activities["Offline"])
    scene.task(routing_target=ana.sid, ignore_capacity=False)
    scene.workspace.tasks(scene.task().sid).update(assignment_status="canceled", reason="too late")
    scene.cordboard.clock.advance(10)
    scene.task(priority=1)
    scene.workspace.workflows(scene.workflow).update(
        assignment_callback_url="https://example.com/a", fallback_assignment_callback_url="https://example.com/b"
    )
    scene.workspace.update(event_callback_url="https://example.com/e", events_filter="workspace.deleted")
    return [transfer]


@pytest.mark.parametrize("operation", READS, ids=str)
def test_what_is_documented_is_answered_and_nothing_else(answers: dict[str, list[Any]], operation: Operation) -> None:
    free = _free(operation)
    found = {name for answer in answers[operation.route.operation] for name, _ in names(answer)}
    assert {name for name in found if not name.startswith(free)} == documented(operation)


@pytest.mark.parametrize("operation", READS, ids=str)
def test_every_field_says_something_of_something(answers: dict[str, list[Any]], operation: Operation) -> None:
    said = {name for answer in answers[operation.route.operation] for name, says in names(answer) if says}
    # Which page has neighbours is tested of all lists in one, tests/rest/test_paging.py.
    neighbours = {"meta.next_page_url", "meta.previous_page_url"}
    assert documented(operation) - neighbours <= said


def _free(operation: Operation) -> tuple[str, ...]:
    """What has names of its own: links, the data of events, figures by status or priority."""
    key = operation.route.list_key
    item = f"{key}[]." if key is not None else ""
    parts = ("", "realtime.", "cumulative.", "task_queue_data[].")
    figures = (
        "tasks_by_status.",
        "tasks_by_priority.",
        "activity_statistics[]",
        "activity_durations[]",
        "split_by_wait_time.",
    )
    return tuple(
        f"{item}{name}" for name in ("links.", "event_data.", *(part + name for part in parts for name in figures))
    )
