"""The client as an installed package: built as a wheel, in a virtual environment and a folder of its own."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

SCRIPT = """
import asyncio

from trieur import AsyncClassifier, Classifier, ClassifierError, Prediction
from trieur.client import TextRefused
from trieur.latency import Latency, measure


def best(classifier: Classifier) -> tuple[str, float]:
    prediction: Prediction = classifier.predict("Qui est Marie Curie ?")
    return prediction.label, prediction.probability


def labels(classifier: Classifier, texts: list[str]) -> list[str]:
    return [prediction.label for prediction in classifier.predict(texts)]


def refused(classifier: Classifier) -> list[str]:
    return [str(answer) for answer in classifier.stream(["", "fine"]) if isinstance(answer, TextRefused)]


async def later(texts: list[str]) -> list[str]:
    async with AsyncClassifier("questions") as classifier:
        return [prediction.label for prediction in await classifier.predict_many(texts)]


def speed(classifier: Classifier) -> Latency:
    return measure(classifier.predict, series=1, requests=2, pause=0)


def main() -> None:
    with Classifier("questions", backend="camembert") as classifier:
        print(best(classifier)[0], labels(classifier, ["Qui ?"] * 3), refused(classifier))
        print(asyncio.run(later(["Qui ?"])), speed(classifier).summary.requests)
    try:
        Classifier("orders").predict("Qui ?")
    except ClassifierError as error:
        print(type(error).__name__)


if __name__ == "__main__":
    main()
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel of this checkout, which finds what the wheel asks for here."""
    folder = tmp_path_factory.mktemp("installed")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    wheel = folder / built.stdout.splitlines()[-1]
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], cwd=folder, check=True
    )
    [packages] = (folder / "venv" / "lib").glob("python*/site-packages")
    # A path added so does not bring the editable installation that is there.
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    return folder


def run(environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [environment / "venv" / "bin" / "python", *arguments],
        cwd=environment,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.usefixtures("double")
def test_a_users_script_runs(environment: Path) -> None:
    done = run(environment, "script.py")

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "WHO_IS ['WHO_IS', 'WHO_IS', 'WHO_IS'] ['Text 1: The text is empty: give one with words in it.']",
        "['WHO_IS'] 2",
        "NoSuchEndpoint",
    ]


def test_a_users_script_is_checked_by_its_types(environment: Path) -> None:
    mistaken = SCRIPT.replace("return prediction.label, prediction.probability", "return prediction.label, prediction")
    (environment / "mistaken.py").write_text(mistaken, encoding="utf-8")
    # What is not looked at here would take most of the time.
    skipped = "[mypy-boto3.*,botocore.*,mypy_boto3_comprehend.*,mypy_boto3_sagemaker_runtime.*,pydantic.*]"
    (environment / "mypy.ini").write_text(
        f"[mypy]\nstrict = true\n{skipped}\nfollow_imports = skip\n", encoding="utf-8"
    )

    done = run(environment, "-m", "mypy", "--config-file", "mypy.ini", "script.py", "mistaken.py")

    [error, found] = done.stdout.splitlines()
    assert "mistaken.py" in error
    assert 'got "tuple[str, Prediction]", expected "tuple[str, float]"' in error
    assert found.startswith("Found 1 error in 1 file (checked 2 source files)")


def test_it_is_not_the_checkouts_and_costs_the_lambdas_nothing(environment: Path) -> None:
    told = "import sys, trieur; print(trieur.__file__); print([n for n in sys.modules if n.startswith('trieur')])"
    place, loaded = run(environment, "-c", told).stdout.splitlines()

    assert Path(place).is_relative_to(environment)
    assert loaded == "['trieur']"
