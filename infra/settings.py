"""The settings of a deployment: the object `trieur` in the context of cdk.json.

Each can be overridden on the command line, nested ones with a dot: `-c trieur:region=eu-central-1`,
`-c trieur:endpoint.kind=real-time`. What is said here about training and endpoints is the default of every
classifier, under the same names as in its `classifier.json`.
"""

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from infra.regions import has_comprehend, regions_with_comprehend
from trieur import names
from trieur.settings import (
    BackendChoice,
    BaseModelName,
    BatchSettings,
    ComprehendSettings,
    EndpointSettings,
    SettingsRefused,
    TrainingSettings,
    settings_sentence,
)

CONTEXT_KEY: Final = "trieur"

# An execution's history holds 25,000 events and a turn of its polling loops costs 9: Wait 2, Task 5, Choice 2.
# 2,500 turns leave room for everything around the loops.
MAX_TURNS: Final = 2_500

ECR_IMAGE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/"
    r"(?P<repository>[a-z0-9]+(?:[._/-][a-z0-9]+)*)(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})"
)


_KMS_KEY: Final = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[A-Za-z0-9-]+")


class Settings(BaseModel):
    """What a deployment can choose."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    name: str = Field(default="trieur", description="begins the name of everything deployed")
    region: str = "eu-west-1"
    account: str | None = Field(default=None, description="12 digits; by default that of the credentials at deployment")
    backend: BackendChoice = "camembert"
    base_model: BaseModelName = "camembert-base"
    training: TrainingSettings = TrainingSettings()
    endpoint: EndpointSettings = EndpointSettings()
    comprehend: ComprehendSettings = ComprehendSettings()
    comprehend_kms_key: str | None = Field(
        default=None, description="ARN of the KMS key for what Comprehend keeps; by default a key of AWS's own"
    )
    batch: BatchSettings = BatchSettings()
    polling_minutes: int = Field(default=2, ge=1, le=60)
    outcomes_email: str | None = Field(default=None, description="address that is told how each run ended")
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 731, 1827, 3653] = 90
    train_image: str | None = Field(default=None, description="ECR image; by default built from containers/train")
    serve_image: str | None = Field(default=None, description="ECR image; by default built from containers/serve")
    retain_data: bool = Field(default=True, description="keep the buckets when the stack is deleted")
    # Layer versions published for python314 arm64; 37 is the one Powertools' installation page names for all runtimes.
    powertools_layer_version: int = Field(default=37, ge=1)

    @field_validator("name")
    @classmethod
    def _deployment_name(cls, name: str) -> str:
        if len(name) > names.DEPLOYMENT_MAX_LENGTH or re.fullmatch(names.DEPLOYMENT_PATTERN, name) is None:
            raise ValueError(
                f"{name!r} must be at most {names.DEPLOYMENT_MAX_LENGTH} lowercase letters, digits and single hyphens"
                " between them, and begin with a letter"
            )
        return name

    @field_validator("region")
    @classmethod
    def _region(cls, region: str) -> str:
        if re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", region) is None:
            raise ValueError(f"{region!r} is not the name of an AWS region, such as eu-west-1")
        return region

    @field_validator("account")
    @classmethod
    def _account(cls, account: str | None) -> str | None:
        if account is not None and re.fullmatch(r"\d{12}", account) is None:
            raise ValueError(f"{account!r} is not an AWS account number, which has 12 digits")
        return account

    @field_validator("backend")
    @classmethod
    def _backend_is_there(cls, backend: BackendChoice, info: ValidationInfo) -> BackendChoice:
        region = info.data.get("region")
        if backend != "camembert" and region is not None and not has_comprehend(region):
            raise ValueError(
                f"{backend!r} needs Amazon Comprehend, which is not in {region} but in"
                f" {', '.join(regions_with_comprehend(region))}"
            )
        return backend

    @field_validator("comprehend_kms_key")
    @classmethod
    def _kms_key(cls, key: str | None, info: ValidationInfo) -> str | None:
        if key is None:
            return None
        region = info.data.get("region", "eu-west-1")
        found = _KMS_KEY.fullmatch(key)
        if found is None:
            raise ValueError(
                f"{key!r} is not the ARN of a KMS key (an alias will not do), such as"
                f" arn:aws:kms:{region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
            )
        if found["region"] != region:
            raise ValueError(f"{key!r} is in {found['region']}, and Comprehend in {region} takes keys of {region} only")
        return key

    @field_validator("outcomes_email")
    @classmethod
    def _email(cls, email: str | None) -> str | None:
        if email is not None and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email) is None:
            raise ValueError(f"{email!r} is not an e-mail address")
        return email

    @field_validator("train_image", "serve_image")
    @classmethod
    def _ecr_image(cls, image: str | None) -> str | None:
        if image is not None and ECR_IMAGE.fullmatch(image) is None:
            raise ValueError(
                f"{image!r} is not an ECR image with a tag or digest, such as"
                " 123456789012.dkr.ecr.eu-west-1.amazonaws.com/trieur-train:1"
            )
        return image

    @property
    def stack_name(self) -> str:
        return self.name.capitalize()

    @property
    def has_comprehend(self) -> bool:
        """Whether the region has Amazon Comprehend."""
        return has_comprehend(self.region)

    @property
    def execution_seconds(self) -> int:
        """How long an execution may poll before its history is full."""
        return MAX_TURNS * self.polling_minutes * 60

    def classifier_defaults(self) -> dict[str, Any]:
        """What lies under every classifier's own settings."""
        return self.model_dump(include={"backend", "base_model", "training", "endpoint", "comprehend", "batch"})


def read_context(environment: Mapping[str, str], cdk_json: Path) -> dict[str, Any]:
    """The context the CDK command line hands over, or that of `cdk_json` when the app is run without it."""
    handed_over = environment.get("CDK_CONTEXT_JSON")
    if handed_over is not None:
        context: dict[str, Any] = json.loads(handed_over)
        return context
    try:
        document = json.loads(cdk_json.read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsRefused(f"{cdk_json.name} is not JSON: {error}.") from error
    return dict(document.get("context", {}))


def read_settings(context: Mapping[str, Any]) -> Settings:
    """Settings from a CDK context. Raises SettingsRefused with one sentence that names the setting."""
    document = copy.deepcopy(context.get(CONTEXT_KEY, {}))
    if not isinstance(document, dict):
        raise SettingsRefused(f"The context {CONTEXT_KEY!r} in cdk.json must be an object of settings.")
    prefix = f"{CONTEXT_KEY}:"
    for key, value in context.items():
        if key.startswith(prefix):
            _override(document, key.removeprefix(prefix), value)
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise SettingsRefused(f"Settings of the deployment: {settings_sentence(error)}") from error


def _override(document: dict[str, Any], setting: str, value: object) -> None:
    *groups, field = setting.split(".")
    for group in groups:
        document = document.setdefault(group, {})
        if not isinstance(document, dict):
            raise SettingsRefused(f"Settings of the deployment: there is no setting named {setting!r}.")
    if groups and value in ("true", "false"):
        document[field] = value == "true"
    else:
        document[field] = _number(value) if isinstance(value, str) else value


def _number(value: str) -> str | int | float:
    """The command line only knows strings, which neither a choice of numbers nor a classifier's settings take."""
    if re.fullmatch(r"0|[1-9]\d{0,9}", value):
        return int(value)
    return float(value) if re.fullmatch(r"(0|[1-9]\d{0,9})\.\d{1,9}", value) else value
