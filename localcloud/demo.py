"""`make demo`: the whole pipeline on this machine, from a dataset dropped into the inbox to answers.

Only what a user would use: the deployed template, plain boto3 clients, the runs in the artifacts bucket.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from localcloud import LocalCloud, LocalCloudError
from localcloud.options import DEFAULT_STATE, REPOSITORY
from trieur.account import TrainingLog
from trieur.predictions import Prediction, parse_predictions
from trieur.runs import Run, RunStatus, RunStore

CLASSIFIER = "questions"
DATASET = REPOSITORY / "examples" / "chatbot-questions.json"
QUESTIONS = ("Qui est-ce qui fait du nodejs ?", "Qui est Marie Curie ?", "Comment ça va ?")
EPOCHS_PER_LINE = 5  # where there is no terminal to draw a bar on
PATIENCE_SECONDS = 600


class DemoFailed(Exception):
    """The demo did not end with answers; one sentence for people."""


class Demo:
    """One walk through the pipeline, told on `console`."""

    def __init__(self, cloud: LocalCloud, console: Console) -> None:
        session = cloud.session()
        self._s3, self._logs = session.client("s3"), session.client("logs")
        self._runtime = session.client("sagemaker-runtime")
        self._name = f"{cloud.app_name}-{CLASSIFIER}"
        self._inbox = cloud.outputs["InboxBucketName"]
        self._store = RunStore(self._s3, cloud.outputs["ArtifactsBucketName"])
        self._console = console

    def drop(self) -> None:
        key = f"datasets/{CLASSIFIER}/{DATASET.name}"
        with step(self._console, f"Dropping {DATASET.name} at s3://{self._inbox}/{key}"):
            self._s3.upload_file(str(DATASET), self._inbox, key)

    def accepted(self) -> Run:
        with step(self._console, "Validating and splitting (the start_training Lambda)"):
            run: Run = next(run for run in self._poll(self._find_run) if run is not None)
        parts = ", ".join(f"{split.examples} {name}" for name, split in run.splits.items())
        self._say(f"{run.dataset.examples} examples, {len(run.dataset.label_counts)} labels: {parts}")
        for warning in [*run.dataset.warnings, *run.split_notes]:
            self._say(warning)
        return run

    def trained(self, run: Run) -> Run:
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        started, log = time.monotonic(), TrainingLog(self._logs, f"{self._name}-{run.run_id}")
        bar = Progress(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        with bar:
            task = bar.add_task("Training: starting", total=None)
            for _ in self._poll(lambda: None):
                for epoch in log.new_epochs():
                    loss, accuracy = epoch.validation_loss, epoch.validation_accuracy
                    told = f"epoch {epoch.number}, validation loss {loss:.4f}, accuracy {accuracy:.4f}"
                    bar.update(task, description=f"Training: {told}", completed=epoch.number, total=epoch.most)
                    if bar.disable and epoch.number % EPOCHS_PER_LINE == 0:
                        self._say(told)
                run = self._store.read(run.reference)
                if run.status is not RunStatus.TRAINING:
                    break
        done(self._console, "Training (a SageMaker training job)", started)
        self._say(run.message)
        return run

    def live(self, run: Run) -> Run:
        with step(self._console, "Creating the endpoint"):
            for _ in self._poll(lambda: None):
                run = self._store.read(run.reference)
                if run.status.ends_the_run or run.settings.endpoint.kind == "none":
                    break
        if run.status is not RunStatus.LIVE:
            raise DemoFailed(f"The run ended as {run.status}: {run.message}")
        return run

    def answers(self) -> list[tuple[str, Prediction, float]]:
        return [(question, *self._ask(question)) for question in QUESTIONS]

    def keep_report(self, run: Run, folder: Path) -> Path:
        """Copy the report out of the artifacts bucket, which ends with the local AWS."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        prefix = f"{run.reference.prefix}report/"
        for entry in self._s3.list_objects_v2(Bucket=self._store.bucket, Prefix=prefix)["Contents"]:
            self._s3.download_file(self._store.bucket, entry["Key"], str(folder / entry["Key"].removeprefix(prefix)))
        (folder / "run.json").write_text(run.model_dump_json(indent=2), encoding="utf-8")
        return folder / "report.html"

    def _ask(self, question: str) -> tuple[Prediction, float]:
        started = time.perf_counter()
        answer = self._runtime.invoke_endpoint(
            EndpointName=self._name, ContentType="text/plain; charset=utf-8", Body=question.encode()
        )
        [prediction] = parse_predictions(answer["Body"].read())
        return prediction, time.perf_counter() - started

    def _find_run(self) -> Run | None:
        listed = self._s3.list_objects_v2(Bucket=self._store.bucket, Prefix=f"runs/{CLASSIFIER}/")
        keys = [entry["Key"] for entry in listed.get("Contents", [])]
        for key in keys:
            if key.endswith("/rejected.json"):
                rejection = self._s3.get_object(Bucket=self._store.bucket, Key=key)["Body"].read()
                raise DemoFailed(f"The dataset was refused: {json.loads(rejection)['error']}")
            if key.endswith("/run.json"):
                return self._store.find(CLASSIFIER, key.split("/")[2])
        return None

    def _poll(self, look: Any) -> Iterator[Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            yield look()
            time.sleep(0.3)
        raise DemoFailed(
            f"Nothing came of it within {PATIENCE_SECONDS} seconds: see the logs in {DEFAULT_STATE / 'demo'}."
        )

    def _say(self, line: str) -> None:
        self._console.print(f"    {line}", style="dim", highlight=False, soft_wrap=True)


@contextmanager
def step(console: Console, name: str) -> Iterator[None]:
    """A step in the telling, with the seconds it took."""
    started = time.monotonic()
    with console.status(name) if console.is_terminal else nullcontext():
        yield
    done(console, name, started)


def done(console: Console, name: str, started: float) -> None:
    console.print(f"[green]✓[/] {name} [dim]({time.monotonic() - started:.1f} s)[/]", highlight=False, soft_wrap=True)


def tell(console: Console, answers: list[tuple[str, Prediction, float]]) -> None:
    table = Table(title="The endpoint's answers", title_justify="left")
    for name in ("Question", "Class", "Probability", "Time"):
        table.add_column(name, no_wrap=True)
    for question, prediction, seconds in answers:
        table.add_row(question, prediction[0].name, f"{prediction[0].probability:.3f}", f"{seconds * 1000:.0f} ms")
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--containers", choices=("process", "docker"), default="process")
    containers = parser.parse_args().containers
    console = Console()
    started = time.monotonic()
    console.print("[bold]Trieur[/]: the template that goes to AWS, deployed on this machine.", highlight=False)
    try:
        cloud = LocalCloud(
            DEFAULT_STATE / "demo",
            containers=containers,
            progress=lambda line: console.print(f"    {line}", style="dim", highlight=False, soft_wrap=True),
        )
        with cloud:
            done(console, f"Local AWS at {cloud.endpoint_url}, stack deployed", started)
            demo = Demo(cloud, console)
            demo.drop()
            run = demo.live(demo.trained(demo.accepted()))
            tell(console, demo.answers())
            report = demo.keep_report(run, DEFAULT_STATE / "demo" / "report")
    except (DemoFailed, LocalCloudError) as failure:
        console.print(f"[red]✗[/] {failure}", highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    console.print(f"Report: {report}", highlight=False, soft_wrap=True)
    console.print(
        f"From nothing to answers in {time.monotonic() - started:.0f} s. To stay with it: make local", highlight=False
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
