"""What is installed is fixed by hash, names no host, and is what pyproject.toml asks for."""

import json
import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = PROJECT["dependency-groups"]
RUNTIME = PROJECT["project"]["dependencies"]
ASKED = {
    "demo": [*RUNTIME, *EXTRAS["demo"], *GROUPS["build"]],
    "dev": [*RUNTIME, *EXTRAS["demo"], *EXTRAS["otel"], *EXTRAS["testkit"], *GROUPS["build"], *GROUPS["dev"]],
    "server": [*RUNTIME, *EXTRAS["otel"], *GROUPS["build"]],
    "uv": GROUPS["bootstrap"],
}
LOCKED = {path.stem: path for path in (ROOT / "requirements").iterdir()}


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([^ ;\\]+)", LOCKED[name].read_text("utf-8"), re.MULTILINE))


def test_there_is_a_lock_for_each_environment_and_no_other() -> None:
    assert LOCKED.keys() == ASKED.keys()


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_holds_what_pyproject_asks_for(name: str) -> None:
    locked = pins(name)
    for requirement in map(Requirement, ASKED[name]):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement}: run make lock"
        assert requirement.specifier.contains(version), f"{requirement}, locked {version}: run make lock"


@pytest.mark.parametrize("name", ["demo", "server"])
def test_what_is_served_is_what_is_tested(name: str) -> None:
    assert pins(name).items() <= pins("dev").items()


@pytest.mark.parametrize("name", ASKED)
def test_every_locked_package_has_a_hash_and_no_host(name: str) -> None:
    text = LOCKED[name].read_text("utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-(?!-hash)", text, re.MULTILINE), "options such as an index do not belong here"
    packages = re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]
    assert len(packages) >= len(pins(name))
    assert all("--hash=sha256:" in package for package in packages)


def test_locked_node_packages_have_a_hash_and_no_host() -> None:
    lock = json.loads((ROOT / "tests/clients/package-lock.json").read_text("utf-8"))
    asked = json.loads((ROOT / "tests/clients/package.json").read_text("utf-8"))
    assert lock["packages"].pop("")["dependencies"] == asked["dependencies"]
    assert lock["packages"]
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        assert package["integrity"].startswith("sha512-"), name


def test_the_locked_build_is_the_declared_build() -> None:
    assert GROUPS["build"] == PROJECT["build-system"]["requires"]
