"""deploy/infrastructure/, run by Pulumi's own mocks: what it would make in the cloud."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Bake
from tests.support.baked import TEMPLATE, run
from tests.support.tools import environment_of

PULUMI = ("pulumi==3.272.0", "pulumi-aws==7.51.1")
PROGRAM = TEMPLATE / "tests/support/infrastructure.py"


@pytest.fixture(scope="module")
def made(baked: Bake) -> dict[str, dict[str, Any]]:
    """The properties of each resource, by `KIND NAME`."""
    project = baked(serving="kubernetes", mlflow_tracking_uri="https://mlflow.example.com")
    python = environment_of("pulumi", *PULUMI) / "python"
    folder: Path = project.path / "deploy/infrastructure"
    listed = json.loads(run(TEMPLATE, python, PROGRAM, folder).stdout)
    return {f"{one['type'].split(':')[-1]} {one['name']}": one["inputs"] for one in listed}


def test_the_bucket_is_versioned_encrypted_and_closed(made: dict[str, dict[str, Any]]) -> None:
    about = {name.split()[0]: one for name, one in made.items() if name.endswith(" data")}
    assert {one["bucket"] for kind, one in about.items() if kind != "Bucket"} == {"data-id"}
    assert about["BucketVersioning"]["versioningConfiguration"] == {"status": "Enabled"}
    (rule,) = about["BucketServerSideEncryptionConfiguration"]["rules"]
    assert rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
    closed = {key: value for key, value in about["BucketPublicAccessBlock"].items() if key != "bucket"}
    assert len(closed) == 4
    assert all(closed.values())
    (statement,) = json.loads(about["BucketPolicy"]["policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_the_database_is_encrypted_kept_and_reached_by_the_cluster_only(
    made: dict[str, dict[str, Any]],
) -> None:
    database = made["Instance database"]
    for name in ("storageEncrypted", "multiAz", "deletionProtection", "manageMasterUserPassword"):
        assert database[name] is True, name
    assert database["publiclyAccessible"] is database["skipFinalSnapshot"] is False
    assert database["backupRetentionPeriod"] == 14
    assert database["vpcSecurityGroupIds"] == ["database-id"]
    (rule,) = made["SecurityGroup database"]["ingress"]
    assert (rule["fromPort"], rule["toPort"], rule["securityGroups"]) == (5432, 5432, ["sg-nodes"])
    assert "cidrBlocks" not in rule
    assert "password" not in database


def test_a_role_may_do_what_it_is_for(made: dict[str, dict[str, Any]]) -> None:
    allowed = {}
    for role in ("reader", "writer", "tracking"):
        _, objects = json.loads(made[f"RolePolicy {role}"]["policy"])["Statement"]
        actions = [name.removeprefix("s3:") for name in objects["Action"] if not name.startswith("s3:Get")]
        allowed[role] = (actions, [place.removeprefix("arn:aws:s3:::data/") for place in objects["Resource"]])
    assert allowed == {
        "reader": ([], ["*"]),
        "writer": (["PutObject"], ["dvc/*"]),
        "tracking": (["PutObject", "DeleteObject"], ["mlflow/*"]),
    }
    (trust,) = json.loads(made["Role tracking"]["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
