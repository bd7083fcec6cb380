"""What is in deploy/ fits the program: settings that it takes, commands that it has, paths that it answers."""

import configparser
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cordboard.cli.main import _MODULES
from cordboard.cli.serve import _CANNOT_START
from cordboard.kernel.settings import Settings, read_settings
from cordboard.server.preconditions import check
from cordboard.server.serving import GRACE_S
from cordboard.testkit.running import Cordboard
from tests.deploy.files import DEPLOY, compose, dockerfile, image_settings, rendered
from tests.house.tree import ROOT

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SECRETS = {"CORDBOARD_AUTH_TOKEN": "a1", "CORDBOARD_SECRET_KEY": KEY}
NAMES = {f"CORDBOARD_{field.upper()}" for field in Settings.__struct_fields__}
SERVICE = DEPLOY / "cordboard.service"
PATIENCE_S = 60


def taken(environment: dict[str, Any]) -> Settings:
    """The settings of an environment, which the server takes."""
    ours = {name: value for name, value in environment.items() if name.startswith("CORDBOARD_")}
    assert ours.keys() <= NAMES
    assert all(isinstance(value, str) for value in ours.values())
    settings = read_settings({}, ours, None)
    check(settings)
    return settings


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign] # as configparser's documentation says
    parser.read(SERVICE, "utf-8")
    return parser


def test_the_image_is_made_from_tagged_images_and_does_not_run_as_root() -> None:
    bases = [one.words[0] for one in dockerfile() if one.name == "FROM"]
    assert len(bases) == 2
    assert all(":" in base and not base.endswith(":latest") for base in bases)
    (user,) = [one.rest for one in dockerfile() if one.name == "USER"]
    assert user.partition(":")[0].isdecimal()
    assert int(user.partition(":")[0]) > 0
    (made,) = [one.rest for one in dockerfile() if one.name == "RUN" and one.stage == 1]
    assert f"--uid {user.partition(':')[0]} " in made


def test_the_image_takes_only_what_is_there_and_is_let_in() -> None:
    let_in = [line[1:] for line in (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines() if line[0] == "!"]
    copied = [path for one in dockerfile() if one.name == "COPY" and one.stage == 0 for path in one.words[:-1]]
    assert sorted(let_in) == sorted(copied)
    assert all((ROOT / path).exists() for path in copied)


def test_the_image_starts_the_server_with_settings_that_it_takes() -> None:
    last = {one.name: one for one in dockerfile() if one.stage == 1}
    assert last["ENTRYPOINT"].words + last["CMD"].words == ["cordboard", "serve"]
    settings = taken(image_settings() | SECRETS)
    assert (settings.mode, settings.host) == ("production", "0.0.0.0")
    assert last["EXPOSE"].rest == str(settings.port)
    assert Path(settings.database.removeprefix("sqlite:///")).parent == Path(last["VOLUME"].rest)


def test_the_check_of_the_image_tells_a_ready_server_from_others(cordboard: Cordboard) -> None:
    (check_,) = [one.rest for one in dockerfile() if one.name == "HEALTHCHECK"]
    _, _, command = check_.partition("CMD ")
    words = [sys.executable, *json.loads(command)[1:]]
    environment = os.environ | {"CORDBOARD_PORT": cordboard.url.rpartition(":")[2]}

    def run() -> int:
        return subprocess.run(words, env=environment, capture_output=True, timeout=PATIENCE_S, check=False).returncode

    assert run() == 0
    cordboard.system.stopping = True
    assert run() != 0


@pytest.mark.nightly
def test_the_commands_that_build_the_image_work_in_a_folder(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "opt"
    for one in dockerfile():
        if one.stage == 0 and one.name == "COPY":
            *paths, to = one.words
            for path in paths:
                place = source / to / Path(path).name if to.endswith("/") or to == "./" else source / to
                place.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / path).is_dir() else shutil.copyfile
                copy(ROOT / path, place)
        elif one.stage == 0 and one.name == "RUN":
            command = one.rest.replace("/opt/cordboard", str(target)).replace("python -m", f"{sys.executable} -m", 1)
            subprocess.run(["sh", "-ec", command], cwd=source, check=True, capture_output=True)
    ran = subprocess.run([target / "bin" / "cordboard", "serve", "--port", "x"], capture_output=True, check=False)
    assert ran.returncode == _CANNOT_START


def test_compose_starts_services_that_fit_each_other_and_the_program() -> None:
    loaded = compose()
    services = loaded["services"]
    for service in services.values():
        for other, wanted in service.get("depends_on", {}).items():
            assert "healthcheck" in services[other] or wanted["condition"] == "service_completed_successfully"
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= loaded["volumes"].keys()
        if "build" in service:
            dockerfile_ = DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]
            assert dockerfile_.resolve() == DEPLOY / "Dockerfile"
            assert set(service.get("command", ["serve"])) <= _MODULES.keys()
            variables = service["environment"] | SECRETS | {"CORDBOARD_ACCOUNT_SID": "", "CORDBOARD_PUBLIC_URL": ""}
            settings = taken(image_settings() | variables)
            assert settings.database == "postgresql://cordboard:POSTGRES_PASSWORD@database/cordboard"
    assert services["database"]["environment"]["POSTGRES_USER"] == "cordboard"
    assert int(services["cordboard"]["stop_grace_period"].removesuffix("s")) > GRACE_S


def test_the_unit_starts_the_server_with_settings_that_it_takes() -> None:
    service = unit()["Service"]
    assert shlex.split(service["ExecStart"])[1:] == ["serve"]
    taken(dict([service["Environment"].split("=", 1)]) | SECRETS)
    assert service["RestartPreventExitStatus"] == str(_CANNOT_START)
    assert int(service["TimeoutStopSec"]) > GRACE_S


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_knows_every_key_of_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    copy = tmp_path / SERVICE.name
    copy.write_text(SERVICE.read_text().replace("/opt/cordboard/bin/cordboard", sys.executable))

    def analyze(*words: str) -> str:
        ran = subprocess.run(
            ["systemd-analyze", *words, str(copy)], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stderr

    assert str(copy) not in analyze("verify", "--man=no")
    analyze("security", "--offline=true", "--threshold=20")


def test_the_chart_makes_resources_that_fit_each_other_and_the_program(cordboard: Cordboard) -> None:
    made = rendered()
    assert made.keys() == {"ConfigMap", "Deployment", "Service"}
    template = made["Deployment"]["spec"]["template"]
    labels = template["metadata"]["labels"]
    assert made["Deployment"]["spec"]["selector"]["matchLabels"] == labels == made["Service"]["spec"]["selector"]
    (container,) = template["spec"]["containers"]
    (migration,) = template["spec"]["initContainers"]
    assert migration["args"][0] in _MODULES
    assert migration["image"] == container["image"] == "cordboard:0.1.0"
    assert container["envFrom"][0]["configMapRef"]["name"] == made["ConfigMap"]["metadata"]["name"]
    assert {"name": "http", "containerPort": Settings().port} in container["ports"]
    assert made["Service"]["spec"]["ports"][0]["targetPort"] == "http"
    taken(image_settings() | made["ConfigMap"]["data"] | SECRETS | {"CORDBOARD_DATABASE": "postgresql://a@b/c"})
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert cordboard.http.get(container[probe]["httpGet"]["path"], auth=None).status == 200
    assert template["spec"]["terminationGracePeriodSeconds"] > GRACE_S
    # Else a Service named cordboard would set CORDBOARD_PORT to its URL.
    assert template["spec"]["enableServiceLinks"] is False


def test_the_chart_takes_other_values() -> None:
    made = rendered(
        {"replicas": 3, "image": {"repository": "registry.example/cordboard", "tag": "2", "pullPolicy": "Always"}}
    )
    assert made["Deployment"]["spec"]["replicas"] == 3
    assert made["Deployment"]["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/cordboard:2"
