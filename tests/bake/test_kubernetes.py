"""deploy/kubernetes/: the manifests fit each other, whatever the project is called."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, Baked, run
from tests.support.tools import tool

NAMES = {"": "serve-penguins", "3.x-model_v2": "serve-3-x-model-v2", "s" * 60: f"serve-{'s' * 36}"}
FOLDERS = ("base", "staging", "production")


def manifests(project: Baked, *folders: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The objects of some folders, by kind and name; a patch does not replace what it patches."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for folder in folders:
        kustomization = YAML(typ="safe").load(project.read(f"deploy/kubernetes/{folder}/kustomization.yaml"))
        for name in kustomization.get("resources", []):
            for one in YAML(typ="safe").load_all(project.read(f"deploy/kubernetes/{folder}/{name}")):
                found[one["kind"], one["metadata"]["name"]] = one
    return found


def pods(one: Any) -> Iterator[dict[str, Any]]:
    """Each template of pods in an object."""
    if isinstance(one, dict):
        if "containers" in one.get("spec", {}):
            yield one
        for value in one.values():
            yield from pods(value)
    elif isinstance(one, list):
        for value in one:
            yield from pods(value)


@pytest.mark.parametrize(("slug", "name"), NAMES.items())
def test_all_names_are_one_that_kubernetes_takes(baked: Bake, slug: str, name: str) -> None:
    answers = {"project_slug": slug, "package_name": "penguins"} if slug else {}
    project = baked(serving="kubernetes", **answers)
    assert {found for _, found in manifests(project, *FOLDERS)} <= {
        name,
        *(f"{name}-{part}" for part in ("stable", "canary", "judge")),
    }
    for folder in FOLDERS[1:]:
        built = YAML(typ="safe").load(project.read(f"deploy/kubernetes/{folder}/kustomization.yaml"))
        assert len(f"{built['namespace']}") <= 63
        assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", built["namespace"])
        (image,) = built["images"]
        assert image["name"] == "model-server"
        assert isinstance(image["newTag"], str)


def test_what_refers_to_another_finds_it(baked: Bake) -> None:
    project = baked(serving="kubernetes")
    found = manifests(project, "base", "production")
    name = "serve-penguins"
    (template,) = pods(found["Deployment", name])
    labels = template["metadata"]["labels"]
    (server,) = template["spec"]["containers"]
    assert [port["name"] for port in server["ports"]] == ["http"]
    assert server["image"] == "model-server"
    for kind, one in found.items():
        selector = one["spec"].get("selector") if "spec" in one else None
        if selector and kind[0] != "ServiceMonitor":
            assert (selector.get("matchLabels") or selector).items() <= labels.items(), kind
    service, monitor = found["Service", name], found["ServiceMonitor", name]
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    rollout, (analysed,) = found["Rollout", name], pods(found["AnalysisTemplate", name])
    assert ("Deployment", rollout["spec"]["workloadRef"]["name"]) in found
    canary = rollout["spec"]["strategy"]["canary"]
    assert {("Service", canary[f"{part}Service"]) for part in ("stable", "canary")} <= found.keys()
    weights = [step.get("setWeight") for step in canary["steps"]]
    patch = YAML(typ="safe").load(project.read("deploy/kubernetes/production/autoscaler.yaml"))["spec"]
    assert patch["scaleTargetRef"] == {"apiVersion": rollout["apiVersion"], "kind": "Rollout", "name": name}
    assert weights == [25, None, 50, None], "each is a number of whole pods"
    assert all(weight * patch["minReplicas"] % 100 == 0 for weight in weights if weight)
    for step in canary["steps"][1::2]:
        (used,) = step["analysis"]["templates"]
        assert ("AnalysisTemplate", used["templateName"]) in found
    judge = analysed["spec"]["containers"][0]
    for part, argument in zip(("champion", "canary"), judge["args"], strict=False):
        of_part = canary["stableService" if part == "champion" else "canaryService"]
        assert argument == f"--{part}=http://{of_part}:8000"
    for secret in ("Deployment", "AnalysisTemplate"):
        (template,) = pods(found[secret, name])
        volume = template["spec"]["volumes"][0]
        assert (
            volume["secret"]["secretName"]
            == monitor["spec"]["endpoints"][0]["authorization"]["credentials"]["name"]
        )


def test_linters_find_nothing(baked: Bake) -> None:
    folder = baked(serving="kubernetes", mlflow_tracking_uri="https://mlflow.example.com").path / "deploy"
    rules = "{line-length: {max: 130}, document-start: disable, comments: {min-spaces-from-content: 1}}"
    config = f"{{extends: default, rules: {rules}}}"
    run(TEMPLATE, tool("yamllint"), "--strict", "--config-data", config, folder / "kubernetes")
