"""The table of TaskRouter: a row an operation, 61 under the names of the vendor's OpenAPI file, and transfers, which it lacks."""

from cordboard.rest.routes import Product, Route

from .actions import (
    activities,
    events,
    explanations,
    reservations,
    simulations,
    statistics,
    statistics_of_workers,
    task_channels,
    task_queues,
    tasks,
    transfers,
    worker_channels,
    workers,
    workflows,
    workspaces,
)
from .wire.activities import CreateActivity, ListActivities, OneActivity, UpdateActivity, activity
from .wire.events import ListEvents, OneEvent, event
from .wire.explanations import OneExplanation, explanation
from .wire.reservations import (
    ListTaskReservations,
    ListWorkerReservations,
    OneTaskReservation,
    OneWorkerReservation,
    UpdateTaskReservation,
    UpdateWorkerReservation,
    by_task,
    by_worker,
)
from .wire.reservations import version as reservation_version
from .wire.simulations import Simulate, simulation
from .wire.statistics import (
    BulkRealTime,
    ListTaskQueuesStatistics,
    TaskQueueRealTime,
    TaskQueueStatistics,
    WorkersCumulative,
    WorkersRealTime,
    WorkersStatistics,
    WorkerStatistics,
    WorkflowRealTime,
    WorkflowStatistics,
    WorkspaceRealTime,
    WorkspaceStatistics,
)
from .wire.statistics_answers import (
    TASK_QUEUE,
    WORKFLOW,
    WORKSPACE,
    bulk,
    combined,
    cumulative,
    listed,
    real_time,
)
from .wire.statistics_answers import WORKER as OF_WORKER
from .wire.statistics_answers import WORKERS as OF_WORKERS
from .wire.statistics_described import (
    bulk_answer,
    combined_answer,
    cumulative_answer,
    listed_answer,
    real_time_answer,
)
from .wire.task_channels import CreateTaskChannel, ListTaskChannels, OneTaskChannel, UpdateTaskChannel, task_channel
from .wire.task_queues import CreateTaskQueue, ListTaskQueues, OneTaskQueue, UpdateTaskQueue, task_queue
from .wire.tasks import CreateTask, ListTasks, OneTask, UpdateTask, task
from .wire.tasks import version as task_version
from .wire.transfers import CreateTransfer, OneTransfer, UpdateTransfer, transfer
from .wire.worker_channels import ListWorkerChannels, OneWorkerChannel, UpdateWorkerChannel, worker_channel
from .wire.workers import CreateWorker, DeleteWorker, ListWorkers, OneWorker, UpdateWorker, worker
from .wire.workers import version as worker_version
from .wire.workflows import MOST_BODY, CreateWorkflow, ListWorkflows, OneWorkflow, UpdateWorkflow, workflow
from .wire.workspaces import CreateWorkspace, ListWorkspaces, OneWorkspace, UpdateWorkspace, workspace

_ALL = "/v1/Workspaces"
_WORKSPACE = f"{_ALL}/{{WorkspaceSid}}"
_ACTIVITIES = f"{_WORKSPACE}/Activities"
_EVENTS = f"{_WORKSPACE}/Events"
_TASK_CHANNELS = f"{_WORKSPACE}/TaskChannels"
_TASK_QUEUES = f"{_WORKSPACE}/TaskQueues"
_TASK_QUEUE = f"{_TASK_QUEUES}/{{TaskQueueSid}}"
_TASKS = f"{_WORKSPACE}/Tasks"
_TASK_RESERVATIONS = f"{_TASKS}/{{TaskSid}}/Reservations"
_WORKERS = f"{_WORKSPACE}/Workers"
_WORKER = f"{_WORKERS}/{{WorkerSid}}"
_CHANNELS = f"{_WORKER}/Channels"
_WORKER_RESERVATIONS = f"{_WORKER}/Reservations"
_TRANSFERS = f"{_WORKER}/Transfers"
_WORKFLOWS = f"{_WORKSPACE}/Workflows"
_WORKFLOW = f"{_WORKFLOWS}/{{WorkflowSid}}"

TASKROUTER = Product(
    name="taskrouter",
    hosts=("taskrouter",),
    roots=(_ALL,),
    routes=(
        Route("POST", _ALL, "CreateWorkspace", workspaces.create, CreateWorkspace, workspace, status=201),
        Route("GET", _ALL, "ListWorkspace", workspaces.list_, ListWorkspaces, workspace, list_key="workspaces"),
        Route("GET", f"{_ALL}/{{Sid}}", "FetchWorkspace", workspaces.fetch, OneWorkspace, workspace),
        Route("POST", f"{_ALL}/{{Sid}}", "UpdateWorkspace", workspaces.update, UpdateWorkspace, workspace),
        Route("DELETE", f"{_ALL}/{{Sid}}", "DeleteWorkspace", workspaces.delete, OneWorkspace),
        Route("POST", _ACTIVITIES, "CreateActivity", activities.create, CreateActivity, activity, status=201),
        Route("GET", _ACTIVITIES, "ListActivity", activities.list_, ListActivities, activity, list_key="activities"),
        Route("GET", f"{_ACTIVITIES}/{{Sid}}", "FetchActivity", activities.fetch, OneActivity, activity),
        Route("POST", f"{_ACTIVITIES}/{{Sid}}", "UpdateActivity", activities.update, UpdateActivity, activity),
        Route("DELETE", f"{_ACTIVITIES}/{{Sid}}", "DeleteActivity", activities.delete, OneActivity),
        Route(
            "POST",
            _TASK_CHANNELS,
            "CreateTaskChannel",
            task_channels.create,
            CreateTaskChannel,
            task_channel,
            status=201,
        ),
        Route(
            "GET",
            _TASK_CHANNELS,
            "ListTaskChannel",
            task_channels.list_,
            ListTaskChannels,
            task_channel,
            list_key="channels",
        ),
        Route(
            "GET", f"{_TASK_CHANNELS}/{{Sid}}", "FetchTaskChannel", task_channels.fetch, OneTaskChannel, task_channel
        ),
        Route(
            "POST",
            f"{_TASK_CHANNELS}/{{Sid}}",
            "UpdateTaskChannel",
            task_channels.update,
            UpdateTaskChannel,
            task_channel,
        ),
        Route("DELETE", f"{_TASK_CHANNELS}/{{Sid}}", "DeleteTaskChannel", task_channels.delete, OneTaskChannel),
        Route("POST", _TASK_QUEUES, "CreateTaskQueue", task_queues.create, CreateTaskQueue, task_queue, status=201),
        Route(
            "GET", _TASK_QUEUES, "ListTaskQueue", task_queues.list_, ListTaskQueues, task_queue, list_key="task_queues"
        ),
        Route("GET", f"{_TASK_QUEUES}/{{Sid}}", "FetchTaskQueue", task_queues.fetch, OneTaskQueue, task_queue),
        Route("POST", f"{_TASK_QUEUES}/{{Sid}}", "UpdateTaskQueue", task_queues.update, UpdateTaskQueue, task_queue),
        Route("DELETE", f"{_TASK_QUEUES}/{{Sid}}", "DeleteTaskQueue", task_queues.delete, OneTaskQueue),
        Route(
            "POST",
            _WORKFLOWS,
            "CreateWorkflow",
            workflows.create,
            CreateWorkflow,
            workflow,
            status=201,
            max_body=MOST_BODY,
        ),
        Route("GET", _WORKFLOWS, "ListWorkflow", workflows.list_, ListWorkflows, workflow, list_key="workflows"),
        Route("GET", f"{_WORKFLOWS}/{{Sid}}", "FetchWorkflow", workflows.fetch, OneWorkflow, workflow),
        Route(
            "POST",
            f"{_WORKFLOWS}/{{Sid}}",
            "UpdateWorkflow",
            workflows.update,
            UpdateWorkflow,
            workflow,
            max_body=MOST_BODY,
        ),
        Route("DELETE", f"{_WORKFLOWS}/{{Sid}}", "DeleteWorkflow", workflows.delete, OneWorkflow),
        Route("POST", _WORKERS, "CreateWorker", workers.create, CreateWorker, worker, status=201, etag=worker_version),
        Route(
            "GET",
            _WORKERS,
            "ListWorker",
            workers.list_,
            ListWorkers,
            worker,
            list_key="workers",
            etag=worker_version,
        ),
        Route("GET", f"{_WORKERS}/{{Sid}}", "FetchWorker", workers.fetch, OneWorker, worker, etag=worker_version),
        Route("POST", f"{_WORKERS}/{{Sid}}", "UpdateWorker", workers.update, UpdateWorker, worker, etag=worker_version),
        Route("DELETE", f"{_WORKERS}/{{Sid}}", "DeleteWorker", workers.delete, DeleteWorker),
        Route(
            "GET",
            _CHANNELS,
            "ListWorkerChannel",
            worker_channels.list_,
            ListWorkerChannels,
            worker_channel,
            list_key="channels",
        ),
        Route(
            "GET", f"{_CHANNELS}/{{Sid}}", "FetchWorkerChannel", worker_channels.fetch, OneWorkerChannel, worker_channel
        ),
        Route(
            "POST",
            f"{_CHANNELS}/{{Sid}}",
            "UpdateWorkerChannel",
            worker_channels.update,
            UpdateWorkerChannel,
            worker_channel,
        ),
        Route("POST", _TASKS, "CreateTask", tasks.create, CreateTask, task, status=201, etag=task_version),
        Route("GET", _TASKS, "ListTask", tasks.list_, ListTasks, task, list_key="tasks", etag=task_version),
        Route("GET", f"{_TASKS}/{{Sid}}", "FetchTask", tasks.fetch, OneTask, task, etag=task_version),
        Route("POST", f"{_TASKS}/{{Sid}}", "UpdateTask", tasks.update, UpdateTask, task, etag=task_version),
        Route("DELETE", f"{_TASKS}/{{Sid}}", "DeleteTask", tasks.delete, OneTask),
        Route(
            "GET",
            _TASK_RESERVATIONS,
            "ListTaskReservation",
            reservations.list_of_task,
            ListTaskReservations,
            by_task,
            list_key="reservations",
            etag=reservation_version,
        ),
        Route(
            "GET",
            f"{_TASK_RESERVATIONS}/{{Sid}}",
            "FetchTaskReservation",
            reservations.fetch_of_task,
            OneTaskReservation,
            by_task,
            etag=reservation_version,
        ),
        Route(
            "POST",
            f"{_TASK_RESERVATIONS}/{{Sid}}",
            "UpdateTaskReservation",
            reservations.update_of_task,
            UpdateTaskReservation,
            by_task,
            etag=reservation_version,
        ),
        Route(
            "GET",
            _WORKER_RESERVATIONS,
            "ListWorkerReservation",
            reservations.list_of_worker,
            ListWorkerReservations,
            by_worker,
            list_key="reservations",
            etag=reservation_version,
        ),
        Route(
            "GET",
            f"{_WORKER_RESERVATIONS}/{{Sid}}",
            "FetchWorkerReservation",
            reservations.fetch_of_worker,
            OneWorkerReservation,
            by_worker,
            etag=reservation_version,
        ),
        Route(
            "POST",
            f"{_WORKER_RESERVATIONS}/{{Sid}}",
            "UpdateWorkerReservation",
            reservations.update_of_worker,
            UpdateWorkerReservation,
            by_worker,
            etag=reservation_version,
        ),
        Route("POST", _TRANSFERS, "CreateTransfer", transfers.create, CreateTransfer, transfer, status=201),
        Route("GET", f"{_TRANSFERS}/{{Sid}}", "FetchTransfer", transfers.fetch, OneTransfer, transfer),
        Route("POST", f"{_TRANSFERS}/{{Sid}}", "UpdateTransfer", transfers.update, UpdateTransfer, transfer),
        Route(
            "GET",
            f"{_WORKSPACE}/Statistics",
            "FetchWorkspaceStatistics",
            statistics.of_workspace,
            WorkspaceStatistics,
            combined,
            answer=combined_answer("Workspace", WORKSPACE),
        ),
        Route(
            "GET",
            f"{_WORKSPACE}/RealTimeStatistics",
            "FetchWorkspaceRealTimeStatistics",
            statistics.real_time_of_workspace,
            WorkspaceRealTime,
            real_time,
            answer=real_time_answer("Workspace", WORKSPACE),
        ),
        Route(
            "GET",
            f"{_WORKSPACE}/CumulativeStatistics",
            "FetchWorkspaceCumulativeStatistics",
            statistics.cumulative_of_workspace,
            WorkspaceStatistics,
            cumulative,
            answer=cumulative_answer("Workspace", WORKSPACE),
        ),
        Route(
            "GET",
            f"{_TASK_QUEUES}/Statistics",
            "ListTaskQueuesStatistics",
            statistics.list_of_task_queues,
            ListTaskQueuesStatistics,
            listed,
            list_key="task_queues_statistics",
            answer=listed_answer(),
        ),
        Route(
            "POST",
            f"{_TASK_QUEUES}/RealTimeStatistics",
            "CreateTaskQueueBulkRealTimeStatistics",
            statistics.real_time_of_task_queues,
            BulkRealTime,
            bulk,
            permission="read",
            body="json",
            answer=bulk_answer(),
            a_second=5,
        ),
        Route(
            "GET",
            f"{_TASK_QUEUE}/Statistics",
            "FetchTaskQueueStatistics",
            statistics.of_task_queue,
            TaskQueueStatistics,
            combined,
            answer=combined_answer("TaskQueue", TASK_QUEUE),
        ),
        Route(
            "GET",
            f"{_TASK_QUEUE}/RealTimeStatistics",
            "FetchTaskQueueRealTimeStatistics",
            statistics.real_time_of_task_queue,
            TaskQueueRealTime,
            real_time,
            answer=real_time_answer("TaskQueue", TASK_QUEUE),
        ),
        Route(
            "GET",
            f"{_TASK_QUEUE}/CumulativeStatistics",
            "FetchTaskQueueCumulativeStatistics",
            statistics.cumulative_of_task_queue,
            TaskQueueStatistics,
            cumulative,
            answer=cumulative_answer("TaskQueue", TASK_QUEUE),
        ),
        Route(
            "GET",
            f"{_WORKERS}/Statistics",
            "FetchWorkerStatistics",
            statistics_of_workers.of_workers,
            WorkersStatistics,
            combined,
            answer=combined_answer("Workers", OF_WORKERS),
        ),
        Route(
            "GET",
            f"{_WORKERS}/RealTimeStatistics",
            "FetchWorkersRealTimeStatistics",
            statistics_of_workers.real_time_of_workers,
            WorkersRealTime,
            real_time,
            answer=real_time_answer("Workers", OF_WORKERS),
        ),
        Route(
            "GET",
            f"{_WORKERS}/CumulativeStatistics",
            "FetchWorkersCumulativeStatistics",
            statistics_of_workers.cumulative_of_workers,
            WorkersCumulative,
            cumulative,
            answer=cumulative_answer("Workers", OF_WORKERS),
        ),
        Route(
            "GET",
            f"{_WORKER}/Statistics",
            "FetchWorkerInstanceStatistics",
            statistics_of_workers.of_worker,
            WorkerStatistics,
            combined,
            answer=combined_answer("Worker", OF_WORKER),
        ),
        Route(
            "GET",
            f"{_WORKFLOW}/Statistics",
            "FetchWorkflowStatistics",
            statistics.of_workflow,
            WorkflowStatistics,
            combined,
            answer=combined_answer("Workflow", WORKFLOW),
        ),
        Route(
            "GET",
            f"{_WORKFLOW}/RealTimeStatistics",
            "FetchWorkflowRealTimeStatistics",
            statistics.real_time_of_workflow,
            WorkflowRealTime,
            real_time,
            answer=real_time_answer("Workflow", WORKFLOW),
        ),
        Route(
            "GET",
            f"{_WORKFLOW}/CumulativeStatistics",
            "FetchWorkflowCumulativeStatistics",
            statistics.cumulative_of_workflow,
            WorkflowStatistics,
            cumulative,
            answer=cumulative_answer("Workflow", WORKFLOW),
        ),
        Route("GET", _EVENTS, "ListEvent", events.list_, ListEvents, event, list_key="events"),
        Route("GET", f"{_EVENTS}/{{Sid}}", "FetchEvent", events.fetch, OneEvent, event),
    ),
)

# Operations of ours, under ``/cordboard/v1``.
OURS = (
    Route(
        "GET",
        f"{_TASKS}/{{TaskSid}}/Explanation",
        "FetchExplanation",
        explanations.fetch,
        OneExplanation,
        explanation,
    ),
    Route(
        "POST",
        f"{_WORKSPACE}/Simulations",
        "CreateSimulation",
        simulations.create,
        Simulate,
        simulation,
        permission="read",
        max_body=MOST_BODY,
    ),
)
