"""Run a Pulumi program with Pulumi's mocks, and print what it makes: `python infrastructure.py FOLDER`."""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi  # type: ignore[import-not-found]

MADE: list[dict[str, Any]] = []
CONFIG = {
    "vpc": "vpc-1",
    "nodes": json.dumps(["sg-nodes"]),
    "subnets": json.dumps(["subnet-1", "subnet-2"]),
    "trusted": json.dumps(
        {
            "reader": {"AWS": "arn:aws:iam::1:role/people"},
            "writer": {"AWS": "arn:aws:iam::1:role/ci"},
            "tracking": {"Service": "pods.eks.amazonaws.com"},
        }
    ),
}


class Mocks(pulumi.runtime.Mocks):  # type: ignore[misc]
    """Mocks that record what is made, and answer as AWS would."""

    def new_resource(self, args: Any) -> tuple[str, dict[str, Any]]:
        MADE.append({"type": args.typ, "name": args.name, "inputs": args.inputs})
        arn = {"arn": f"arn:aws:s3:::{args.name}", "masterUserSecrets": [{"secretArn": "arn:secret"}]}
        return f"{args.name}-id", {**args.inputs, **arn}

    def call(self, args: Any) -> dict[str, Any]:
        raise AssertionError(f"asks the cloud for {args.token}")


@pulumi.runtime.test  # type: ignore[untyped-decorator]
def run() -> None:
    runpy.run_path(str(Path(sys.argv[1]) / "__main__.py"), run_name="__main__")


pulumi.runtime.set_all_config({f"project:{name}": value for name, value in CONFIG.items()})
pulumi.runtime.set_mocks(Mocks(), project="project", stack="test", preview=False)
run()
print(json.dumps(MADE))
