"""What answers of statistics hold, for who describes them: made of the figures that each kind tells."""

from typing import Any, TypedDict, get_type_hints

from cordboard.rest.answers import AccountSid, Url

from .fields import TaskQueueSid, WorkerSid, WorkflowSid, WorkspaceSid
from .statistics_answers import QUEUE_BUT_LONGEST, TASK_QUEUE, Cumulative, Kind, RealTime

_SIDS = {"task_queue_sid": TaskQueueSid, "workflow_sid": WorkflowSid, "worker_sid": WorkerSid}
Fields = dict[str, Any]


def combined_answer(name: str, kind: Kind) -> Any:  # noqa: ANN401 - a type
    """Of ``Statistics``."""
    return _typed(f"{name}Statistics", _whose(kind) | _parts(name, kind) | {"url": Url})


def real_time_answer(name: str, kind: Kind) -> Any:  # noqa: ANN401 - a type
    """Of ``RealTimeStatistics``."""
    return _typed(f"{name}RealTimeStatistics", _whose(kind) | _figures(RealTime, kind.real_time) | {"url": Url})


def cumulative_answer(name: str, kind: Kind) -> Any:  # noqa: ANN401 - a type
    """Of ``CumulativeStatistics``."""
    return _typed(f"{name}CumulativeStatistics", _whose(kind) | _figures(Cumulative, kind.cumulative) | {"url": Url})


def listed_answer() -> Any:  # noqa: ANN401 - a type
    """Of an item of ``TaskQueues/Statistics``."""
    return _typed("ListedTaskQueueStatistics", _whose(TASK_QUEUE) | _parts("ListedTaskQueue", TASK_QUEUE))


def bulk_answer() -> Any:  # noqa: ANN401 - a type
    """Of ``POST TaskQueues/RealTimeStatistics``."""
    item = _typed("BulkTaskQueue", {"task_queue_sid": TaskQueueSid} | _figures(RealTime, QUEUE_BUT_LONGEST))
    whole = {
        "account_sid": AccountSid,
        "workspace_sid": WorkspaceSid,
        "task_queue_data": list[item],  # type: ignore[valid-type] # made at run time, as all here
        "task_queue_response_count": int,
        "url": Url,
    }
    return _typed("BulkRealTimeStatistics", whole)


def _parts(name: str, kind: Kind) -> Fields:
    parts = {"cumulative": _typed(f"{name}Cumulative", _figures(Cumulative, kind.cumulative))}
    if kind.real_time:
        parts["realtime"] = _typed(f"{name}RealTime", _figures(RealTime, kind.real_time))
    return parts


def _whose(kind: Kind) -> Fields:
    whose: Fields = {"account_sid": AccountSid, "workspace_sid": WorkspaceSid}
    return whose if kind.sid_name is None else whose | {kind.sid_name: _SIDS[kind.sid_name]}


def _figures(told: type, names: tuple[str, ...]) -> Fields:
    """The types of figures: fields, properties, and else counts."""
    return {name: _type_of(told, name) for name in names}


def _type_of(told: type, name: str) -> Any:  # noqa: ANN401 - a type
    fields = get_type_hints(told, include_extras=True)
    if name in fields:
        return fields[name]
    figure = getattr(told, name, None)
    return get_type_hints(figure.fget)["return"] if isinstance(figure, property) else int


def _typed(name: str, fields: Fields) -> Any:  # noqa: ANN401 - a type
    return TypedDict(name, fields)  # type: ignore[operator] # its fields are known only now
