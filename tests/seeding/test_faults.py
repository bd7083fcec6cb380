"""A file that is wrong: the line and the key path are named, and nothing is done."""

import re
from pathlib import Path

import pytest

from cordboard.server.preconditions import CannotStart
from cordboard.testkit.workbench import Workbench
from tests.seeding.conftest import Seeded
from tests.seeding.floors import SUPPORT, events

ANA, BOB = "workspaces[0].workers[0]", "workspaces[0].workers[1]"
REFUNDS, BY_TOPIC = "workspaces[0].task_queues[0]", "workspaces[0].workflows[0]"
TARGET = f"{BY_TOPIC}.configuration.task_routing.filters[0].targets[0]"

# What is replaced in support.toml by what, the text of the line that is named, the key path and the reason.
FAULTS = {
    "no TOML": ('"Away"\n\n[[workspaces.task_ch', "Away\n\n[[workspaces.task_ch", "= Away", None, "Invalid value"),
    "an unknown key": (
        "timeout_act",
        "timeout_at",
        "timeout_at",
        "workspaces[0].timeout_ativity",
        "unknown key; known",
    ),
    "a key in quotes": ("target_workers", '"a b"', '"a b"', f'{REFUNDS}."a b"', "unknown key"),
    "no name": ('friendly_name = "Refunds"\n', "", "task_queues]]", f"{REFUNDS}.friendly_name", "it is missing"),
    "another kind": (
        "= true",
        "= 3",
        "= 3",
        "workspaces[0].activities[0].available",
        "expected a boolean, got an integer",
    ),
    "a date": ("= 5", "= 2026-01-01", "= 2026", f"{ANA}.attributes.level", "JSON has no dates"),
    "not a number": ("= 5", "= nan", "= nan", f"{ANA}.attributes.level", "JSON has no nan"),
    "too deep": ("= 5", f"= {'[' * 130}{']' * 130}", "[[[", f"{ANA}.attributes.level", "more than 120 levels"),
    "deeper than JSON may be": ("= 5", f"= {'[' * 105}{']' * 105}", "[[[", f"{ANA}.attributes", "than 100 levels"),
    "a name twice": ('"bob"', '"ANA"', "workers]]", BOB, f"it has the name of {ANA}"),
    "an unknown activity": (
        '"Away"\n\n[[workspaces.activities]]\nfriendly_name = "Available"',
        '"Gone"\n\n[[workspaces.activities]]\nfriendly_name = "Available"',
        '"Gone"',
        "workspaces[0].timeout_activity",
        "there is no activity 'Gone'",
    ),
    "an unknown queue": ('queue = "Refunds"', 'queue = "Nope"', "filters", f"{TARGET}.queue", "no task queue 'Nope'"),
    "an unknown task channel": ('"chat"', '"chut"', '"chut"', f"{ANA}.channels[0].task_channel", "channel 'chut'"),
    "an expression": ("'skills HAS \"refunds\"'", '"skills HAS"', '"skills HAS"', f"{REFUNDS}.target_workers", "<EOF>"),
    "a filter": (
        "topic == 'refund'",
        "topic ==",
        "filters",
        f"{BY_TOPIC}.configuration.task_routing.filters[0].expression",
        "at character 9",
    ),
    "a misspelt key of a target": ("priority", "timout", "filters", f"{TARGET}.timout", "unknown key"),
    "a bound": ("capacity = 3", "capacity = 51", "= 51", f"{ANA}.channels[0].capacity", "a number of at most 50"),
    "a length": ('"bob"', f'"{"b" * 65}"', '"bbb', f"{BOB}.friendly_name", "at most 64 characters"),
    "NUL": ('"bob"', '"b\\u0000"', '"b\\u0000"', f"{BOB}.friendly_name", "NUL"),
    "a choice": (
        "target_workers",
        'task_order = "LAST"\ntarget_workers',
        "LAST",
        f"{REFUNDS}.task_order",
        "FIFO, LIFO",
    ),
    "what never changes": (
        "available = true\n",
        "",
        "activities]]",
        "workspaces[0].activities[0].available",
        "it is true and never changes; the file says false",
    ),
}


def fault_of(seeded: Seeded, text: str) -> tuple[str, str | None, str]:
    """The line that is named, the key path, and the reason."""
    with pytest.raises(CannotStart) as refused, seeded(text):
        pass
    found = re.fullmatch(
        r".*/floor\.toml:(\d+): (?:(workspaces\S*?(?:\".*?\")?): )?(.*)", str(refused.value), re.DOTALL
    )
    assert found, refused.value
    return text.splitlines()[int(found[1]) - 1], found[2], found[3]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_named_with_its_line_its_key_path_and_its_reason(kind: str, seeded: Seeded) -> None:
    before, after, line, path, reason = FAULTS[kind]
    assert SUPPORT.count(before) == 1
    named = fault_of(seeded, SUPPORT.replace(before, after))
    assert line in named[0]
    assert named[1] == path
    assert reason in named[2]


def test_the_line_is_right_where_lists_interrupt_each_other_and_values_span_lines(seeded: Seeded) -> None:
    text = (
        '[[workspaces]]\r\nfriendly_name = """\\\n  Support"""  # [[\n\n'
        "[[workspaces.workers]]\nfriendly_name = 'ana'\nattributes.note = '''\n]] not \"\"\" the end '''''\n"
        '[[workspaces.task_queues]]\nfriendly_name = "Q\\"]"\n'
        "# and another\n[[workspaces.workers]]\nfriendly_name = 'bob' # it's\nattributes.skills = [\n  'a', # ]\n  [],\n]\n\n"
        "activity = 'Gone'\n"
    )
    assert fault_of(seeded, text) == ("activity = 'Gone'", BOB + ".activity", "there is no activity 'Gone'")


def test_nothing_is_done_when_the_last_entry_is_wrong(tmp_path: Path, seeded: Seeded) -> None:
    file = tmp_path / "floor.toml"
    with seeded(SUPPORT) as cordboard:
        before = events(cordboard)
        file.write_text(SUPPORT.replace("capacity = 3", "capacity = 5") + 'activity = "Gone"\n')
        with pytest.raises(CannotStart, match="no activity 'Gone'"):
            cordboard.restart()
        file.write_text(SUPPORT)
        cordboard.restart()
        assert events(cordboard) == before


@pytest.mark.parametrize("content", [b"\xff", b"a = 1\0"])
def test_a_file_that_is_no_text_is_refused(content: bytes, cordboard_workbench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "floor.toml"
    file.write_bytes(content)
    with pytest.raises(CannotStart, match=r"floor\.toml"), cordboard_workbench.cordboard(seed=1, floor=file):
        pass


def test_a_file_that_is_not_there_is_named(cordboard_workbench: Workbench, tmp_path: Path) -> None:
    with (
        pytest.raises(CannotStart, match="No such file"),
        cordboard_workbench.cordboard(seed=1, floor=tmp_path / "none.toml"),
    ):
        pass


def test_the_vendors_limits_hold_inside_one_file(seeded: Seeded) -> None:
    channels = "".join(f'[[workspaces.task_channels]]\nunique_name = "c{n}"\nfriendly_name = "C"\n' for n in range(11))
    named = fault_of(seeded, f'[[workspaces]]\nfriendly_name = "Support"\n{channels}')
    assert named[1:] == ("workspaces[0].task_channels[10]", "there are 15 of task_channels already, which is the most")


def test_a_file_of_too_many_workspaces_is_refused(seeded: Seeded) -> None:
    text = "".join(f'[[workspaces]]\nfriendly_name = "W{n}"\n' for n in range(101))
    assert fault_of(seeded, text)[1:] == ("workspaces[100]", "a file has at most 100 workspaces")


def test_a_file_of_too_many_entries_or_bytes_is_refused(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.server.seed.file.MOST_ENTRIES", 6)
    assert fault_of(seeded, SUPPORT)[1:] == ("workspaces[0].workers", "a file has at most 6 entries")
    monkeypatch.setattr("cordboard.server.seed.file.MOST_BYTES", len(SUPPORT.encode()) - 1)
    with pytest.raises(CannotStart, match="has more than"), seeded(SUPPORT):
        pass


def test_a_name_that_the_server_has_twice_cannot_be_meant(seeded: Seeded) -> None:
    with seeded(SUPPORT) as cordboard:
        cordboard.client.taskrouter.v1.workspaces.create(friendly_name="Support")
        with pytest.raises(CannotStart, match=r":1: workspaces\[0\]: the server has 2 of the name 'Support'"):
            cordboard.restart()
