"""Container and manifests: valid for Kubernetes, as closed as they claim, and in step with the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from roadworthy.server.configuration import PREFIX, Configuration

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
VERSIONS = ("1.30", "1.33", "1.37")
SETTINGS = {"DATABASE_URL", *(f"{PREFIX}{name.upper()}" for name in Configuration.model_fields)}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
OBJECTS = [(path, value) for path in MANIFESTS for value in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
DEPLOYMENTS = [value for _, value in OBJECTS if value["kind"] == "Deployment"]


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [value for _, value in OBJECTS if value["kind"] == kind]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("path", "value"), OBJECTS, ids=lambda part: part.name if isinstance(part, Path) else "")
def test_a_manifest_is_valid(path, value, version):
    kubernetes_validate.validate(value, version, strict=True)


def test_validation_would_notice_a_slip():
    from copy import deepcopy

    slip = deepcopy(DEPLOYMENTS[0])
    slip["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(slip, VERSIONS[-1], strict=True)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda value: value["metadata"]["name"])
def test_a_pod_may_do_nothing_that_it_does_not_need(deployment):
    pod = deployment["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "the links would set ROADWORTHY_PORT"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= set(container["resources"]["requests"])
        assert "memory" in container["resources"]["limits"]
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/data", "/tmp"}
        assert re.fullmatch(r"\S+:\d+\.\d+\.\d+", container["image"]), "a version, not what moves"


def test_the_server_is_probed_where_it_answers_and_by_a_name_that_it_answers_to():
    [server] = [one for one in DEPLOYMENTS if one["metadata"]["name"] == "roadworthy-server"]
    [container] = server["spec"]["template"]["spec"]["containers"]
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert all(probe["httpHeaders"] == [{"name": "Host", "value": "localhost"}] for probe in probes.values())
    [data] = [one["data"] for one in of_kind("ConfigMap")]
    assert container["ports"] == [{"name": "http", "containerPort": int(data["ROADWORTHY_PORT"])}]


def test_names_lead_to_each_other():
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in DEPLOYMENTS]
    selectors = [one["spec"]["selector"] for one in of_kind("Service")]
    selectors += [one["spec"]["selector"]["matchLabels"] for one in [*of_kind("PodDisruptionBudget"), *DEPLOYMENTS]]
    selectors += [one["spec"]["podSelector"]["matchLabels"] for one in of_kind("NetworkPolicy")]
    assert [one for one in selectors if not any(one.items() <= found.items() for found in labels)] == []
    maps = {one["metadata"]["name"] for one in [*of_kind("ConfigMap"), *of_kind("Secret")]}
    claims = {one["metadata"]["name"] for one in of_kind("PersistentVolumeClaim")}
    for deployment in DEPLOYMENTS:
        pod = deployment["spec"]["template"]["spec"]
        sources = [source for container in pod["containers"] for source in container["envFrom"]]
        assert {next(iter(source.values()))["name"] for source in sources} <= maps
        assert {one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if one["name"] == "data"} <= claims
    namespaces = {value["metadata"].get("namespace", "roadworthy") for _, value in OBJECTS}
    assert namespaces == {"roadworthy"}


def test_every_setting_that_is_given_is_one_that_is_read():
    given = {name for one in of_kind("ConfigMap") for name in one["data"]}
    given |= {name for one in of_kind("Secret") for name in one["stringData"]}
    given |= set(re.findall(r"^ +(ROADWORTHY_\w+|DATABASE_URL)=", DOCKERFILE, re.MULTILINE))
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    given |= {name for one in ("server", "worker") for name in compose["services"][one]["environment"]}
    assert given >= {"DATABASE_URL", "ROADWORTHY_DATA", "ROADWORTHY_BASE_URL"}
    assert given - SETTINGS == set()


def test_what_the_manifests_give_is_a_configuration(monkeypatch):
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for one in of_kind("ConfigMap"):
        for name, value in one["data"].items():
            monkeypatch.setenv(name, value)
    for one in of_kind("Secret"):
        for name, value in one["stringData"].items():
            monkeypatch.setenv(name, value)
    found = Configuration()
    assert (str(found.data), found.port, found.behind_proxy) == ("/data", 8000, True)
    assert found.database.startswith("postgres://")


def test_the_image_is_made_of_locked_packages_and_runs_as_nobody_in_particular():
    assert DOCKERFILE.count("--require-hashes --no-deps") == 2
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) == 3
    final = stages[-1]
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert re.search(r'^ENTRYPOINT \["roadworthy"\]$', final, re.MULTILINE)
    assert re.search(r'^CMD \["serve"\]$', final, re.MULTILINE)
    assert "/healthz" in final.partition("HEALTHCHECK")[2]
    assert re.search(r"^VOLUME \[\"/data\"\]$", final, re.MULTILINE)
    assert not re.search(r"^(ADD|COPY \.)", DOCKERFILE, re.MULTILINE)
    assert {one["spec"]["template"]["spec"]["securityContext"]["runAsUser"] for one in DEPLOYMENTS} == {10001}


def test_what_the_image_copies_reaches_the_builder():
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE) for name in line.split()[:-1]
    }
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_packages_that_build_are_those_of_the_lock():
    lines = [line for line in (DEPLOY / "build.lock").read_text().splitlines() if not line.startswith("#")]
    lock = (ROOT / "requirements" / "dev.lock").read_text()
    assert "hatchling==" in lines[0]
    assert "\n".join(lines[:1]) in lock
    assert [line for line in lines if line not in lock.splitlines()] == []


def test_compose_runs_the_image_as_closed_as_the_cluster_does():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    for name in ("server", "worker"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["tmpfs"] == ["/tmp"]
    assert compose["services"]["worker"]["command"] == ["work"]
    assert compose["services"]["server"]["ports"] == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize(
    "path", [*MANIFESTS, DEPLOY / "compose.yaml", DEPLOY / "Dockerfile"], ids=lambda path: path.name
)
def test_every_command_that_is_run_is_one_of_ours(path):
    from roadworthy.cli.commands import COMMANDS

    called = re.findall(r"(?:args|command|CMD)[: ]+\[\"?([a-z]+)", path.read_text(encoding="utf-8"))
    assert [name for name in called if name not in COMMANDS and name != "python"] == []
