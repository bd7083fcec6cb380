"""Instructions that need a phone: checked to the end, refused where nobody can call, carried out where somebody can."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cordboard.server import compose
from cordboard.server.reactions import Reaction
from cordboard.storage.unit import Unit
from cordboard.taskrouter.actions import reservations
from cordboard.taskrouter.happenings import VoiceInstructed
from cordboard.testkit.workbench import Workbench
from tests.taskrouter.refusals import refusal
from tests.taskrouter.scene import Scene

CALL_SID = "CA" + "0" * 32
INSTRUCTIONS: dict[str, dict[str, Any]] = {
    "call": {"call_from": "+12025550100", "call_url": "https://example.com/twiml"},
    "redirect": {"redirect_call_sid": CALL_SID, "redirect_url": "https://example.com/twiml"},
    "dequeue": {},
    "conference": {},
    "supervise": {"supervisor_mode": "whisper", "supervisor": "client:eve"},
}


def offered(scene: Scene, attributes: dict[str, Any] | None = None, **worker: Any) -> Any:
    """A pending reservation of a call."""
    scene.worker("ana", **{"contact_uri": "client:ana", **worker})
    call = {"call_sid": CALL_SID, "to": "+12025550100", "from": "+12025550143"}
    return scene.offer(scene.task(attributes=call if attributes is None else attributes).sid)


def instruct(scene: Scene, offer: Any, instruction: str, **parameters: Any) -> Any:
    reservation = scene.workspace.tasks(offer.task_sid).reservations(offer.sid)
    return reservation.update(instruction=instruction, **{**INSTRUCTIONS[instruction], **parameters})


def in_state_for(scene: Scene, offer: Any, instruction: str) -> Any:
    return scene.answer(offer, "accepted") if instruction == "supervise" else offer


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
def test_without_a_voice_carrier_an_instruction_that_is_in_order_is_refused_clearly(
    scene: Scene, instruction: str
) -> None:
    offer = in_state_for(scene, offered(scene), instruction)
    status, code, message = refusal(instruct, scene, offer, instruction)
    assert (status, code) == (400, 55555)
    assert f"Instruction={instruction} needs a voice carrier, and this server has none" in message
    assert scene.offer(offer.task_sid).reservation_status == offer.reservation_status


def test_the_name_of_an_instruction_may_be_written_as_the_vendors_samples_do(scene: Scene) -> None:
    offer = offered(scene)
    reservation = scene.workspace.tasks(offer.task_sid).reservations(offer.sid)
    assert reservation.update(instruction="Accept").reservation_status == "accepted"


@pytest.mark.parametrize(
    ("instruction", "parameters", "code", "named"),
    [
        ("call", {"call_to": "ana"}, 40110, "CallTo"),
        ("call", {"call_from": ""}, 40111, "CallFrom"),
        ("call", {"call_to": "+12025550111", "call_from": "bob"}, 40111, "CallFrom"),
        ("call", {"call_url": "ftp://example.com"}, 40112, "CallUrl"),
        ("call", {"call_status_callback_url": "nowhere"}, 40158, "CallStatusCallbackUrl"),
        ("call", {"call_timeout": 1000}, 20001, "CallTimeout"),
        ("call", {"call_record": "sometimes"}, 20001, "CallRecord"),
        ("redirect", {"redirect_url": "example.com"}, 40120, "RedirectUrl"),
        ("redirect", {"redirect_call_sid": "CA1"}, 40121, "RedirectCallSid"),
        ("dequeue", {"dequeue_post_work_activity_sid": "WA" + "0" * 32}, 40130, "DequeuePostWorkActivitySid"),
        ("dequeue", {"dequeue_post_work_activity_sid": "lunch"}, 40130, "DequeuePostWorkActivitySid"),
        ("dequeue", {"dequeue_to": "ana"}, 40131, "DequeueTo"),
        ("dequeue", {"dequeue_to": "+12025550111", "dequeue_from": "bob"}, 40132, "DequeueFrom"),
        ("dequeue", {"dequeue_status_callback_event": ["sung"]}, 40134, "DequeueStatusCallbackEvent"),
        ("dequeue", {"dequeue_status_callback_url": "x"}, 40157, "DequeueStatusCallbackUrl"),
        ("conference", {"to": "ana"}, 40137, "To"),
        ("conference", {"from_": " "}, 40138, "From"),
        ("conference", {"post_work_activity_sid": "WA" + "0" * 32}, 40143, "PostWorkActivitySid"),
        ("conference", {"status_callback": ""}, 40159, "StatusCallback"),
        ("conference", {"max_participants": 251}, 20001, "MaxParticipants"),
        ("conference", {"max_participants": 1}, 20001, "MaxParticipants"),
        ("conference", {"beep": "loud"}, 20001, "Beep"),
        ("conference", {"conference_record": "yes"}, 20001, "ConferenceRecord"),
        ("conference", {"conference_trim": "both"}, 20001, "ConferenceTrim"),
        ("conference", {"recording_channels": "stereo"}, 20001, "RecordingChannels"),
        ("conference", {"region": "mars1"}, 20001, "Region"),
        ("conference", {"jitter_buffer_size": "huge"}, 20001, "JitterBufferSize"),
        ("conference", {"wait_method": "PUT"}, 20001, "WaitMethod"),
        (
            "conference",
            {"conference_status_callback_event": ["start", "middle"]},
            20001,
            "ConferenceStatusCallbackEvent",
        ),
        ("supervise", {"supervisor": "eve"}, 40147, "Supervisor"),
        ("supervise", {"supervisor": "WK" + "0" * 32}, 40147, "Supervisor"),
        ("supervise", {"supervisor_mode": "shout"}, 20001, "SupervisorMode"),
    ],
)
def test_a_fault_of_an_instruction_has_the_vendors_code_and_names_its_parameter(
    scene: Scene, instruction: str, parameters: dict[str, Any], code: int, named: str
) -> None:
    offer = in_state_for(scene, offered(scene), instruction)
    status, found, message = refusal(instruct, scene, offer, instruction, **parameters)
    assert (status, found) == (400, code)
    assert f"Invalid parameter {named}" in message
    assert scene.offer(offer.task_sid).reservation_status == offer.reservation_status


@pytest.mark.parametrize(
    ("instruction", "missing", "code"),
    [
        ("call", "CallFrom", 40111),
        ("call", "CallUrl", 40112),
        ("redirect", "RedirectUrl", 40120),
        ("redirect", "RedirectCallSid", 40121),
    ],
)
def test_what_an_instruction_cannot_do_without_is_asked_for(
    scene: Scene, instruction: str, missing: str, code: int
) -> None:
    offer = offered(scene)
    form = {
        "call": {"CallFrom": "+12025550100", "CallUrl": "https://example.com"},
        "redirect": {"RedirectCallSid": CALL_SID, "RedirectUrl": "https://example.com"},
    }[instruction]
    del form[missing]
    path = f"/v1/Workspaces/{scene.sid}/Tasks/{offer.task_sid}/Reservations/{offer.sid}"
    answer = scene.cordboard.http.post(path, {"Instruction": instruction, **form}, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, code)
    assert missing in answer.json["message"]


@pytest.mark.parametrize(
    ("instruction", "attributes", "code"),
    [
        ("dequeue", {"to": "+12025550100"}, 40140),
        ("dequeue", {"call_sid": CALL_SID}, 40132),
        ("conference", {"to": "+12025550100"}, 40142),
        ("conference", {"call_sid": CALL_SID}, 40138),
        ("conference", {"outbound_to": "+12025550143"}, 40138),
        ("supervise", {"call_sid": CALL_SID}, 40148),
    ],
)
def test_a_task_that_is_no_call_is_named(scene: Scene, instruction: str, attributes: dict[str, str], code: int) -> None:
    offer = in_state_for(scene, offered(scene, attributes), instruction)
    assert refusal(instruct, scene, offer, instruction)[:2] == (400, code)


@pytest.mark.parametrize(("instruction", "code"), [("dequeue", 40131), ("call", 40110), ("conference", 40137)])
def test_a_worker_without_an_address_cannot_be_called(scene: Scene, instruction: str, code: int) -> None:
    offer = offered(scene, contact_uri=None)
    assert refusal(instruct, scene, offer, instruction)[:2] == (400, code)


def test_a_supervisor_needs_an_address(scene: Scene) -> None:
    offer = in_state_for(scene, offered(scene), "supervise")
    with_none, with_one = scene.worker("eve"), scene.worker("fay", contact_uri="client:fay")
    assert refusal(instruct, scene, offer, "supervise", supervisor=with_none.sid)[:2] == (400, 40147)
    assert refusal(instruct, scene, offer, "supervise", supervisor=with_one.sid)[:2] == (400, 55555)


@pytest.mark.parametrize(
    ("instruction", "code"), [("call", 40114), ("redirect", 40123), ("dequeue", 40135), ("conference", 40136)]
)
def test_only_a_pending_reservation_can_be_called_for(scene: Scene, instruction: str, code: int) -> None:
    offer = scene.answer(offered(scene), "accepted")
    assert refusal(instruct, scene, offer, instruction)[:2] == (400, code)


def test_only_a_reservation_in_hand_can_be_supervised_and_only_by_its_task(scene: Scene) -> None:
    offer = offered(scene)
    assert refusal(instruct, scene, offer, "supervise")[:2] == (400, 40146)
    scene.answer(offer, "accepted")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{offer.worker_sid}/Reservations/{offer.sid}"
    answer = scene.cordboard.http.post(path, {"Instruction": "supervise"}, host="taskrouter")
    assert (answer.status, answer.json["code"]) == (400, 55555)


@pytest.mark.parametrize(
    ("instruction", "code"), [("call", 40151), ("redirect", 40151), ("dequeue", 40151), ("conference", 40149)]
)
def test_a_transferred_task_takes_few_instructions(scene: Scene, instruction: str, code: int) -> None:
    held = scene.answer(offered(scene), "accepted")
    ben = scene.worker("ben", contact_uri="client:ben")
    path = f"/v1/Workspaces/{scene.sid}/Workers/{held.worker_sid}/Transfers"
    form = {"TaskSid": held.task_sid, "ReservationSid": held.sid, "To": ben.sid}
    assert scene.cordboard.http.post(path, form, host="taskrouter").status == 201
    offer = scene.offers(held.task_sid)[-1]
    assert refusal(instruct, scene, offer, instruction)[:2] == (400, code)


def test_an_instruction_and_a_status_do_not_go_together(scene: Scene) -> None:
    offer = offered(scene)
    _, code, message = refusal(instruct, scene, offer, "conference", reservation_status="accepted")
    assert (code, "ReservationStatus" in message) == (20001, True)


class Exchange:
    """A voice carrier that a test drives."""

    def __init__(self) -> None:
        self.calls: list[VoiceInstructed] = []

    async def instructed(self, unit: Unit, happening: VoiceInstructed) -> None:
        if happening.instruction.name in {"conference", "dequeue"}:
            await reservations.hold(unit, happening.reservation.sid)
        self.calls.append(happening)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    carrier = Exchange()
    table = [row for row in compose.REACTIONS if row.happening is not VoiceInstructed]
    monkeypatch.setattr(compose, "REACTIONS", (*table, Reaction(VoiceInstructed, carrier.instructed)))
    return carrier


@pytest.fixture
def calling(exchange: Exchange, cordboard_workbench: Workbench) -> Iterator[Scene]:
    assert exchange.calls == []
    with cordboard_workbench.cordboard(seed=1) as cordboard:
        yield Scene(cordboard)


def test_a_carrier_is_told_all_that_it_needs(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    instruct(calling, offer, "conference", record=True, conference_status_callback_event=["start", "end"])
    (told,) = exchange.calls
    assert (told.reservation.sid, told.task.sid, told.worker.friendly_name) == (offer.sid, offer.task_sid, "ana")
    assert told.instruction.name == "conference"
    assert told.instruction.parameters == {
        "to": "client:ana",
        "from": "+12025550100",
        "record": True,
        "conference_status_callback_event": ["start", "end"],
    }


def test_the_plural_of_the_javascript_client_is_the_same_parameter(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    path = f"/v1/Workspaces/{calling.sid}/Workers/{offer.worker_sid}/Reservations/{offer.sid}"
    form = {"Instruction": "dequeue", "DequeueStatusCallbackEvents": "ringing,answered"}
    assert calling.cordboard.http.post(path, form, host="taskrouter").status == 200
    assert exchange.calls[0].instruction.parameters["status_callback_events"] == ["ringing", "answered"]


@pytest.mark.parametrize("instruction", ["conference", "dequeue"])
def test_a_reservation_is_on_hold_while_its_call_is_set_up(
    calling: Scene, exchange: Exchange, instruction: str
) -> None:
    offer = offered(calling)
    assert instruct(calling, offer, instruction).reservation_status == "pending"
    calling.cordboard.clock.advance(180)
    assert calling.offer(offer.task_sid).reservation_status == "pending"
    assert len(exchange.calls) == 1
    status, code, message = refusal(calling.answer, offer, "rejected")
    assert (status, code) == (400, 20001)
    assert "on hold" in message
    assert refusal(instruct, calling, offer, instruction)[0] == 400


def test_a_worker_who_answers_the_call_has_the_task(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    instruct(calling, offer, "conference")
    conference = {"conference": {"sid": "CF" + "0" * 32, "participants": {"worker": CALL_SID}}}

    async def answered(unit: Unit) -> None:
        await reservations.set_up(unit, exchange.calls[0].reservation.sid, conference)

    calling.cordboard.call(calling.cordboard.system.db.run(answered))
    assert calling.offer(offer.task_sid).reservation_status == "accepted"
    task = calling.workspace.tasks(offer.task_sid).fetch()
    assert task.assignment_status == "assigned"
    assert json.loads(task.attributes)["conference"] == conference["conference"]


def test_a_call_that_fails_cancels_the_reservation_and_the_task_waits_again(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    ben = calling.worker("ben")
    instruct(calling, offer, "conference")

    async def busy(unit: Unit) -> None:
        await reservations.set_up_failed(unit, exchange.calls[0].reservation.sid)

    calling.cordboard.call(calling.cordboard.system.db.run(busy))
    assert [(found.worker_name, found.reservation_status) for found in calling.offers(offer.task_sid)] == [
        ("ana", "canceled"),
        (ben.friendly_name, "pending"),
    ]
    assert calling.events(offer.sid) == ["reservation.created", "reservation.failed", "reservation.canceled"]


def test_a_call_of_which_nobody_hears_again_is_given_up(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    instruct(calling, offer, "conference")
    calling.worker("ben")
    assert exchange.calls
    calling.cordboard.clock.advance(300)
    assert [found.reservation_status for found in calling.offers(offer.task_sid)] == ["canceled", "pending"]
    assert calling.workspace.workers(offer.worker_sid).fetch().activity_name == "Available"


def test_a_worker_who_leaves_does_not_cut_a_call_that_is_being_set_up(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    instruct(calling, offer, "conference")
    offline = calling.activities["Offline"]
    calling.workspace.workers(offer.worker_sid).update(activity_sid=offline, reject_pending_reservations=True)
    assert exchange.calls
    assert calling.offer(offer.task_sid).reservation_status == "pending"


def test_a_task_canceled_meanwhile_ends_the_hold(calling: Scene, exchange: Exchange) -> None:
    offer = offered(calling)
    instruct(calling, offer, "conference")
    assert exchange.calls
    calling.workspace.tasks(offer.task_sid).update(assignment_status="canceled", reason="hung up")
    assert calling.offer(offer.task_sid).reservation_status == "canceled"
