"""What is true of the rows whenever nobody is writing them. Each SELECT finds what breaks the rule, so it must find nothing."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

Select = Callable[[str], Sequence[Sequence[Any]]]

NOTHING = {
    "an interaction without its channel": """
        SELECT i.sid FROM flex_interactions i
        WHERE NOT EXISTS (SELECT 1 FROM flex_channels c WHERE c.interaction_sid = i.sid)""",
    "a channel without its conversation": """
        SELECT c.sid FROM flex_channels c
        WHERE NOT EXISTS (SELECT 1 FROM conversations v WHERE v.sid = c.conversation_sid)""",
    "a channel without an invite": """
        SELECT c.sid FROM flex_channels c WHERE NOT EXISTS (SELECT 1 FROM flex_invites i WHERE i.channel_sid = c.sid)""",
    "an invite without its task": """
        SELECT i.sid FROM flex_invites i WHERE NOT EXISTS (SELECT 1 FROM tasks t WHERE t.sid = i.task_sid)""",
    "a closed channel with an open conversation": """
        SELECT c.sid FROM flex_channels c JOIN conversations v ON v.sid = c.conversation_sid
        WHERE c.status = 'closed' AND v.state <> 'closed'""",
    "a waiting task without an alarm": """
        SELECT t.sid FROM tasks t WHERE t.assignment_status IN ('pending', 'reserved')
        AND NOT EXISTS (SELECT 1 FROM timers a WHERE a.subject_sid = t.sid)""",
    "an offer without an alarm": """
        SELECT r.sid FROM reservations r WHERE r.reservation_status = 'pending'
        AND NOT EXISTS (SELECT 1 FROM timers a WHERE a.subject_sid = r.sid)""",
    "a reserved task without an offer": """
        SELECT t.sid FROM tasks t WHERE t.assignment_status = 'reserved' AND NOT EXISTS (
            SELECT 1 FROM reservations r WHERE r.task_sid = t.sid AND r.reservation_status = 'pending')""",
    "an assigned task without one owner": """
        SELECT t.sid FROM tasks t WHERE t.assignment_status = 'assigned' AND 1 <> (
            SELECT COUNT(*) FROM reservations r WHERE r.task_sid = t.sid AND r.reservation_status = 'accepted')""",
    "an offer of a task that does not wait": """
        SELECT r.sid FROM reservations r JOIN tasks t ON t.sid = r.task_sid
        WHERE r.reservation_status = 'pending' AND t.assignment_status <> 'reserved'""",
    "a task offered twice at once": """
        SELECT task_sid FROM reservations WHERE reservation_status = 'pending' GROUP BY task_sid HAVING COUNT(*) > 1""",
    "a message index with a gap": """
        SELECT conversation_sid FROM conversation_messages GROUP BY conversation_sid HAVING COUNT(*) <> MAX(message_index) + 1""",
    "a feed with a gap": """
        SELECT f.account_sid FROM feed f WHERE f.position <> (
            SELECT COALESCE(SUM(e.count), 0) FROM journal e WHERE e.account_sid = f.account_sid)
        OR f.position <> (SELECT COALESCE(MAX(e.position), 0) FROM journal e WHERE e.account_sid = f.account_sid)""",
    "a task without the event of its creation": """
        SELECT t.sid FROM tasks t WHERE NOT EXISTS (
            SELECT 1 FROM journal_index i JOIN journal e ON e.account_sid = t.account_sid AND e.position = i.position
            WHERE i.account_sid = t.account_sid AND i.resource_sid = t.sid AND e.data LIKE '%"task.created"%')""",
}

OPEN = ("pending", "accepted", "wrapping")


def broken(select: Select) -> dict[str, Any]:
    """The rules that do not hold, each with what breaks it."""
    found = {rule: rows for rule, sql in NOTHING.items() if (rows := [tuple(row) for row in select(sql)])}
    return found | _loads(select)


def _loads(select: Select) -> dict[str, Any]:
    """What stands in a worker's row is what its reservations say, and within its capacity."""
    counted = Counter(
        tuple(row) for row in select("SELECT worker_sid, task_channel_sid, reservation_status FROM reservations")
    )
    wrong: dict[str, Any] = {}
    for sid, channels in select("SELECT sid, channels FROM workers"):
        for channel_sid, state in json.loads(channels).items():
            loads = {status: state.get(status, 0) for status in OPEN}
            if loads != {status: counted[sid, channel_sid, status] for status in OPEN}:
                wrong[f"the load of {sid}"] = loads
            if sum(loads.values()) > state["configured_capacity"]:
                wrong[f"the capacity of {sid}"] = loads
    return wrong
