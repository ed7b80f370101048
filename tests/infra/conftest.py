import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.infra.template import Assembly, Template

REPOSITORY = Path(__file__).resolve().parents[2]
KMS_KEY = "arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SYNTHESISED_FROM = ("app.py", "cdk.json", "infra", "trieur", "lambdas", "containers")


@dataclass(frozen=True)
class Machine:
    """A machine with nothing on PATH, an empty home and no credentials: no Node, no Docker, no account."""

    home: Path

    def python(self, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={"PATH": str(self.home / "nothing"), "HOME": str(self.home)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def synthesise(self, repository: Path, outdir: Path, **settings: str) -> Assembly:
        context = json.loads((repository / "cdk.json").read_text())["context"]
        overrides = {f"trieur:{setting}": value for setting, value in settings.items()}
        # Without overrides the app finds its context itself.
        given = {"CDK_CONTEXT_JSON": json.dumps(context | overrides)} if overrides else {}
        done = self.python("app.py", folder=repository, CDK_OUTDIR=str(outdir), **given)
        assert done.returncode == 0, done.stderr
        return Assembly(outdir)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def assembly(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The deployment as cdk.json describes it."""
    return machine.synthesise(REPOSITORY, tmp_path_factory.mktemp("synthesis") / "cdk.out")


@pytest.fixture(scope="session")
def template(assembly: Assembly) -> Template:
    return assembly.template


@pytest.fixture(scope="session")
def other_assembly(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
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
    return machine.synthesise(
        copy,
        folder / "cdk.out",
        **{
            "name": "sorter",
            "region": "eu-central-1",
            "account": "444455556666",
            "backend": "both",
            "comprehend.endpoint": "on-demand",
            "comprehend.idle_hours": "0.5",
            "comprehend_kms_key": KMS_KEY,
            "batch.instance_type": "ml.m5.large",
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
def elsewhere_assembly(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """The deployment as cdk.json describes it, in a region without Comprehend."""
    return machine.synthesise(REPOSITORY, tmp_path_factory.mktemp("elsewhere") / "cdk.out", region="eu-west-3")


@pytest.fixture(scope="session")
def elsewhere(elsewhere_assembly: Assembly) -> Template:
    return elsewhere_assembly.template


@pytest.fixture(scope="session")
def nag_findings(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What cdk-nag finds when every acknowledgement is taken away: finding to the constructs that have it."""
    outdir = tmp_path_factory.mktemp("nag") / "cdk.out"
    script = """
import sys
from dataclasses import dataclass
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
    done = machine.python("-c", script, str(outdir), folder=REPOSITORY)
    assert done.returncode != 0, "the synthesis passes although nothing is acknowledged: cdk-nag does not run"
    (report,) = Assembly(outdir).read("validation-report.json")["pluginReports"]
    return {
        violation["ruleName"]: {construct["constructPath"] for construct in violation["violatingConstructs"]}
        for violation in report["violations"]
    }
