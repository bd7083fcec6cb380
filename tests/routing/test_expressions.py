"""The expression language (taskrouter.md 6): what holds, what does not, what is refused and where."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.expressions.parser import MAX_DEPTH
from cordboard.routing.expressions.tokens import MAX_TEXT, ExpressionError, Operator

NAMES: dict[str, Any] = {
    "skills": ["en", "fr", 5, "6", None, True, ["nested"], {"a": 1}],
    "level": 5,
    "rating": 4.5,
    "digits": "6",
    "old": "0800",
    "name": "Ann",
    "yes": True,
    "no": False,
    "nothing": None,
    "empty": [],
    "blank": "",
    "team": {"lead": {"name": "Bo"}, "list": [{"x": 1}, {"x": 2}], "in": 3},
    "phone": "+15551234567",
    "día": "lunes",
    "big": 2**64 - 1,
    "bigger": 2**64,
    "exact": 2**53 + 1,
    "forty": [int("1" * 40), "1" * 40],
    "longer": [int("1" * 41), "1" * 41],
}


def holds(text: str, names: dict[str, Any] = NAMES) -> bool:
    return compile_expression(text).holds(names)


TRUE = [
    # Equality: nulls, same types, numbers and numeric strings.
    "name == 'Ann'",
    'name = "Ann"',
    "level == 5",
    "level == 5.0",
    "rating == 4.5",
    "level == '5'",
    "digits == 6",
    "exact == '9007199254740993'",
    "forty[0] == forty[1]",
    "forty[0] == " + "1" * 40,
    "old == 800",
    "yes == true",
    "no == FALSE",
    "nothing == null",
    "missing == NULL",
    "nothing == missing",
    "name != 'ann'",
    "level != 6",
    "level != 'x'",
    "yes != 'true'",
    "yes != 1",
    "missing != 'x'",
    "name != null",
    "skills != null",
    "team != null",
    "empty != null",
    "blank != null",
    # Relations: numbers, numeric strings, other strings by code point.
    "level > 4",
    "level >= 5",
    "level < 5.1",
    "level <= 5",
    "digits > 5",
    "digits > '5.5'",
    "level < digits",
    "'10' > '9'",
    "'2026-01-10' > '2026-01-09'",
    "name < 'Bo'",
    "rating > 4",
    "4 < level",
    "level>-1",
    "-1 < level",
    # CONTAINS.
    "name CONTAINS 'nn'",
    "name contains ''",
    "phone CONTAINS 555",
    "level CONTAINS 5",
    "rating CONTAINS '4.'",
    "big CONTAINS '1844'",
    # Lists.
    "skills HAS 'en'",
    "skills has 5",
    "skills HAS '5'",
    "skills HAS 6",
    "skills HAS null",
    "skills HAS true",
    "skills >- 'fr'",
    "skills>-'fr'",
    "'en' IN skills",
    "'en' <- skills",
    "name IN ['Bo', 'Ann']",
    "level in [4, 5]",
    "level IN ['5']",
    "missing IN [null]",
    "name IN [team.lead.name, name]",
    "[name, 'x'] HAS 'Ann'",
    "name NOT IN ['Bo']",
    "name not in []",
    "missing NOT IN ['Bo']",
    "'de' NOT IN skills",
    # Paths.
    "team.lead.name == 'Bo'",
    "team.list[1].x == 2",
    "team.in == 3",
    "día == 'lunes'",
    "level IN[5]",
    # Logic.
    "level == 5 AND name == 'Ann'",
    "level == 6 OR name == 'Ann'",
    "level == 5 OR level == 5 AND level == 6",
    "NOT level == 6",
    "not (level == 6 or level == 7)",
    "NOT NOT level == 5",
    "NOT level == 6 AND level == 5",
    "(skills HAS 'en') AND (skills HAS 'fr')",
    "((level == 5))",
    # Constants.
    "1==1",
    "0 != 1",
    '"apple" != "orange"',
    "[1, 2] HAS 2",
    # Strings.
    r"'it\'s' == 'it\'s'",
    r"""'it\'s' == "it's" """,
    r"'a\\b' CONTAINS '\\'",
    r"'C:\dir' CONTAINS '\d'",
    "'HAS' == 'HAS'",
]

FALSE = [
    "name == 'ann'",
    "name == null",
    "missing == 'x'",
    "yes == 'true'",
    "yes == 1",
    "no == 0",
    "no == ''",
    "nothing == false",
    "blank == null",
    "'1.0' == '1'",
    "longer[0] == longer[1]",
    "'language' == 'english'",
    "level == 'x'",
    # A scalar operator on a list or an object.
    "skills == 'en'",
    "skills != 'en'",
    "skills == null",
    "skills > 1",
    "skills CONTAINS 'en'",
    "name CONTAINS skills",
    "team == 'x'",
    "team != 'x'",
    "skills == skills",
    "skills != skills",
    "[1] == [1]",
    # A list operator on scalars.
    "name HAS 'Ann'",
    "name HAS 'A'",
    "missing HAS 'x'",
    "'en' IN name",
    "'en' IN missing",
    "'en' NOT IN missing",
    "'en' NOT IN name",
    "'en' NOT IN null",
    "skills IN ['en']",
    "skills NOT IN ['en']",
    "name NOT IN ['Bo', 'Ann']",
    "level NOT IN ['5']",
    "team NOT IN ['en']",
    "skills HAS empty",
    "skills HAS ['nested']",
    "['nested'] IN skills",
    "team.list[0] IN [1]",
    "skills HAS 'EN'",
    "skills HAS 'de'",
    "skills HAS 7",
    "skills HAS false",
    "empty HAS null",
    # Relations without an order.
    "nothing > 1",
    "nothing <= 1",
    "missing < 1",
    "null >= null",
    "yes > 0",
    "name > 5",
    "name < 5",
    "level > 'x'",
    "true >= true",
    "blank < 1",
    # CONTAINS with what is no text.
    "yes CONTAINS 'r'",
    "nothing CONTAINS ''",
    "name CONTAINS null",
    "bigger CONTAINS '1844'",
    "name CONTAINS 'NN'",
    # Paths that lead nowhere.
    "team.lead.name.x == 'Bo'",
    "team.list[9].x == 2",
    "team.list[2].x == 2",
    "team[0] == 1",
    "name[0] == 'A'",
    "skills.length == 8",
    "level.x == 5",
    # Logic.
    "level == 5 AND name == 'Bo'",
    "NOT level == 5",
    "(level == 5 OR level == 5) AND level == 6",
    # Nothing was asked.
    "",
    "  \n",
]


@pytest.mark.parametrize("text", TRUE)
def test_holds(text: str) -> None:
    assert holds(text)


@pytest.mark.parametrize("text", FALSE)
def test_does_not_hold(text: str) -> None:
    assert not holds(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            '(languages HAS \'english\') AND (language == "en" OR language == "fr") AND skill_rating >= 5.1',
            {"languages": ["english"], "language": "fr", "skill_rating": "6"},
        ),
        ("routing.skills HAS 'Indigenous [Interpreter]'", {"routing": {"skills": ["Indigenous [Interpreter]"]}}),
        ("worker.id IN task.preferred_agents", {"worker": {"id": 3}, "task": {"preferred_agents": [1, 3]}}),
        ("task.caller != worker.contact_uri", {"worker": {"contact_uri": "client:a"}, "task": {}}),
        (
            "worker.channel.voice.assigned_tasks == 0",
            {"worker": {"channel": {"voice": {"assigned_tasks": 0}}}},
        ),
        (
            """(worker.waitingOfflineContact != true AND ((task.channelType == 'voice' AND
                worker.channel.chat.assigned_tasks == 0) OR task.channelType == 'web'))""",
            {"worker": {"channel": {"chat": {"assigned_tasks": 0}}}, "task": {"channelType": "voice"}},
        ),
        ("targetWorker != null AND callToQueue == null", {"targetWorker": "ann"}),
        ('object.array[0] == "a"', {"object": {"array": ["a"]}}),
        ("tech_support_skill > 5", {"tech_support_skill": "6"}),
        (
            "taskrouter.dayOfWeek IN ['Mon','Tue'] AND taskrouter.currentTime > 0800 AND taskrouter.currentTime < 1730",
            {"taskrouter": {"dayOfWeek": "Tue", "currentTime": 930}},
        ),
    ],
)
def test_examples_of_the_documentation_and_the_field_hold(text: str, names: dict[str, Any]) -> None:
    assert holds(text, names)


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("skill-level > 3", "extraneous input 'evel' expecting OPERATOR", 7),
        ("skill level > 3", "extraneous input 'level' expecting OPERATOR", 6),
        ("level", "mismatched input '<EOF>' expecting OPERATOR", 5),
        ("level 5", "mismatched input '5' expecting OPERATOR", 6),
        ("level >", "mismatched input '<EOF>' expecting a value", 7),
        ("level => 5", "mismatched input '>' expecting a value", 7),
        ("== 5", "mismatched input '==' expecting a value", 0),
        ("(level == 5", "missing ')' at '<EOF>'", 11),
        ("(level == 5 level", "mismatched input 'level' expecting ')'", 12),
        ("(level == 5]", "mismatched input ']' expecting ')'", 11),
        ("level == 5)", "extraneous input ')' expecting <EOF>", 10),
        ("level == 5 name == 'x'", "extraneous input 'name' expecting <EOF>", 11),
        ("level IN [1, 2", "missing ']' at '<EOF>'", 14),
        ("level IN [1,]", "mismatched input ']' expecting a value", 12),
        ("level NOT 5", "mismatched input 'NOT' expecting OPERATOR", 6),
        ("level == 5 AND", "mismatched input '<EOF>' expecting a value", 14),
        ("AND level == 5", "mismatched input 'AND' expecting a value", 0),
        ("name == 'Ann", 'token recognition error at: "\'Ann"', 8),
        ("level == #5", "token recognition error at: '#5'", 9),
        ("level -b == 5", "token recognition error at: '-b'", 6),
        ("a == 1.", "token recognition error at: '.'", 6),
        ("task.a..b == 1", "token recognition error at: '..b == 1'", 6),
        ("\0 == 1", "token recognition error at: '\\x00 == 1'", 0),
        ("x == 1" + "0" * 40, "number is longer than 40 characters", 5),
        ("x" * (MAX_TEXT + 1), f"expression is longer than {MAX_TEXT} characters", MAX_TEXT),
    ],
)
def test_a_fault_is_named_and_its_character_pointed_at(text: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert (caught.value.message, caught.value.position) == (message, position)
    assert str(caught.value) == f"{message} at character {position + 1}"


def test_a_long_token_is_cut_in_the_message() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("a " + "b" * 500)
    assert len(str(caught.value)) < 150


def test_brackets_nest_to_the_bound_and_no_further() -> None:
    deepest = "(" * MAX_DEPTH + "1==1" + ")" * MAX_DEPTH
    assert holds(deepest)
    assert holds(f"(1==1) AND {deepest}")
    assert holds(" AND ".join(["(1==1)"] * (MAX_DEPTH + 1)))
    with pytest.raises(ExpressionError, match=f"deep at character {9 * 11 + MAX_DEPTH + 1}$"):
        compile_expression("(1==1) OR " * 9 + " " * 9 + f"({deepest})")
    for opening, closing in ("()", "[]"):
        text = opening * 5_000 + "1" + closing * 5_000
        with pytest.raises(ExpressionError, match=f"brackets nest more than {MAX_DEPTH} deep"):
            compile_expression(text if opening == "(" else f"1 IN {text}")


def test_a_text_may_be_as_long_as_the_bound() -> None:
    assert holds("1==1" + " " * (MAX_TEXT - 4))


def test_long_chains_are_flat() -> None:
    assert holds(" AND ".join(["1==1"] * 5_000))
    assert holds(" OR ".join(["1==2"] * 5_000 + ["1==1"]))
    assert holds("NOT " * 10_000 + "1==1")


def test_mentions_are_the_paths_that_are_read() -> None:
    expression = compile_expression("NOT (task.a[0].b == 1 AND x IN [y, 'z']) OR worker.sid HAS task.a")
    assert expression.mentions == {("task", "a", 0, "b"), ("x",), ("y",), ("worker", "sid"), ("task", "a")}
    assert compile_expression("1==1").mentions == compile_expression(" ").mentions == frozenset()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**4400, 10**4401) | st.floats() | st.text(max_size=5)
    | st.sampled_from(["5", "-1.5", "1" * 5_000, "٣", "1e5", " 5 ", "nan"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FRAGMENTS = """a b.c a[0] c.a[1].b 'x' "5" 5 -1.5 true null [a,5] [] == = != > >= < <= CONTAINS HAS >- IN <- NOT AND OR
    ( ) [ ] , - . \0 skill-level"""
fragments = st.sampled_from(FRAGMENTS.split())
operands = st.sampled_from(
    ["a", "b", "a.b", "a[0]", "c.a[1]", "'x'", "'5'", "5", "0", "true", "null", "[a, b, 5]", "['x']"]
)
comparisons = st.tuples(operands, st.sampled_from([*Operator]), operands).map(" ".join)
expressions = st.recursive(
    comparisons,
    lambda inner: (
        st.tuples(inner, st.sampled_from([" AND ", " or "]), inner).map("".join) | inner.map("NOT ({})".format)
    ),
    max_leaves=4,
)


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(st.text(max_size=40) | st.lists(fragments, max_size=12).map(" ".join), json_values)
def test_any_text_compiles_or_is_refused_with_a_place_in_it(text: str, value: object) -> None:
    position = 0
    try:
        expression = compile_expression(text)
    except ExpressionError as error:
        position = error.position
        json.dumps(str(error)).encode()
    else:
        assert expression.holds({"a": value, "b": value}) in (True, False)
    assert 0 <= position <= len(text)


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(expressions, json_values, json_values, json_values)
def test_evaluation_never_raises(text: str, a: object, b: object, c: object) -> None:
    expression = compile_expression(text)
    names = {"a": a, "b": b, "c": c}
    assert expression.holds(names) in (True, False)
    assert compile_expression(f"NOT ({text})").holds(names) is not expression.holds(names)


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(json_values, st.sampled_from([*Operator]), st.sampled_from([5, 0, -1.5, "x", "5", None, True, [], [5, "x"]]))
def test_a_constant_means_what_a_name_with_its_value_means(value: object, operator: Any, constant: Any) -> None:
    text = f"a {operator} {json.dumps(constant)}"
    assert holds(text, {"a": value}) == holds(f"a {operator} b", {"a": value, "b": constant})


@settings(max_examples=2 * settings().max_examples, deadline=None)
@given(json_values, json_values)
def test_operators_that_belong_together_agree(a: object, b: object) -> None:
    names = {"a": a, "b": b}
    assert not (holds("a == b", names) and holds("a != b", names))
    assert holds("a == b", names) == holds("b == a", names)
    assert holds("a HAS b", names) == holds("b IN a", names)
    assert not (holds("a IN b", names) and holds("a NOT IN b", names))
    assert holds("a > b", names) == holds("b < a", names)
    assert holds("a >= b", names) == holds("b <= a", names)
    assert not (holds("a > b", names) and holds("a <= b", names))
