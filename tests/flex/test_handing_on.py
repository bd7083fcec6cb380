"""A task of an interaction that its agent hands on in TaskRouter."""

from typing import Any

from tests.flex.contact_center import CUSTOMER, ContactCenter, people


def hand_on(center: ContactCenter, offer: Any, to: str, mode: str) -> None:
    held = offer.fetch()
    path = f"/v1/Workspaces/{center.sid}/Workers/{held.worker_sid}/Transfers"
    form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": to, "Mode": mode}
    assert center.cordboard.http.post(path, form, host="taskrouter").status == 201


def test_who_accepts_it_joins_the_conversation_and_who_handed_it_on_leaves_when_they_are_done(
    center: ContactCenter,
) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    first = center.accept(ana)
    bob = center.hire("bob")
    hand_on(center, first, bob.fetch().sid, "COLD")
    second = center.accept(bob)
    assert people(conversation) == [CUSTOMER, "ana", "bob"]
    first.update(reservation_status="completed")
    assert people(conversation) == [CUSTOMER, "bob"]
    assert center.channel(made).fetch().status == "active"
    second.update(reservation_status="completed")
    assert center.task(made).fetch().assignment_status == "completed"
    assert (center.channel(made).fetch().status, conversation.fetch().state) == ("closed", "closed")


def test_a_channel_that_is_closed_meanwhile_takes_the_task_back_to_its_agent(center: ContactCenter) -> None:
    ana, conversation = center.hire("ana"), center.conversation()
    made = center.inbound(conversation)
    first = center.accept(ana)
    bob = center.hire("bob")
    hand_on(center, first, bob.fetch().sid, "WARM")
    offered = center.offer(bob)
    conversation.update(state="closed")
    assert center.task(made).fetch().assignment_status == "wrapping"
    assert first.fetch().reservation_status == "wrapping"
    assert offered.fetch().reservation_status == "canceled"


def test_an_invite_to_an_agent_who_does_not_serve_the_queue_is_canceled(center: ContactCenter) -> None:
    ana = center.hire("ana")
    queue = center.workspace.task_queues.create(friendly_name="french", target_workers="languages HAS 'fr'")
    made = center.inbound(center.conversation(), queue_sid=queue.sid, worker_sid=ana.fetch().sid)
    task = center.task(made).fetch()
    assert (task.assignment_status, task.reason) == ("canceled", "Worker ana is not in task queue french")
    center.cordboard.settled()
    assert ana.reservations.list() == []
