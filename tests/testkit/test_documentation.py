import re
from pathlib import Path
from typing import Any

from cordboard.testkit.running import Cordboard

DOCUMENT = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_first_test_of_the_documentation_passes_and_has_fifteen_lines(cordboard: Cordboard) -> None:
    block = re.search(r"```python\n(def (test_\w+).*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert block
    written: dict[str, Any] = {}
    exec(block[1], written)  # it is the text that users copy
    written[block[2]](cordboard)
    assert len([line for line in block[1].splitlines() if line]) <= 15


def test_every_name_that_the_documentation_gives_exists(cordboard: Cordboard) -> None:
    for name in re.findall(r"`cordboard\.([a-z_]+)[`(]", DOCUMENT.read_text()):
        assert hasattr(cordboard, name), name
