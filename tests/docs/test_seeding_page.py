"""The page of seed files: its file is one, its keys are those that a file may have, and the test that starts with it passes."""

from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from cordboard.server.preconditions import CannotStart
from cordboard.server.seed import floor
from cordboard.testkit.workbench import Workbench
from tests.docs.pages import codes, programs, table, text_of

pytest_plugins = ["pytester"]

SEEDING, TESTING = "docs/seeding.md", "docs/testing.md"


def test_the_test_of_the_page_passes_with_the_file_of_the_page(pytester: pytest.Pytester) -> None:
    (file,) = programs(SEEDING, "toml")
    (test,) = [program for program in programs(TESTING, "python") if 'floor="floor.toml"' in program]
    pytester.path.joinpath("floor.toml").write_text(file)
    pytester.makepyfile(test)
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_fault_that_the_page_shows_is_what_is_said(
    cordboard_workbench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file,) = programs(SEEDING, "toml")
    monkeypatch.chdir(tmp_path)
    Path("floor.toml").write_text(file.lstrip("\n").replace("capacity = 3", "capacity = 51"))
    with pytest.raises(CannotStart) as refused, cordboard_workbench.cordboard(seed=1, floor=Path("floor.toml")):
        pass
    assert f"\n    {refused.value}\n" in text_of(SEEDING)


def test_the_table_of_entries_has_every_key() -> None:
    expected = {"workspaces": floor.Workspace, **lists(floor.Workspace), **lists(floor.Worker)}
    written = {codes(row[0])[0]: set(codes(row[1])) for row in table(SEEDING, "entry")}
    assert written == {key: set(entry.__struct_fields__) for key, entry in expected.items()}


def lists(entry: type[floor.Entry]) -> dict[str, Any]:
    """The keys of an entry that hold entries, and which."""
    kinds = {field.name: get_args(field.type) for field in msgspec.structs.fields(entry)}
    return {key: args[0] for key, args in kinds.items() if args and issubclass(args[0], floor.Entry)}
