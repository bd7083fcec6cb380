"""The pages for users say what is so: their programs run, and what stands in their tables is compared with the code."""

import inspect
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from twilio.rest import Client

from cordboard.cli.serve import serve
from cordboard.conversations.routes import CONVERSATIONS
from cordboard.conversations.wire.later import Later
from cordboard.kernel.settings import Settings, read_settings
from cordboard.rest.routes import Route, Unbuilt
from cordboard.routing import lifecycle
from cordboard.routing.expressions.compiler import compile_expression
from cordboard.routing.expressions.tokens import scan
from cordboard.routing.workflow import InvalidWorkflow, parse_workflow
from cordboard.server.compose import PRODUCTS
from cordboard.server.preconditions import check
from cordboard.taskrouter.wire.explanations import SENTENCES
from cordboard.taskrouter.wire.simulations import Simulate
from cordboard.testkit.running import Cordboard
from tests.docs.pages import codes, for_this_server, pages, programs, table, text_of
from tests.house.tree import ROOT, shown

# Its programs are tests of pytest, and run as such: tests/testkit/test_documentation.py.
TESTING = "docs/testing.md"
ROUTING, SERVING, SDKS, INTERACTIONS = "docs/routing.md", "docs/serving.md", "docs/sdks.md", "docs/interactions.md"

WITH_PYTHON = [page for page in map(shown, pages()) if page != TESTING and "```python\n" in text_of(page)]
CLIENTS = ROOT / "tests" / "clients"
NODE = Path(sys.executable).with_name("node")
PATIENCE_S = 30


@pytest.fixture
def client(cordboard: Cordboard) -> Client:
    made = Client(cordboard.account_sid, cordboard.auth_token)
    for product in ("flex_api", "taskrouter", "conversations", "iam", "accounts"):
        getattr(made, product).base_url = f"{cordboard.url}/{product.replace('_', '-')}"
    return made


def test_the_pages_that_promise_programs_have_them() -> None:
    assert {"README.md", SDKS, ROUTING, INTERACTIONS} <= set(WITH_PYTHON)


@pytest.mark.parametrize("page", WITH_PYTHON)
def test_the_python_programs_of_a_page_run_as_they_stand(
    page: str, cordboard: Cordboard, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    names = {"cordboard": cordboard, "client": client}
    for program in programs(page, "python"):
        exec(compile(for_this_server(program, cordboard), page, "exec"), names)  # it is the text that users copy


def test_the_javascript_programs_run_as_they_stand(cordboard: Cordboard) -> None:
    program = for_this_server("\n".join(programs(SDKS, "js")), cordboard)
    ran = subprocess.run(
        [NODE, "-e", program], cwd=CLIENTS, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert sorted(ran.stdout.split()) == ["Support", "active"]


def test_the_commands_that_add_accounts_and_keys_run_as_they_stand(cordboard: Cordboard) -> None:
    (program,) = programs(SERVING, "sh")
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
        "CORDBOARD_URL": cordboard.url,
        "CORDBOARD_ACCOUNT_SID": cordboard.account_sid,
        "CORDBOARD_AUTH_TOKEN": cordboard.auth_token,
    }
    ran = subprocess.run(
        ["sh", "-ec", program], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 0, ran.stderr
    accounts = cordboard.http.get("/cordboard/v1/Accounts").json["accounts"]
    keys = cordboard.http.get("/cordboard/v1/Keys").json["keys"]
    assert [accounts[-1]["friendly_name"], keys[-1]["friendly_name"]] == ["Acme", "nightly job"]
    assert accounts[-1]["sid"] in ran.stdout
    assert keys[-1]["sid"] in ran.stdout


def written(default: object) -> object:
    """A default as it stands in the environment."""
    return ",".join(default) if isinstance(default, tuple) else default


def test_the_table_of_settings_has_every_setting_with_its_flag_and_default() -> None:
    flags = inspect.signature(serve).parameters
    expected = [
        [
            f"`--{name.replace('_', '-')}`" if name in flags else "none",
            f"`CORDBOARD_{name.upper()}`",
            f"`{name}`",
            f"`{written(default)}`" if (default := getattr(Settings(), name)) else "none",
        ]
        for name in Settings.__struct_fields__
    ]
    rows = table(SERVING, "flag")
    assert [row[:4] for row in rows] == expected
    assert all(row[4] for row in rows)


def test_the_file_of_settings_is_one(tmp_path: Path) -> None:
    (program,) = programs(SERVING, "toml")
    file = tmp_path / "cordboard.toml"
    file.write_text(program)
    secrets = {"CORDBOARD_AUTH_TOKEN": "a1", "CORDBOARD_SECRET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}
    settings = read_settings({}, secrets, file)
    check(settings)
    written = tomllib.loads(program)
    assert {name: getattr(settings, name) for name in written} == {
        name: tuple(value) if isinstance(value, list) else value for name, value in written.items()
    }


def test_the_table_of_products_has_their_hosts_prefixes_and_root_paths() -> None:
    expected = {product.name: (product.hosts, product.roots) for product in PRODUCTS}
    rows = {codes(row[2])[0]: row for row in table(SERVING, "product")}
    assert {
        prefix.removeprefix("/"): (tuple(codes(row[1])), tuple(codes(row[3]))) for prefix, row in rows.items()
    } == expected


@pytest.mark.parametrize(
    ("first_column", "moves"),
    [
        ("task is", lifecycle.TASK),
        ("reservation is", lifecycle.RESERVATION),
        ("on hold it is", lifecycle.ON_HOLD),
        ("in transfer a task is", lifecycle.TRANSFERRED),
        ("transfer is", lifecycle.TRANSFER),
    ],
)
def test_the_tables_of_a_life_are_those_that_the_program_goes_by(first_column: str, moves: Any) -> None:
    expected = [[status, move.replace("_", " "), after] for (status, move), after in moves.items()]
    assert table(ROUTING, first_column) == expected


def operators_of(expression: str) -> set[str]:
    """The operators that are used in an expression, as they are written; ``NOT IN`` is two tokens."""
    tokens, _ = scan(expression)
    used = {token.text for token in tokens if token.kind in {"operator", "not"}}
    return {"NOT IN"} if used == {"NOT", "IN"} else used


OPERATORS = [(row, codes(row[0])) for row in table(ROUTING, "operator")]


def test_the_table_of_operators_has_all_of_them() -> None:
    written = {operator for _, operators in OPERATORS for operator in operators}
    assert written == {"==", "=", "!=", ">", ">=", "<", "<=", "CONTAINS", "HAS", ">-", "IN", "<-", "NOT IN"}


@pytest.mark.parametrize(("row", "operators"), OPERATORS, ids=[" ".join(operators) for _, operators in OPERATORS])
def test_the_examples_of_an_operator_are_true_and_false_as_the_table_says(row: list[str], operators: list[str]) -> None:
    for cell, holds in ((row[2], True), (row[3], False)):
        examples = codes(cell)
        assert examples
        for example in examples:
            assert operators_of(example) <= set(operators), example
            assert compile_expression(example).holds({}) is holds, example


def test_the_table_of_a_targets_keys_has_all_of_them() -> None:
    keys = [name for row in table(ROUTING, "key of a target") for name in codes(row[0])]
    with pytest.raises(InvalidWorkflow) as refused:
        parse_workflow('{"task_routing": {"filters": [{"targets": [{"queue": "WQ", "x": 1}]}]}}')
    names = {"filter_friendly_name", "friendly_name"}
    assert set(refused.value.reason.removeprefix("unknown key; known are ").split(", ")) - names == set(keys)


def test_the_tables_of_reasons_and_simulations_have_all_of_them() -> None:
    assert {codes(row[0])[0] for row in table(ROUTING, "reason")} == set(SENTENCES)
    assert [codes(row[0])[0] for row in table(ROUTING, "`Type`")] == list(get_args(get_type_hints(Simulate)["type"]))


def test_the_table_of_merged_attributes_has_all_that_is_merged(client: Client) -> None:
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="Support", template="FIFO")
    (queue,), worker = workspace.task_queues.list(), workspace.workers.create(friendly_name="ana")
    properties = {"workspace_sid": workspace.sid, "queue_sid": queue.sid, "worker_sid": worker.sid}
    pair = {"address": "+12025550143", "proxy_address": "+12025550100"}
    made = client.flex_api.v1.interaction.create(
        channel={"type": "sms", "initiated_by": "agent", "participants": [pair]}, routing={"properties": properties}
    )
    merged = json.loads(made.routing["properties"]["attributes"])
    conversations = {f"conversations.{key}" for key in merged.pop("conversations")}
    written = [name for row in table(INTERACTIONS, "attribute") for name in codes(row[0])]
    assert sorted(written) == sorted(merged.keys() | conversations)


def later_parameters(route: Route | Unbuilt) -> set[str]:
    """The vendor's names of parameters that a working operation refuses with 501."""
    if isinstance(route, Unbuilt):
        return set()
    kinds = get_type_hints(route.form, include_extras=True)
    names = zip(route.form.__struct_fields__, route.form.__struct_encode_fields__, strict=True)
    return {encoded for name, encoded in names if kinds[name] == Later}


def test_the_differences_name_every_parameter_of_conversations_that_is_refused_as_not_built() -> None:
    expected = {name for route in CONVERSATIONS.routes for name in later_parameters(route)}
    assert expected
    written = {name for row in table("docs/differences.md", "refused with 501") for name in codes(row[0])}
    assert expected <= written
