"""A workflow's walk on the other database: what its rows and its statements hold is the same."""

from collections.abc import Iterator

import pytest

from cordboard.testkit.workbench import Workbench
from tests.nodes.naming import must_name_what_it_changes
from tests.taskrouter.scene import Scene, routing


@pytest.fixture
def scene(cordboard_workbench: Workbench, postgres_database: str) -> Iterator[Scene]:
    with cordboard_workbench.cordboard(seed=1, database=postgres_database) as cordboard:
        must_name_what_it_changes(cordboard.system.db)
        yield Scene(cordboard)


def test_a_task_escalates_is_skipped_led_elsewhere_and_re_evaluated_on_postgresql(scene: Scene) -> None:
    rooms = [scene.room(f"Q{number}", target_workers="1==2") for number in range(5)]
    gold = {"expression": "tier == 'gold'", "targets": [{"queue": rooms[3]}]}
    steps = [{"queue": rooms[0], "timeout": 10}, {"queue": rooms[1], "skip_if": "1==1"}, {"queue": rooms[2]}]
    flow = scene.flow(gold, steps)
    task = scene.task(workflow_sid=flow)
    assert scene.place(task.sid) == ("pending", "Q0")
    scene.cordboard.clock.advance(10)
    assert scene.place(task.sid) == ("pending", "Q2")
    scene.workspace.tasks(task.sid).update(attributes='{"tier": "gold"}')
    assert scene.place(task.sid) == ("pending", "Q3")
    last = [{"queue": rooms[4], "timeout": 5}]
    scene.workspace.workflows(flow).update(configuration=routing(last), re_evaluate_tasks="true")
    assert scene.place(task.sid) == ("pending", "Q4")
    scene.cordboard.clock.advance(5)
    assert scene.place(task.sid) == ("canceled", "Q4")
