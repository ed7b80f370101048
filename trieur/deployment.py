"""What a deployment of Trieur is made of, as the Lambdas learn it from their environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field, Json

if TYPE_CHECKING:
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
    topic_arn: str = Field(default="", alias="TRIEUR_TOPIC_ARN")
    train_image: str = Field(default="", alias="TRIEUR_TRAIN_IMAGE")
    serve_image: str = Field(default="", alias="TRIEUR_SERVE_IMAGE")
    training_role_arn: str = Field(default="", alias="TRIEUR_TRAINING_ROLE_ARN")
    serving_role_arn: str = Field(default="", alias="TRIEUR_SERVING_ROLE_ARN")
    defaults: Json[dict[str, Any]] = Field(default={}, alias="TRIEUR_DEFAULTS")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Deployment":
        """Raises pydantic.ValidationError naming the variable that is missing."""
        return cls.model_validate({key: value for key, value in environment.items() if key.startswith("TRIEUR_")})


@dataclass(frozen=True)
class Clients:
    """The AWS services the pipeline speaks to."""

    s3: "S3Client"
    sagemaker: "SageMakerClient"
    stepfunctions: "SFNClient"
    sns: "SNSClient"

    @classmethod
    def connect(cls, session: boto3.Session | None = None) -> "Clients":
        session = session or boto3.Session()
        config = Config(retries={"mode": "standard", "max_attempts": 5})
        return cls(
            s3=session.client("s3", config=config),
            sagemaker=session.client("sagemaker", config=config),
            stepfunctions=session.client("stepfunctions", config=config),
            sns=session.client("sns", config=config),
        )
