"""The parameters of instructions that need a phone, in the vendor's names (taskrouter.md 1.11), and what they are by instruction.

What a parameter must be is checked here, whether or not its instruction is given; what an instruction needs is checked by
``engine.voice``, in the names of an assignment callback's reply: ``FIELDS`` leads from these to those.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from cordboard.rest.forms import Form, sid
from cordboard.taskrouter.model import VoiceInstruction

from .fields import ActivitySid

_Address = Annotated[str, Meta(min_length=1, max_length=256)]
_Secret = Annotated[str, Meta(max_length=256)]
_Seconds = Annotated[int, Meta(ge=1, le=999)]
_Url = Annotated[
    str,
    Meta(pattern=r"^https?://[^\s/?#]+(?:[/?#]\S*)?(?!\s)$", max_length=2048, description="an http or https URL"),
]
_Method = Literal["GET", "POST"]
_CallEvent = Literal["initiated", "ringing", "answered", "completed"]
_ConferenceEvent = Literal["start", "end", "join", "leave", "mute", "hold", "speaker"]
_Recorded = Literal["record-from-answer", "do-not-record"]


_CODES = {
    "WorkerActivitySid": 40100,
    "CallTo": 40110,
    "CallFrom": 40111,
    "CallUrl": 40112,
    "CallStatusCallbackUrl": 40158,
    "RedirectUrl": 40120,
    "RedirectCallSid": 40121,
    "DequeuePostWorkActivitySid": 40130,
    "DequeueTo": 40131,
    "DequeueFrom": 40132,
    "DequeueStatusCallbackEvent": 40134,
    "DequeueStatusCallbackEvents": 40134,
    "DequeueStatusCallbackUrl": 40157,
    "To": 40137,
    "From": 40138,
    "PostWorkActivitySid": 40143,
    "StatusCallback": 40159,
    "Supervisor": 40147,
}


class Instructed(Form, frozen=True, kw_only=True):
    """What both paths of a reservation take beside its status."""

    codes = _CODES

    dequeue_post_work_activity_sid: ActivitySid | UnsetType = UNSET
    dequeue_from: _Address | UnsetType = UNSET
    dequeue_record: _Recorded | UnsetType = UNSET
    dequeue_timeout: _Seconds | UnsetType = UNSET
    dequeue_to: _Address | UnsetType = UNSET
    dequeue_status_callback_url: _Url | UnsetType = UNSET
    dequeue_status_callback_event: list[_CallEvent] | UnsetType = UNSET
    dequeue_status_callback_events: list[_CallEvent] | UnsetType = UNSET

    call_from: _Address | UnsetType = UNSET
    call_record: _Recorded | UnsetType = UNSET
    call_timeout: _Seconds | UnsetType = UNSET
    call_to: _Address | UnsetType = UNSET
    call_url: _Url | UnsetType = UNSET
    call_status_callback_url: _Url | UnsetType = UNSET
    call_accept: bool | UnsetType = UNSET

    redirect_call_sid: Annotated[str, sid("CA")] | UnsetType = UNSET
    redirect_accept: bool | UnsetType = UNSET
    redirect_url: _Url | UnsetType = UNSET

    to: _Address | UnsetType = UNSET
    from_: _Address | UnsetType = field(name="From", default=UNSET)
    status_callback: _Url | UnsetType = UNSET
    status_callback_method: _Method | UnsetType = UNSET
    status_callback_event: list[_CallEvent] | UnsetType = UNSET
    timeout: _Seconds | UnsetType = UNSET
    record: bool | UnsetType = UNSET
    muted: bool | UnsetType = UNSET
    beep: Literal["true", "false", "onEnter", "onExit"] | UnsetType = UNSET
    start_conference_on_enter: bool | UnsetType = UNSET
    end_conference_on_exit: bool | UnsetType = UNSET
    wait_url: _Url | UnsetType = UNSET
    wait_method: _Method | UnsetType = UNSET
    early_media: bool | UnsetType = UNSET
    max_participants: Annotated[int, Meta(ge=2, le=250)] | UnsetType = UNSET
    conference_status_callback: _Url | UnsetType = UNSET
    conference_status_callback_method: _Method | UnsetType = UNSET
    conference_status_callback_event: list[_ConferenceEvent] | UnsetType = UNSET
    conference_record: Literal["true", "false", "record-from-start", "do-not-record"] | UnsetType = UNSET
    conference_trim: Literal["trim-silence", "do-not-trim"] | UnsetType = UNSET
    recording_channels: Literal["mono", "dual"] | UnsetType = UNSET
    recording_status_callback: _Url | UnsetType = UNSET
    recording_status_callback_method: _Method | UnsetType = UNSET
    conference_recording_status_callback: _Url | UnsetType = UNSET
    conference_recording_status_callback_method: _Method | UnsetType = UNSET
    region: Literal["us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"] | UnsetType = UNSET
    sip_auth_username: _Secret | UnsetType = UNSET
    sip_auth_password: _Secret | UnsetType = UNSET
    post_work_activity_sid: ActivitySid | UnsetType = UNSET
    end_conference_on_customer_exit: bool | UnsetType = UNSET
    beep_on_customer_entrance: bool | UnsetType = UNSET
    jitter_buffer_size: Literal["small", "medium", "large", "off"] | UnsetType = UNSET


def _prefixed(prefix: str, *names: str) -> dict[str, str]:
    return {name: f"{prefix}_{name}" for name in names}


_ELSEWHERE = ("dequeue_", "call_", "redirect_")

# Of each instruction: the name in a callback's reply -> the field of the form.
FIELDS: dict[str, dict[str, str]] = {
    "dequeue": _prefixed("dequeue", "to", "from", "post_work_activity_sid", "record", "timeout", "status_callback_url")
    | {"status_callback_events": "dequeue_status_callback_event"},
    "call": _prefixed("call", "to", "from", "url", "accept", "record", "timeout", "status_callback_url"),
    "redirect": _prefixed("redirect", "call_sid", "url", "accept"),
    "conference": {
        name.removesuffix("_"): name for name in Instructed.__struct_fields__ if not name.startswith(_ELSEWHERE)
    },
    "supervise": {"mode": "supervisor_mode", "supervisor": "supervisor"},
}


def instruction_of(form: Instructed, name: str) -> VoiceInstruction:
    """What a caller says of an instruction, without what is left out."""
    said: dict[str, Any] = {
        parameter: value
        for parameter, place in FIELDS[name].items()
        if (value := getattr(form, place, UNSET)) is not UNSET
    }
    if name == "dequeue" and form.dequeue_status_callback_events is not UNSET:
        # So the JavaScript client spells it; the vendor's file has the singular.
        said["status_callback_events"] = form.dequeue_status_callback_events
    return VoiceInstruction(name, said)


def name_in_form(name: str, parameter: str) -> str:
    """How callers of the API spell a parameter of an instruction."""
    place = FIELDS[name].get(parameter, parameter)
    return "".join(part.capitalize() for part in place.removesuffix("_").split("_"))
