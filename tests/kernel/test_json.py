import json as standard
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.kernel import json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_characters="\0", codec="utf-8")), inner)
    ),
)


@given(VALUES)
def test_a_value_that_is_dumped_and_parsed_is_the_same(value: Any) -> None:
    assert json.parse(json.dump(value)) == value
    assert json.parse(standard.dumps(value)) == value


@pytest.mark.parametrize("depth", [101, 1_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_deep_nesting_is_refused_before_a_decoder_sees_it(depth: int, opening: str, closing: str) -> None:
    with pytest.raises(ValueError, match="nested more than 100"):
        json.parse(opening * depth + "1" + closing * depth)


def test_a_hundred_levels_and_brackets_in_texts_are_no_depth() -> None:
    assert json.parse("[" * 100 + "]" * 100)
    text = "[{" * 500 + '\\"'
    assert json.parse(json.dump({"a": text})) == {"a": text}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{'a': 1}",
        "NaN",
        "[Infinity]",
        '"\\ud800"',
        '"\\u0000"',
        '"\0"',
        "\ufeff{}",
        "1e999",
        '{"a": 1,}',
        "01",
        "\ud800",
    ],
)
def test_what_a_store_or_a_client_would_choke_on_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"JSON|NUL"):
        json.parse(text)
