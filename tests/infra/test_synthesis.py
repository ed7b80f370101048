"""The synthesis itself: it needs nothing, depends on nothing else, and passes the linters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra import powertools
from infra.settings import read_settings
from tests.infra.template import ACCOUNT, Assembly, Template

STATE_MACHINE = "AWS::StepFunctions::StateMachine"


def test_region_is_fixed_and_account_open(assembly: Assembly, other_assembly: Assembly) -> None:
    stack = assembly.read("manifest.json")["artifacts"]["Trieur"]
    assert stack["environment"] == "aws://unknown-account/eu-west-1"
    stack = other_assembly.read("manifest.json")["artifacts"]["Sorter"]
    assert stack["environment"] == "aws://444455556666/eu-central-1"


def test_outputs(template: Template) -> None:
    outputs = {name: template.resolve(output["Value"]) for name, output in template.document["Outputs"].items()}
    assert outputs == {
        "InboxBucketName": f"trieur-inbox-{ACCOUNT}-eu-west-1",
        "ArtifactsBucketName": f"trieur-artifacts-{ACCOUNT}-eu-west-1",
        "StateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur",
        "BatchStateMachineArn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:trieur-batch",
        "OutcomesTopicArn": f"arn:aws:sns:eu-west-1:{ACCOUNT}:trieur-outcomes",
        "ClassifierDefaults": template.function("trieur-start-training")["Environment"]["Variables"]["TRIEUR_DEFAULTS"],
    }


def test_the_template_asks_nothing_of_who_deploys_it(template: Template) -> None:
    assert not {"Parameters", "Conditions", "Rules", "Transform"} & set(template.document)


def test_lambda_code_is_the_core_and_the_handlers_only(assembly: Assembly) -> None:
    code = assembly.lambda_code
    assert {path.name for path in code.iterdir()} == {"lambdas", "trieur"}
    files = {path.relative_to(code).as_posix() for path in code.rglob("*") if path.is_file()}
    assert {
        "lambdas/start_training.py",
        "lambdas/check_model_status.py",
        "lambdas/create_endpoint.py",
        "trieur/__init__.py",
    } <= files
    assert not [file for file in files if "__pycache__" in file or file.endswith(".pyc") or "/." in f"/{file}"]


def test_what_is_for_people_stays_out_of_the_lambda_code(assembly: Assembly) -> None:
    there = {path.name for path in (assembly.lambda_code / "trieur").iterdir()}
    assert there.isdisjoint({"account", "cli", "client", "comparison", "console", "costs", "latency"})
    assert {"backends", "dataset", "pipeline"} <= there


def test_the_lambda_code_imports_only_what_lambda_has(assembly: Assembly) -> None:
    handlers = [f"lambdas.{path.stem}" for path in (assembly.lambda_code / "lambdas").glob("*.py")]
    program = f"import sys, {', '.join(handlers)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=assembly.lambda_code,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {"trieur", "pydantic", "botocore"} <= set(done.stdout.split())
    assert {"rich", "typer", "fastapi"}.isdisjoint(done.stdout.split())


def test_all_functions_share_one_code(template: Template) -> None:
    codes = [function["Code"]["S3Key"] for function in template.of_type("AWS::Lambda::Function").values()]
    assert len(codes) == 7
    assert len(set(codes)) == 1


def test_assets_do_not_depend_on_what_else_lies_about(assembly: Assembly, other_assembly: Assembly) -> None:
    assert assembly.lambda_code.name == other_assembly.lambda_code.name
    assert set(other_assembly.assets["dockerImages"]) < set(assembly.assets["dockerImages"])


def test_images_are_built_for_the_machines_of_sagemaker(assembly: Assembly) -> None:
    images = assembly.assets["dockerImages"].values()
    assert {image["displayName"] for image in images} == {"TrainImage/Asset", "ServeImage/Asset"}
    for image in images:
        assert image["source"]["platform"] == "linux/amd64"
        folder = assembly.folder / image["source"]["directory"]
        assert (folder / "Dockerfile").is_file()
        assert not list(folder.rglob("__pycache__"))


@pytest.mark.parametrize("which", ["assembly", "other_assembly", "elsewhere_assembly"])
def test_cdk_nag_finds_nothing(which: str, request: pytest.FixtureRequest) -> None:
    assembly: Assembly = request.getfixturevalue(which)
    assert assembly.read("validation-report.json")["pluginReports"] == []


def test_cdk_nag_finds_without_acknowledgements_what_is_acknowledged(
    assembly: Assembly, nag_findings: dict[str, set[str]]
) -> None:
    acknowledged: dict[str, set[str]] = {}
    for construct, entries in assembly.read("Trieur.metadata.json").items():
        for entry in entries:
            if entry["type"] == "aws:cdk:acknowledged-rules":
                for rule, reason in entry["data"].items():
                    assert len(reason.split()) > 5, f"{rule} on {construct} needs a real reason"
                    # One level above the resource itself: nothing broader.
                    acknowledged.setdefault(rule.removeprefix("Annotation::"), set()).add(
                        construct.removeprefix("/") + "/Resource"
                    )
    assert acknowledged == nag_findings


def test_only_two_rules_are_ever_acknowledged(nag_findings: dict[str, set[str]]) -> None:
    assert {finding.split("[")[0] for finding in nag_findings} == {
        "AwsSolutions-IAM5",
        "AwsSolutions-SQS3",
    }
    assert nag_findings["AwsSolutions-SQS3"] == {"Trieur/DeadLetters/Resource"}
    assert not [finding for finding in nag_findings if "Action::" in finding]


@pytest.mark.parametrize("which", ["assembly", "other_assembly", "elsewhere_assembly"])
def test_cfn_lint_finds_nothing(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    assembly: Assembly = request.getfixturevalue(which)
    document = json.loads(assembly.template_file.read_text())
    machines = [r["Properties"] for r in document["Resources"].values() if r["Type"] == STATE_MACHINE]
    assert len(machines) == 2
    for machine in machines:
        # cfn-lint reads a state machine's definition only where nothing is left to be filled in.
        machine["DefinitionString"] = json.dumps(assembly.template.definition(machine["StateMachineName"]))
    filled_in = tmp_path / "template.json"
    filled_in.write_text(json.dumps(document))
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("cfn-lint")),
            "--regions",
            assembly.region,
            "--",
            str(assembly.template_file),
            str(filled_in),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("region", "beginning"),
    [
        ("eu-west-3", "arn:aws:lambda:eu-west-3:017000801446:"),
        ("cn-north-1", "arn:aws-cn:lambda:cn-north-1:498634801083:"),
        ("us-gov-west-1", "arn:aws-us-gov:lambda:us-gov-west-1:165093116878:"),
    ],
)
def test_the_layer_is_that_of_the_region(region: str, beginning: str) -> None:
    assert powertools.layer_arn(read_settings({"trieur:region": region})).startswith(beginning)
