"""Synthesised apps: assets, change sets, updates in place, and what is said when something stands in the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, LocalCloudError
from tests.contract.localcloud.account import ACCOUNT, REGION, trust
from tests.contract.localcloud.small_app import SmallApp

HANDLER = """
import importlib.util, os, sys
import boto3

def handler(event, context):
    return {
        "python": sys.version_info[:2],
        "powertools": importlib.util.find_spec("aws_lambda_powertools") is not None,
        "caller": boto3.client("sts").get_caller_identity()["Arn"],
        "jobs": len(boto3.client("sagemaker").list_training_jobs()["TrainingJobSummaries"]),
    }
"""
LAYER = f"arn:aws:lambda:{REGION}:017000801446:layer:AWSLambdaPowertoolsPythonV3-python314-arm64:37"


def bucket(name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name, **properties}}


def lambda_role() -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sagemaker:ListTrainingJobs", "Resource": "*"}
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    properties = {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "Policies": [policy]}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def function(code: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "FunctionName": "small",
        "Runtime": "python3.14",
        "Architectures": ["arm64"],
        "Handler": "package.module.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Layers": [LAYER],
        "Timeout": 30,
        "Code": code,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def test_an_app_is_deployed_and_brought_up_to_date(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app")
    code = app.add_zip("code", {"package/__init__.py": "", "package/module.py": HANDLER})
    image = app.add_image("model", {"Dockerfile": 'FROM scratch\nENTRYPOINT ["python", "program.py"]\n'})
    resources = {"First": bucket("first-bucket"), "Role": lambda_role(), "Function": function(code)}
    app.write(resources, {"Bucket": {"Ref": "First"}, "Image": image})
    said: list[str] = []

    with LocalCloud(tmp_path / "state", app=app.folder, progress=said.append) as cloud:
        uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/cdk-hnb659fds-container-assets-{ACCOUNT}-{REGION}:model"
        assert cloud.outputs == {"Bucket": "first-bucket", "Image": uri}
        assert any(line.startswith("Deploying the stack Small: done in") for line in said)

        # The function runs on this interpreter, as its own role, whatever runtime and layer the template names.
        answer = cloud.session().client("lambda").invoke(FunctionName="small", Payload=b"{}")
        seen = json.loads(answer["Payload"].read())
        assert seen["powertools"] is True
        assert seen["caller"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/")
        assert seen["jobs"] == 0
        repository = {"repositoryName": f"cdk-hnb659fds-container-assets-{ACCOUNT}-{REGION}"}
        described = cloud.session().client("ecr").describe_images(**repository)["imageDetails"]
        assert [detail["imageTags"] for detail in described] == [["model"]]

        s3 = cloud.session().client("s3")
        s3.put_object(Bucket="first-bucket", Key="kept", Body=b"")
        versioned = bucket("first-bucket", VersioningConfiguration={"Status": "Enabled"})
        app.write({**resources, "First": versioned, "Second": bucket("second-bucket")}, {"Bucket": {"Ref": "Second"}})
        cloud.deploy(app.folder)
        assert cloud.outputs == {"Bucket": "second-bucket"}
        assert s3.get_bucket_versioning(Bucket="first-bucket")["Status"] == "Enabled"
        assert s3.head_object(Bucket="first-bucket", Key="kept")

        cloud.deploy(app.folder)
        assert cloud.outputs == {"Bucket": "second-bucket"}


def test_an_app_that_names_its_account_gets_it(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app", account="123456789012")
    code = app.add_zip("code", {"package/__init__.py": "", "package/module.py": HANDLER})
    app.write({"Role": lambda_role(), "Function": function(code)}, {"Role": {"Fn::GetAtt": ["Role", "Arn"]}})

    with LocalCloud(tmp_path / "state", app=app.folder) as cloud:
        answer = cloud.session().client("lambda").invoke(FunctionName="small", Payload=b"{}")
        assert json.loads(answer["Payload"].read())["caller"].startswith("arn:aws:sts::123456789012:assumed-role/")
        assert cloud.outputs["Role"].startswith("arn:aws:iam::123456789012:role/")


def test_a_resource_that_fails_is_named_with_its_reason(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app")
    app.write({"First": bucket("same-bucket"), "Second": {**bucket("same-bucket"), "DependsOn": "First"}})

    with pytest.raises(LocalCloudError) as caught, LocalCloud(tmp_path / "state", app=app.folder):
        pytest.fail("it was deployed")

    assert "The stack Small was not deployed" in str(caught.value)
    assert "Second (AWS::S3::Bucket): " in str(caught.value)
    assert "First (" not in str(caught.value)
    assert not (tmp_path / "state" / "run").exists()


def test_an_unknown_kind_of_resource_is_refused(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app")
    app.write({"Odd": {"Type": "AWS::Nothing::Known", "Properties": {}}})

    with pytest.raises(LocalCloudError, match="AWS::Nothing::Known"), LocalCloud(tmp_path / "state", app=app.folder):
        pytest.fail("it was deployed")


def test_an_app_that_does_not_synthesise_is_quoted(tmp_path: Path) -> None:
    app = SmallApp(tmp_path / "app")
    (app.folder / "app.py").write_text("raise SystemExit('The setting `region` is not a region.')")

    with pytest.raises(LocalCloudError) as caught, LocalCloud(tmp_path / "state", app=app.folder):
        pytest.fail("it was deployed")

    assert "does not synthesise (exit code 1)" in str(caught.value)
    assert "The setting `region` is not a region." in str(caught.value)


def test_a_folder_without_an_app_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="There is no CDK app at"), LocalCloud(tmp_path / "state", app=tmp_path):
        pytest.fail("it was deployed")
