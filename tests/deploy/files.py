"""The files of deploy/ as tests read them, where nothing is there that runs them."""

import json
import re
from typing import Any, NamedTuple

import yaml

from tests.house.tree import ROOT

DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "cordboard"
_EXPRESSION = re.compile(r"\{\{-?\s*(.+?)\s*-?\}\}")
_DEFAULT = re.compile(r"(\.[\w.]+) \| default (\.[\w.]+)")
_BLOCK = re.compile(r"toYaml (\.[\w.]+) \| nindent (\d+)")


class Instruction(NamedTuple):
    """One of a Dockerfile; ``stage`` counts from 0."""

    stage: int
    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Of the JSON form, or what spaces part, without flags."""
        if self.rest.startswith("["):
            words: list[str] = json.loads(self.rest)
            return words
        return [word for word in self.rest.split() if not word.startswith("--")]


def dockerfile() -> list[Instruction]:
    """Its instructions, lines that go on joined."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    found: list[Instruction] = []
    stage = -1
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        name, _, rest = line.strip().partition(" ")
        stage += name == "FROM"
        if name:
            found.append(Instruction(stage, name, rest.strip()))
    return found


def image_settings() -> dict[str, str]:
    """What the image sets in the environment."""
    return dict(
        word.split("=", 1) for one in dockerfile() if one.name == "ENV" and one.stage == 1 for word in one.words
    )


def compose() -> dict[str, Any]:
    """The compose file with its variables put in: each is its own name."""
    text = re.sub(r"\$\{(\w+)(?::[-?][^}]*)?\}", r"\1", (DEPLOY / "compose.yaml").read_text("utf-8"))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def rendered(values: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """The chart's resources by kind. It may use no more of Helm's language than is written here.

    That is a value by its path, a default, and a value as a block of YAML. Raises AssertionError for anything else.
    """
    scope = {
        "Values": yaml.safe_load((CHART / "values.yaml").read_text("utf-8")) | (values or {}),
        "Chart": {
            name[0].upper() + name[1:]: value
            for name, value in yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8")).items()
        },
        "Release": {"Name": "board"},
    }
    documents = {}
    for template in sorted((CHART / "templates").iterdir()):
        text = _EXPRESSION.sub(lambda found: _evaluated(found[1], scope), template.read_text("utf-8"))
        loaded = yaml.safe_load(text)
        documents[loaded["kind"]] = loaded
    return documents


def _evaluated(expression: str, scope: dict[str, Any]) -> str:
    if found := _BLOCK.fullmatch(expression):
        indent = " " * int(found[2])
        block = yaml.safe_dump(_at(found[1], scope)).splitlines()
        return "".join(f"\n{indent}{line}" for line in block)
    if found := _DEFAULT.fullmatch(expression):
        return str(_at(found[1], scope) or _at(found[2], scope))
    assert re.fullmatch(r"\.[\w.]+", expression), f"the chart is to stay simple: {expression}"
    return str(_at(expression, scope))


def _at(path: str, scope: Any) -> Any:
    for name in path.split(".")[1:]:
        scope = scope[name]
    return scope
