"""Training: a run is a version of its classifier's document classifier in Comprehend."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

from botocore.exceptions import ClientError

from trieur import names
from trieur.backends.base import State, TrainedModel, TrainingRefused
from trieur.backends.comprehend.inputs import Inputs
from trieur.backends.comprehend.resources import amazons_words, error_code, model_arn, run_tags
from trieur.backends.comprehend.results import trained_model
from trieur.deployment import Clients, Deployment
from trieur.objects import ObjectStore
from trieur.runs import Run, RunStatus

if TYPE_CHECKING:
    from mypy_boto3_comprehend.type_defs import (
        CreateDocumentClassifierRequestTypeDef,
        DocumentClassifierPropertiesTypeDef,
    )

# What Comprehend would say again to the same request.
_IN_VAIN: Final = (
    "InvalidRequestException",
    "KmsKeyValidationException",
    "ResourceLimitExceededException",
    "TooManyTagsException",
    "UnsupportedLanguageException",
    "ValidationException",
)


class ComprehendTraining:
    """See `trieur.backends.base.Training`."""

    def __init__(self, deployment: Deployment, clients: Clients) -> None:
        self._deployment = deployment
        self._clients = clients
        self._comprehend = clients.comprehend

    def start(self, run: Run) -> dict[str, Any]:
        if not self._deployment.comprehend_role_arn:
            raise TrainingRefused(
                f"Amazon Comprehend is not offered in {self._deployment.region}: set the backend camembert in"
                " classifier.json, or deploy Trieur in a region that has Comprehend."
            )
        arn = model_arn(self._deployment, run)
        if self._describe(arn) is None:
            self._create(run)
        classifier = names.comprehend_classifier(self._deployment.name, run.classifier)
        return {"arn": arn, "document_classifier": classifier, "version": run.run_id}

    def state(self, run: Run) -> State:
        classifier = self._describe(model_arn(self._deployment, run))
        if classifier is None:
            return State(RunStatus.FAILED, "The document classifier was deleted from Comprehend.")
        message, facts = classifier.get("Message", ""), _facts(classifier)
        match classifier["Status"]:
            case "SUBMITTED" | "TRAINING" | "STOP_REQUESTED" as status:
                return State(RunStatus.TRAINING, f"Training: {status}.", facts)
            case "TRAINED":
                return State(RunStatus.TRAINED, "Training has completed.", facts)
            case "TRAINED_WITH_WARNING":
                return State(RunStatus.TRAINED, f"Training has completed with a warning: {message}", facts)
            case "IN_ERROR":
                return State(RunStatus.FAILED, message or "Training failed, and Comprehend gives no reason.", facts)
            case "STOPPED":
                return State(RunStatus.FAILED, "Training was stopped.", facts)
            case status:
                return State(RunStatus.FAILED, f"The document classifier is {status} in Comprehend.", facts)

    def model(self, run: Run) -> TrainedModel:
        return trained_model(ObjectStore(self._clients.s3, self._deployment.artifacts_bucket), run)

    def _create(self, run: Run) -> None:
        request: CreateDocumentClassifierRequestTypeDef = {
            "DocumentClassifierName": names.comprehend_classifier(self._deployment.name, run.classifier),
            "VersionName": run.run_id,
            "DataAccessRoleArn": self._deployment.comprehend_role_arn,
            "ClientRequestToken": names.run_resource(self._deployment.name, run.classifier, run.run_id),
            "LanguageCode": run.settings.language,
            "Mode": "MULTI_LABEL" if run.dataset.mode == "multi-label" else "MULTI_CLASS",
            "InputDataConfig": Inputs(self._deployment, self._clients, run).write(),
            "OutputDataConfig": {"S3Uri": self._deployment.artifact_uri(run.reference.prefix + "output/")},
            "Tags": run_tags(run),
        }
        key = self._deployment.comprehend_kms_key_arn
        if key:
            request["OutputDataConfig"] = {**request["OutputDataConfig"], "KmsKeyId": key}
            request["VolumeKmsKeyId"] = request["ModelKmsKeyId"] = key
        try:
            self._comprehend.create_document_classifier(**request)
        except self._comprehend.exceptions.ResourceInUseException:
            # Another attempt at the same drop was quicker; if it was not, somebody else has the name.
            if self._describe(model_arn(self._deployment, run)) is None:
                raise
        except ClientError as error:
            _raise_refusal(error)

    def _describe(self, arn: str) -> "DocumentClassifierPropertiesTypeDef | None":
        try:
            answer = self._comprehend.describe_document_classifier(DocumentClassifierArn=arn)
        except self._comprehend.exceptions.ResourceNotFoundException:
            return None
        return answer["DocumentClassifierProperties"]


def _raise_refusal(error: ClientError) -> NoReturn:
    """Raises TrainingRefused for what the run asks in vain, the error itself for what may pass."""
    if error_code(error) in _IN_VAIN:
        raise TrainingRefused(f"Amazon Comprehend refuses the training: {amazons_words(error)}.") from error
    raise error


def _facts(classifier: "DocumentClassifierPropertiesTypeDef") -> dict[str, Any]:
    """What the run's record keeps of the description; times in ISO 8601, `reported` as Comprehend names it."""
    started, ended = classifier.get("TrainingStartTime"), classifier.get("TrainingEndTime")
    source = classifier.get("InputDataConfig", {})
    facts = {
        "service_status": classifier["Status"],
        "message": classifier.get("Message"),
        "data_format": source.get("DataFormat"),
        "label_delimiter": source.get("LabelDelimiter"),
        "submitted_at": _iso(classifier.get("SubmitTime")),
        "started_at": _iso(started),
        "ended_at": _iso(ended),
        "completed_at": _iso(classifier.get("EndTime")),
        # Comprehend bills the training by the second.
        "billable_seconds": int((ended - started).total_seconds()) if started and ended else None,
        "output": classifier.get("OutputDataConfig", {}).get("S3Uri"),
        "reported": classifier.get("ClassifierMetadata"),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
