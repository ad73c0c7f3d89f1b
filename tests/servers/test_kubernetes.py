"""deploy/kubernetes/: built by kubectl, checked by schemas, types and policies. test_image.py plays it."""

import copy
from pathlib import Path

import pytest

from tests.conftest import Bake
from tests.support import manifests
from tests.support.baked import TEMPLATE, run
from tests.support.manifests import (
    MODULES,
    Manifest,
    built,
    schema_errors,
    type_errors,
    with_jobs,
    write,
)

NAMESPACES = {
    "staging": "serve-penguins-staging",
    "production": "serve-penguins",
    "tracking": "mlflow-tracking",
}


@pytest.fixture(scope="module")
def objects(baked: Bake) -> dict[str, list[Manifest]]:
    """What is applied, by environment."""
    folder = baked(serving="kubernetes", mlflow_tracking_uri="https://mlflow.example.com").path
    return {name: built(folder / "deploy/kubernetes" / name) for name in NAMESPACES}


@pytest.fixture(scope="module")
def file(objects: dict[str, list[Manifest]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of it with the Jobs of the analyses."""
    everything = [one for name in NAMESPACES for one in with_jobs(objects[name])]
    return write(tmp_path_factory.mktemp("manifests") / "all.yaml", everything)


def test_an_environment_is_the_base_with_its_image(objects: dict[str, list[Manifest]]) -> None:
    kinds = {name: {one["kind"] for one in objects[name]} for name in NAMESPACES}
    assert kinds["production"] - kinds["staging"] == {"Rollout", "AnalysisTemplate"}
    for name in NAMESPACES:
        assert {one["metadata"]["namespace"] for one in objects[name]} == {NAMESPACES[name]}
        assert {
            container["image"].split("/")[0]
            for one in with_jobs(objects[name])
            if one["kind"] in ("Deployment", "Job")
            for container in one["spec"]["template"]["spec"]["containers"]
        } == {"registry.example.com"}
    by_kind = {one["kind"]: one["spec"] for one in objects["production"] if "spec" in one}
    assert by_kind["Deployment"]["replicas"] == 0
    assert by_kind["HorizontalPodAutoscaler"]["scaleTargetRef"]["kind"] == "Rollout"
    assert by_kind["HorizontalPodAutoscaler"]["metrics"], "the patch does not replace the base"


def test_kubernetes_takes_them(file: Path) -> None:
    program = manifests.checkers() / "kubernetes-validate"
    for version in ("1.31", "1.37"):  # the first in which podFailurePolicy is stable, and the newest
        said = run(TEMPLATE, program, "--strict", "--kubernetes-version", version, file).stdout
        unknown = {
            line.split(" kind ")[1].split()[0] for line in said.splitlines() if line.startswith("WARN")
        }
        assert unknown == MODULES.keys(), said


def test_the_operators_take_theirs(objects: dict[str, list[Manifest]], tmp_path: Path) -> None:
    theirs = [one for name in NAMESPACES for one in objects[name] if one["kind"] in MODULES]
    assert {one["kind"] for one in theirs} == MODULES.keys()
    folder = manifests.operators(tmp_path)
    assert type_errors(folder, theirs) == ""
    assert schema_errors(folder, theirs) == ""
    wrong, out_of_range = copy.deepcopy(theirs), copy.deepcopy(theirs)
    for one in wrong:
        match one["kind"]:
            case "Rollout":
                one["spec"]["strategy"]["canary"]["steps"][0] = {"weight": 25}
            case "AnalysisTemplate":
                one["spec"]["metrics"][0]["provider"]["job"]["spec"]["backoffLimit"] = "3"
            case "ServiceMonitor":
                one["spec"]["endpoints"][0]["auth"] = one["spec"]["endpoints"][0].pop("authorization")
    said = type_errors(folder, wrong)
    for name in ('"weight"', "'string' is not assignable to type 'number'", '"auth"'):
        assert name in said, said
    for one in out_of_range:
        match one["kind"]:
            case "Rollout":
                one["spec"]["strategy"]["canary"]["steps"][0] = {"setWeight": 2.5}
            case "AnalysisTemplate":
                one["spec"]["metrics"][0].pop("provider")
            case "ServiceMonitor":
                one["spec"]["endpoints"][0]["interval"] = "15 seconds"
    said = schema_errors(folder, out_of_range)
    for name in ("setWeight", "provider", "interval"):
        assert name in said, said


def test_policies_find_nothing_that_is_not_excused(file: Path) -> None:
    options = ("--framework", "kubernetes", "--compact", "--quiet", "--skip-download", "--output", "json")
    run(TEMPLATE, manifests.checkers() / "checkov", "--file", file, *options)
