"""``scripts/bootstrap`` on machines that differ in what they have: uv, a venv module, pip, a Python that is new enough.

PATH holds stand-ins that write down how they were called and leave behind what the real program would.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PYTHON = """#!/bin/sh
echo "{name} $*" >>"$CALLS"
case "$*" in
    *version_info*) exit {too_old} ;;
    *"-m venv"*) mkdir -p .tools/bin; {venv} && cp "$0" .tools/bin/python && exit ;;
    *"-m pip install"*) {pip} && mkdir -p .tools/bin && cp "$UV" .tools/bin/uv && exit ;;
    *"-m pip --version"*) {pip} && exit ;;
    *) exit 0 ;;
esac
exit 1
"""
UV = """#!/bin/sh
echo "uv $*" >>"$CALLS"
case "$1" in
    venv) for folder; do :; done; mkdir -p "$folder/bin"; pwd -P | sed "s|$|/$folder|" >"$folder/bin/activate"
          printf '#!/bin/sh\\n' >"$folder/bin/python"; chmod +x "$folder/bin/python" ;;
esac
"""
NEEDED = ("sh", "awk", "cat", "chmod", "cksum", "cp", "dirname", "grep", "mkdir", "rm", "sed")


@dataclass
class Machine:
    """A clone of the repository and a PATH."""

    folder: Path
    clone: Path

    def has_python(self, name: str = "python3", *, new: bool = True, venv: bool = True, pip: bool = True) -> None:
        text = PYTHON.format(name=name, too_old=int(not new), venv=str(venv).lower(), pip=str(pip).lower())
        self._program(name, text)

    def has_uv(self) -> None:
        self._program("uv", UV)

    def _program(self, name: str, text: str) -> None:
        (self.folder / "bin" / name).write_text(text)
        (self.folder / "bin" / name).chmod(0o755)

    def bootstrap(self, *parts: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "calls").write_text("")
        environment = {"PATH": f"{self.folder}/bin", "CALLS": f"{self.folder}/calls", "UV": f"{self.folder}/uv"}
        return subprocess.run(
            [self.clone / "scripts/bootstrap", *parts], env=environment, capture_output=True, text=True, check=False
        )

    def calls(self, start: str) -> list[str]:
        """What was run, but for questions after versions."""
        lines = (self.folder / "calls").read_text().splitlines()
        return [
            line for line in lines if line.startswith(start) and "version_info" not in line and "--version" not in line
        ]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    clone = tmp_path / "a clone"
    for name in ("scripts/bootstrap", "pyproject.toml", "requirements/dev.txt", "requirements/uv.txt"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name)
    (tmp_path / "bin").mkdir()
    for name in NEEDED:
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    (tmp_path / "uv").write_text(UV)
    (tmp_path / "uv").chmod(0o755)
    return Machine(tmp_path, clone)


def test_without_a_python_one_sentence_says_what_to_install(machine: Machine) -> None:
    run = machine.bootstrap("dev")
    assert run.returncode == 1
    assert run.stderr == "cordboard: Python 3.11 or newer is needed and none is on PATH: install it.\n"


def test_an_old_python_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.has_python("python3", new=False)
    machine.has_python("python3.12")
    assert machine.bootstrap("dev").returncode == 0
    assert machine.calls("python3.12 -m venv .tools")
    assert not machine.calls("python3 -m")
    assert machine.calls("uv venv --quiet --python python3.12 .venv")


def test_a_uv_on_path_is_enough(machine: Machine) -> None:
    machine.has_uv()
    assert machine.bootstrap("dev").returncode == 0
    assert machine.calls("uv venv --quiet --python >=3.11 .venv")
    assert not (machine.clone / ".tools").exists()


def test_uv_is_installed_through_a_venv(machine: Machine) -> None:
    machine.has_python()
    assert machine.bootstrap("dev").returncode == 0
    assert (machine.clone / ".tools/bin/python").exists()
    assert machine.bootstrap("uv").stdout == f"{machine.clone.resolve()}/.tools/bin/uv\n"


def test_without_ensurepip_uv_is_installed_by_pip_alone(machine: Machine) -> None:
    machine.has_python(venv=False)
    run = machine.bootstrap("dev")
    assert run.returncode == 0, run.stderr
    assert machine.calls("python3 -m pip install")[0].endswith("--target .tools")
    assert not (machine.clone / ".tools/bin/python").exists(), "the half-made venv is gone"


def test_with_neither_venv_nor_pip_one_sentence_says_what_to_install(machine: Machine) -> None:
    machine.has_python(venv=False, pip=False)
    run = machine.bootstrap("dev")
    assert run.returncode == 1
    assert run.stderr.splitlines()[-1] == (
        "cordboard: uv could not be installed with python3: "
        "install uv, or your system's python3-venv package, and try again."
    )
    assert not (machine.clone / ".tools").exists()


def test_only_what_a_lock_names_is_installed(machine: Machine) -> None:
    machine.has_python()
    machine.bootstrap("dev")
    (uv,), (packages,) = machine.calls("python3 -m pip install"), machine.calls("uv pip sync")
    assert "--require-hashes" in uv
    assert "--require-hashes" in packages
    (project,) = machine.calls("uv pip install")
    assert "--no-deps --no-build-isolation --editable ." in project


def test_an_environment_is_made_once_and_brought_up_to_date_when_its_lock_changes(machine: Machine) -> None:
    machine.has_uv()
    machine.bootstrap("dev")
    assert machine.bootstrap("dev").stderr == ""
    assert machine.calls("uv") == []
    with (machine.clone / "requirements/dev.txt").open("a") as lock:
        lock.write("# changed\n")
    machine.bootstrap("dev")
    assert machine.calls("uv pip sync")
    assert not machine.calls("uv venv")


def test_an_interrupted_set_up_is_taken_up_again(machine: Machine) -> None:
    machine.has_uv()
    machine.bootstrap("dev")
    (machine.clone / ".venv/.made-from").unlink()
    machine.bootstrap("dev")
    assert machine.calls("uv pip sync")


def test_a_moved_clone_gets_a_new_environment(machine: Machine) -> None:
    machine.has_uv()
    machine.bootstrap("dev")
    machine.clone = machine.clone.rename(machine.folder / "moved")
    machine.bootstrap("dev")
    assert machine.calls("uv venv")


def test_an_environment_whose_python_is_gone_is_made_anew(machine: Machine) -> None:
    machine.has_uv()
    machine.bootstrap("dev")
    (machine.clone / ".venv/.made-from").unlink()
    (machine.clone / ".venv/bin/python").unlink()
    machine.bootstrap("dev")
    assert machine.calls("uv venv")


def test_an_unknown_part_is_named(machine: Machine) -> None:
    run = machine.bootstrap("tests")
    assert run.returncode == 1
    assert "cannot make 'tests'" in run.stderr
