"""The account a person's tools speak to: a deployed stack, in AWS or in the local AWS."""

import difflib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from trieur import names
from trieur.account.endpoints import Endpoint, endpoints_of
from trieur.account.errors import NotFound, Unreachable, explained
from trieur.account.local import LocalAws
from trieur.account.run import Run
from trieur.account.summary import Alarm, ClassifierSummary, Drop
from trieur.deployment import Clients, Deployment
from trieur.drops import DATASETS_PREFIX, SETTINGS_FILE
from trieur.inbox import classifier_settings
from trieur.objects import JSON, ObjectStore, now
from trieur.runs import RunStore, run_prefix
from trieur.settings import BACKENDS, ClassifierSettings, read_settings

STACK: Final = "Trieur"
RUNS_PREFIX: Final = "runs/"
REPORT: Final = "report.html"

_READERS: Final = 8
# A person waits for the answer: not as long as a Lambda would.
_IMPATIENT: Final = Config(retries={"mode": "standard", "max_attempts": 3}, connect_timeout=5)

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def _in_sentences(
    method: Callable[Concatenate["Account", Arguments], Answer],
) -> Callable[Concatenate["Account", Arguments], Answer]:
    """Has the method raise AccountError for all that botocore raises."""

    @wraps(method)
    def asked(self: "Account", /, *arguments: Arguments.args, **options: Arguments.kwargs) -> Answer:
        with self.asking():
            return method(self, *arguments, **options)

    return asked


class Account:
    """Every method raises AccountError, whose `str()` is one sentence with the remedy, where AWS does not answer."""

    def __init__(self, session: boto3.Session, outputs: dict[str, str], *, local: bool = False) -> None:
        """`outputs` are those of the stack; use `connect`, which reads them."""
        self.session = session
        self.is_local = local
        self.deployment = Deployment.from_environment(
            {
                "TRIEUR_NAME": outputs["StateMachineArn"].rpartition(":")[2],
                "TRIEUR_INBOX_BUCKET": outputs["InboxBucketName"],
                "TRIEUR_ARTIFACTS_BUCKET": outputs["ArtifactsBucketName"],
                "TRIEUR_STATE_MACHINE_ARN": outputs["StateMachineArn"],
                "TRIEUR_BATCH_STATE_MACHINE_ARN": outputs.get("BatchStateMachineArn", ""),
                "TRIEUR_TOPIC_ARN": outputs.get("OutcomesTopicArn", ""),
                "TRIEUR_DEFAULTS": outputs.get("ClassifierDefaults", "{}"),
            }
        )
        self.clients = Clients(session)
        self._store = RunStore(self.clients.s3, self.deployment.artifacts_bucket)
        self._inbox = ObjectStore(self.clients.s3, self.deployment.inbox_bucket)

    @classmethod
    def connect(cls, *, local: bool = False, stack: str = STACK, region: str | None = None) -> "Account":
        """The account in which `stack` is deployed: AWS by the caller's credentials, or the running local AWS.

        `region` is by default that of the caller's AWS configuration. Raises AccountError.
        """
        try:
            session = LocalAws.find().session() if local else _session(region)
            outputs = _outputs(session, stack)
        except (BotoCoreError, ClientError) as error:
            raise explained(error, local=local) from error
        return cls(session, outputs, local=local)

    @property
    def name(self) -> str:
        """The deployment's setting `name`, with which the names of all that is deployed begin."""
        return self.deployment.name

    @property
    def region(self) -> str:
        return self.deployment.region

    @property
    def inbox(self) -> str:
        """The bucket datasets are dropped into."""
        return self.deployment.inbox_bucket

    @property
    def artifacts(self) -> str:
        """The bucket of runs and batches."""
        return self.deployment.artifacts_bucket

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client of the service for this account; ask it within `asking`."""
        return self.session.client(service, **{"config": _IMPATIENT, **options})  # type: ignore[call-overload]

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Turns what botocore raises into AccountError."""
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise explained(error, local=self.is_local) from error

    @_in_sentences
    def classifiers(self) -> list[ClassifierSummary]:
        """All that have a run or a folder in the inbox, by name."""
        return [self._summary(name) for name in self._names()]

    @_in_sentences
    def classifier(self, name: str) -> ClassifierSummary:
        """Raises NotFound, with the nearest name there is."""
        summary = self._summary(name)
        if not summary.runs and not summary.endpoints:
            self._require_classifier(name)
        return summary

    @_in_sentences
    def runs(self, classifier: str) -> list[Run]:
        """The classifier's runs and refused datasets, newest first. Raises NotFound, with the nearest name there is."""
        found = self._runs(classifier)
        if not found:
            self._require_classifier(classifier)
        return found

    @_in_sentences
    def run(self, classifier: str, run_id: str) -> Run:
        """Raises NotFound. `run_id` may be cut short, as long as only one run begins with it."""
        found = self._find_run(classifier, run_id) if len(run_id) == names.RUN_ID_LENGTH else None
        if found is not None:
            return found
        matching = [run for run in self.runs(classifier) if run_id and run.run_id.startswith(run_id)]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise NotFound(
                f"{len(matching)} runs of {classifier} begin with {run_id!r}: write more of the one you mean."
            )
        raise NotFound(f"{classifier} has no run {run_id!r}: `trieur runs {classifier}` lists them.")

    @_in_sentences
    def runs_of(self, drop: Drop) -> list[Run]:
        """What has become of a drop so far: its run of each backend, or the one refusal; empty until it is handled."""
        ids = [drop.refused_id, *(drop.run_id(backend) for backend in BACKENDS)]
        return [run for run_id in ids if (run := self._find_run(drop.classifier, run_id))]

    @_in_sentences
    def endpoints(self, classifier: str) -> tuple[Endpoint, ...]:
        """The classifier's endpoints, of the backends it has runs of."""
        return self._summary(classifier).endpoints

    @_in_sentences
    def settings(self, classifier: str) -> ClassifierSettings:
        """Those the next dataset is trained with: classifier.json over the deployment's defaults.

        Raises trieur.settings.SettingsRefused.
        """
        return classifier_settings(classifier, self.deployment, self.clients)

    @_in_sentences
    def own_settings(self, classifier: str) -> bytes | None:
        """Its classifier.json, None where it has none."""
        return self._inbox.find_object(_settings_key(classifier))

    @_in_sentences
    def change_settings(self, classifier: str, document: bytes) -> ClassifierSettings:
        """Put `document` as its classifier.json; the settings that are then in force.

        Raises trieur.settings.SettingsRefused, and then puts nothing.
        """
        settings = read_settings(document, self.deployment.defaults)
        self._inbox.put(_settings_key(classifier), document, JSON)
        return settings

    @_in_sentences
    def drop(self, classifier: str, file_name: str, data: bytes) -> Drop:
        """Put a dataset into the inbox, which starts its runs; validate it before (`trieur.dataset.read_dataset`)."""
        key = f"{DATASETS_PREFIX}{classifier}/{file_name}"
        put = self.clients.s3.put_object(Bucket=self.inbox, Key=key, Body=data)
        return Drop(classifier, self.inbox, key, put.get("VersionId", "null"), now())

    def report(self, classifier: str, run_id: str | None = None, name: str = REPORT) -> bytes:
        """A file of a run's report, by default of the newest run that has one. Raises NotFound."""
        return self.reported(classifier, run_id, name)[1]

    @_in_sentences
    def reported(self, classifier: str, run_id: str | None = None, name: str = REPORT) -> tuple[Run, bytes]:
        """As `report`, with the run it is of."""
        candidates = [self.run(classifier, run_id)] if run_id else self.runs(classifier)
        for run in candidates:
            body = self._store.find_object(f"{run.prefix}report/{name}")
            if body is not None:
                return run, body
        of = f"run {candidates[0].run_id} of {classifier}" if run_id else f"classifier {classifier}"
        raise NotFound(f"There is no report of {of}: it comes with the end of a training.")

    @_in_sentences
    def alarms(self) -> list[Alarm]:
        """Those of the deployment that ring."""
        pages = self.clients.cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{self.name}-")
        return [
            Alarm(alarm["AlarmName"], alarm.get("AlarmDescription", ""))
            for page in pages
            for alarm in page.get("MetricAlarms", [])
            if alarm["StateValue"] == "ALARM"
        ]

    def _summary(self, name: str) -> ClassifierSummary:
        runs = self._runs(name)
        backends = {run.backend for run in runs if run.backend}
        return ClassifierSummary(name, tuple(runs), endpoints_of(name, backends, self.deployment, self.clients))

    def _names(self) -> list[str]:
        dropped = self._inbox.names(DATASETS_PREFIX)
        return sorted({*self._store.names(RUNS_PREFIX), *(name for name in dropped if names.is_classifier(name))})

    def _require_classifier(self, name: str) -> None:
        known = self._names()
        if name in known:
            return
        if not known:
            raise NotFound(f"There is no classifier {name!r}: none has been dropped yet.")
        near = difflib.get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"there are {_listed(known)}."
        raise NotFound(f"There is no classifier {name!r}: {remedy}")

    def _runs(self, classifier: str) -> list[Run]:
        ids = list(self._store.names(run_prefix(classifier, "").rstrip("/") + "/"))
        with ThreadPoolExecutor(_READERS) as readers:
            found = [run for run in readers.map(lambda run_id: self._find_run(classifier, run_id), ids) if run]
        return sorted(found, key=lambda run: (run.created_at, run.updated_at), reverse=True)

    def _find_run(self, classifier: str, run_id: str) -> Run | None:
        record = self._store.find(classifier, run_id)
        if record is not None:
            return Run.from_record(record)
        rejection = self._store.find_object(run_prefix(classifier, run_id) + "rejected.json")
        return None if rejection is None else Run.from_rejection(classifier, run_id, rejection)


def _settings_key(classifier: str) -> str:
    return f"{DATASETS_PREFIX}{classifier}/{SETTINGS_FILE}"


def _session(region: str | None) -> boto3.Session:
    # boto3 reads AWS_DEFAULT_REGION only; every other SDK reads AWS_REGION.
    session = boto3.Session(region_name=region)
    if session.region_name is None and os.environ.get("AWS_REGION"):
        return boto3.Session(region_name=os.environ["AWS_REGION"])
    return session


def _outputs(session: boto3.Session, stack: str) -> dict[str, str]:
    cloudformation = session.client("cloudformation", config=_IMPATIENT)
    try:
        [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            raise Unreachable(
                f"There is no stack {stack!r} in {session.region_name}: deploy it (`npx cdk deploy`), or name yours"
                " with --stack and --region."
            ) from error
        raise
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    lacking = [name for name in ("InboxBucketName", "ArtifactsBucketName", "StateMachineArn") if name not in outputs]
    if lacking:
        raise Unreachable(
            f"The stack {stack!r} ({found['StackStatus']}) has no output {lacking[0]}: it is not Trieur's, or not yet"
            " deployed to its end."
        )
    return outputs


def _listed(known: list[str]) -> str:
    shown = ", ".join(known[:5])
    return f"{shown} and {len(known) - 5:,} more" if len(known) > 5 else shown
