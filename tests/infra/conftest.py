import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.template import Assembly, Template

REPOSITORY = Path(__file__).resolve().parents[2]
SYNTHESISED_FROM = ("app.py", "cdk.json", "infra", "trieur", "lambdas", "containers")


def synthesise(repository: Path, outdir: Path, **context: str) -> Assembly:
    """Run `python app.py` with nothing on PATH, no home and no credentials: no Node, no Docker, no account."""
    environment = {"PATH": str(outdir.parent / "nothing"), "HOME": str(outdir.parent), "CDK_OUTDIR": str(outdir)}
    if context:
        environment["CDK_CONTEXT_JSON"] = json.dumps(
            json.loads((repository / "cdk.json").read_text())["context"]
            | {f"trieur:{setting}": value for setting, value in context.items()}
        )
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=repository, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Assembly(outdir)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The deployment as cdk.json describes it."""
    return synthesise(REPOSITORY, tmp_path_factory.mktemp("synthesis") / "cdk.out")


@pytest.fixture(scope="session")
def template(assembly: Assembly) -> Template:
    return assembly.template


@pytest.fixture(scope="session")
def other_assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Another deployment with settings of its own, from a copy of the repository in which other things lie about."""
    folder = tmp_path_factory.mktemp("other")
    copy = folder / "repository"
    copy.mkdir()
    for name in SYNTHESISED_FROM:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, copy / name)
        else:
            shutil.copy(REPOSITORY / name, copy / name)
    for clutter in (
        "notes.txt",
        ".venv/lib/left_over.py",
        "tests/unit/test_something.py",
        "node_modules/x/index.js",
        "lambdas/__pycache__/start_training.cpython-314.pyc",
        "trieur/dataset/__pycache__/model.cpython-314.pyc",
        "trieur/.DS_Store",
        "containers/serve/__pycache__/x.cpython-311.pyc",
        "containers/serve/trieur_serve/__pycache__/x.cpython-311.pyc",
    ):
        (copy / clutter).parent.mkdir(parents=True, exist_ok=True)
        (copy / clutter).write_text("clutter")
    return synthesise(
        copy,
        folder / "cdk.out",
        **{
            "name": "sorter",
            "region": "eu-central-1",
            "account": "444455556666",
            "endpoint.kind": "real-time",
            "training.instance_type": "ml.g4dn.xlarge",
            "polling_minutes": "5",
            "outcomes_email": "team@example.org",
            "log_retention_days": "30",
            "retain_data": "false",
            "train_image": "777788889999.dkr.ecr.eu-central-1.amazonaws.com/models/train:3",
            "powertools_layer_version": "40",
        },
    )


@pytest.fixture(scope="session")
def other(other_assembly: Assembly) -> Template:
    return other_assembly.template


@pytest.fixture(scope="session")
def nag_findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What cdk-nag finds when every acknowledgement is taken away: finding to the constructs that have it."""
    outdir = tmp_path_factory.mktemp("nag") / "cdk.out"
    script = """
import sys
from pathlib import Path
from infra.node import provide_node
from infra.settings import read_context, read_settings
provide_node()
import aws_cdk
aws_cdk.Validations.acknowledge = lambda self, *rules: None
from infra.application import synthesise
context = read_context({}, Path("cdk.json"))
synthesise(read_settings(context), context=context, outdir=sys.argv[1])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(outdir)], cwd=REPOSITORY, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert done.returncode != 0, "the synthesis passes although nothing is acknowledged: cdk-nag does not run"
    (report,) = Assembly(outdir).read("validation-report.json")["pluginReports"]
    return {
        violation["ruleName"]: {construct["constructPath"] for construct in violation["violatingConstructs"]}
        for violation in report["violations"]
    }
