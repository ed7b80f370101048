"""What a deployment of Trieur is made of, as the Lambdas learn it from their environment."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field, Json

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_comprehend import ComprehendClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient


class Deployment(BaseModel):
    """Names and addresses that the CDK app hands to every Lambda."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(alias="TRIEUR_NAME")
    inbox_bucket: str = Field(alias="TRIEUR_INBOX_BUCKET")
    artifacts_bucket: str = Field(alias="TRIEUR_ARTIFACTS_BUCKET")
    state_machine_arn: str = Field(default="", alias="TRIEUR_STATE_MACHINE_ARN")
    batch_state_machine_arn: str = Field(default="", alias="TRIEUR_BATCH_STATE_MACHINE_ARN")
    topic_arn: str = Field(default="", alias="TRIEUR_TOPIC_ARN")
    train_image: str = Field(default="", alias="TRIEUR_TRAIN_IMAGE")
    serve_image: str = Field(default="", alias="TRIEUR_SERVE_IMAGE")
    training_role_arn: str = Field(default="", alias="TRIEUR_TRAINING_ROLE_ARN")
    serving_role_arn: str = Field(default="", alias="TRIEUR_SERVING_ROLE_ARN")
    comprehend_role_arn: str = Field(
        default="", alias="TRIEUR_COMPREHEND_ROLE_ARN", description="empty where the region has no Comprehend"
    )
    comprehend_kms_key_arn: str = Field(
        default="", alias="TRIEUR_COMPREHEND_KMS_KEY_ARN", description="empty where AWS's own keys are to do"
    )
    defaults: Json[dict[str, Any]] = Field(default={}, alias="TRIEUR_DEFAULTS")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Deployment":
        """Raises pydantic.ValidationError naming the variable that is missing."""
        return cls.model_validate({key: value for key, value in environment.items() if key.startswith("TRIEUR_")})

    @property
    def region(self) -> str:
        return self.state_machine_arn.split(":")[3]

    def artifact_uri(self, key: str) -> str:
        """The S3 URI of a key in the artifacts bucket."""
        return f"s3://{self.artifacts_bucket}/{key}"

    def comprehend_arn(self, resource: str) -> str:
        """The ARN of a resource of Comprehend, such as `document-classifier/<name>`, in this account and region."""
        partition, _, region, account = self.state_machine_arn.split(":")[1:5]
        return f"arn:{partition}:comprehend:{region}:{account}:{resource}"


class Clients:
    """The AWS services the pipeline speaks to, each connected when it is first needed."""

    _PATIENT: Final = Config(retries={"mode": "standard", "max_attempts": 5})
    # Measures how much the endpoint's inference units let through and keeps to it.
    # A call that is not heard of again is given up soon, for the answers are kept only after it.
    _PACED: Final = Config(retries={"mode": "adaptive", "max_attempts": 10}, connect_timeout=5, read_timeout=10)

    def __init__(self, session: boto3.Session | None = None) -> None:
        self._session = session or boto3.Session()

    @cached_property
    def s3(self) -> "S3Client":
        return self._session.client("s3", config=self._PATIENT)

    @cached_property
    def sagemaker(self) -> "SageMakerClient":
        return self._session.client("sagemaker", config=self._PATIENT)

    @cached_property
    def comprehend(self) -> "ComprehendClient":
        return self._session.client("comprehend", config=self._PATIENT)

    @cached_property
    def paced_comprehend(self) -> "ComprehendClient":
        """For many calls of ClassifyDocument in a row."""
        return self._session.client("comprehend", config=self._PACED)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        return self._session.client("cloudwatch", config=self._PATIENT)

    @cached_property
    def stepfunctions(self) -> "SFNClient":
        return self._session.client("stepfunctions", config=self._PATIENT)

    @cached_property
    def sns(self) -> "SNSClient":
        return self._session.client("sns", config=self._PATIENT)
