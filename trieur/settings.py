"""A classifier's settings: `datasets/<classifier>/classifier.json` over the deployment's defaults.

Everything has a default, so dropping a dataset alone is enough.
"""

import re
from json import JSONDecodeError
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from trieur.dataset.strict_json import PARSE_ERRORS, parse, why_not
from trieur.dataset.wording import EXCERPT_CHARACTERS, quoted

MAX_SETTINGS_BYTES: Final = 65_536

# The state machine can follow a run for 41 hours when it polls every minute: see infra/settings.py.
LONGEST_TRAINING_SECONDS: Final = 40 * 3600

Backend = Literal["camembert", "comprehend"]
BACKENDS: Final[tuple[Backend, ...]] = ("camembert", "comprehend")
BackendChoice = Literal["camembert", "comprehend", "both"]
Language = Literal["de", "en", "es", "fr", "it", "pt"]
EndpointKind = Literal["serverless", "real-time", "none"]


class SettingsRefused(Exception):
    """The settings cannot be used; the message is one sentence for people."""


class _Settings(BaseModel):
    # Strict: "3", 3.0 and true are no numbers of epochs.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _model_or_folder(base_model: str) -> str:
    if re.fullmatch(r"s3://[^/\s]+/\S+|[^\s:]+", base_model) is None:
        raise ValueError(f"{quoted(base_model)} is neither a model's name nor a folder such as s3://bucket/model/")
    return base_model


BaseModelName = Annotated[
    str,
    Field(max_length=500, description="a Hugging Face name, or s3://<artifacts bucket>/base-models/<name>/"),
    AfterValidator(_model_or_folder),
]


class SplitSettings(_Settings):
    """Fractions of the dataset; they add up to 1."""

    train: float = Field(default=0.70, gt=0, lt=1)
    validation: float = Field(default=0.15, gt=0, lt=1)
    test: float = Field(default=0.15, gt=0, lt=1)

    @model_validator(mode="after")
    def _whole(self) -> "SplitSettings":
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-9:
            raise ValueError(f"train, validation and test add up to {total:g} instead of 1")
        return self


class Hyperparameters(_Settings):
    """How the model is fine-tuned, under the names, ranges and defaults of `containers/train/README.md`, which explains
    each."""

    recipe: Literal["auto", "full", "fast", "head"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    epochs: int = Field(default=50, ge=1, le=1000)
    patience: int = Field(default=10, ge=1, le=1000)
    min_delta: float = Field(default=0.01, ge=0)
    batch_size: int = Field(default=8, ge=1, le=1024)
    gradient_accumulation_steps: int = Field(
        default=1, ge=1, le=1024, description="parts a batch is worked through in, where it does not fit the memory"
    )
    learning_rate: float | Literal["auto"] = "auto"
    warmup_ratio: float = Field(default=0.1, ge=0, lt=1)
    weight_decay: float = Field(default=0.01, ge=0, lt=1)
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    class_weights: Literal["none", "balanced"] = "none"
    # How many positions a base model has is only known where its files are: the container keeps to them.
    max_length: int = Field(default=128, ge=8, le=8192, description="tokens kept of a text")
    long_texts: Literal["truncate", "windows"] = "truncate"
    rejection_precision: float = Field(
        default=0.95, gt=0, le=1, description="asked of the answers above the rejection threshold"
    )
    checkpoint_seconds: int = Field(default=300, ge=0, le=86_400, description="between two checkpoints")
    seed: int = Field(default=13, ge=0, lt=2**32)

    @model_validator(mode="after")
    def _positive_rate(self) -> "Hyperparameters":
        if self.learning_rate != "auto" and not 0 < self.learning_rate < 1:
            raise ValueError(f"learning_rate is {self.learning_rate:g}; it lies between 0 and 1, or is auto")
        return self


class TrainingSettings(_Settings):
    """The machines a training job asks SageMaker for."""

    instance_type: str = Field(default="ml.c6i.xlarge", pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")
    instance_count: int = Field(default=1, ge=1, le=100)
    price_per_hour: float | None = Field(
        default=None, ge=0, description="US dollars of one instance; by default what the report's own list says"
    )
    max_seconds: int = Field(default=4 * 3600, ge=60, le=LONGEST_TRAINING_SECONDS)
    spot: bool = Field(default=False, description="managed spot training: cheaper, and may be interrupted and go on")
    max_wait_seconds: int | None = Field(
        default=None,
        ge=60,
        le=LONGEST_TRAINING_SECONDS,
        description="of spot, waiting and training together; by default twice max_seconds",
    )
    volume_gb: int = Field(default=30, ge=1, le=1024)

    @property
    def wait_seconds(self) -> int:
        """How long a spot training may take, the wait for machines included."""
        return self.max_wait_seconds or min(2 * self.max_seconds, LONGEST_TRAINING_SECONDS)

    @model_validator(mode="after")
    def _wait_long_enough(self) -> "TrainingSettings":
        if self.spot and self.wait_seconds < self.max_seconds:
            raise ValueError(
                f"max_wait_seconds is {self.wait_seconds:,}, less than the {self.max_seconds:,} of max_seconds,"
                " which it includes"
            )
        return self


class GateSettings(_Settings):
    """What a trained model must show on the test split before it may go live."""

    beat_majority: bool = Field(
        default=True, description="accuracy above that of always answering the most frequent label"
    )
    min_accuracy: float | None = Field(default=None, ge=0, le=1)
    min_macro_f1: float | None = Field(default=None, ge=0, le=1)


class EndpointSettings(_Settings):
    """SageMaker's endpoint. Memory and concurrency are a serverless one's, instances a real-time one's."""

    kind: EndpointKind = "serverless"
    memory_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    max_concurrency: int = Field(default=5, ge=1, le=200)
    instance_type: str = Field(default="ml.c6i.large", pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")
    instance_count: int = Field(default=1, ge=1, le=100)


class ComprehendSettings(_Settings):
    """What is asked of Amazon Comprehend. A unit of its endpoint costs money as long as it stands, used or not."""

    endpoint: Literal["none", "on-demand"] = Field(
        default="none", description="on-demand: created with each run, deleted when idle, startable again"
    )
    # One unit answers 2 documents and 100 characters a second; AWS allows 10 an endpoint.
    inference_units: int = Field(default=1, ge=1, le=10)
    idle_hours: float = Field(default=1.0, gt=0, le=8760, description="without calls, after which it is deleted")
    # AWS's pages say 10 or, older ones, 50.
    minimum_documents: int = Field(default=10, ge=1, le=1_000_000, description="of each label, to train on")


class BatchSettings(_Settings):
    """The machine a batch asks SageMaker for; Comprehend chooses its own."""

    instance_type: str = Field(default="ml.c6i.xlarge", pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")


class ClassifierSettings(_Settings):
    """All settings of one classifier."""

    backend: BackendChoice = "camembert"
    language: Language = "fr"
    mode: Literal["auto", "multi-class", "multi-label"] = "auto"
    base_model: BaseModelName = "camembert-base"
    minimum_examples: int = Field(default=10, ge=3, le=1_000_000, description="of each label")
    split: SplitSettings = SplitSettings()
    hyperparameters: Hyperparameters = Hyperparameters()
    training: TrainingSettings = TrainingSettings()
    gate: GateSettings = GateSettings()
    endpoint: EndpointSettings = EndpointSettings()
    comprehend: ComprehendSettings = ComprehendSettings()
    batch: BatchSettings = BatchSettings()

    @property
    def backends(self) -> tuple[Backend, ...]:
        """Each has its own run of a dataset."""
        return BACKENDS if self.backend == "both" else (self.backend,)


def read_settings(document: bytes | None, defaults: dict[str, Any]) -> ClassifierSettings:
    """Settings from a `classifier.json` (None when there is none), laid over the deployment's `defaults`.

    Raises SettingsRefused with one sentence that names the setting.
    """
    own = own_settings(document)
    try:
        return ClassifierSettings.model_validate(_overlaid(defaults, own))
    except ValidationError as error:
        raise SettingsRefused(f"classifier.json: {settings_sentence(error)}") from error


def own_settings(document: bytes | None) -> dict[str, Any]:
    """What a `classifier.json` says (None when there is none), unjudged. Raises SettingsRefused where it says nothing
    that can be read."""
    if document is None:
        return {}
    if len(document) > MAX_SETTINGS_BYTES:
        raise SettingsRefused(f"classifier.json has more than {MAX_SETTINGS_BYTES:,} bytes, the most that is read.")
    try:
        text = document.decode("utf-8-sig").strip(" \t\r\n")
    except UnicodeDecodeError as error:
        raise SettingsRefused(f"classifier.json is not UTF-8 at byte {error.start:,}: save it in UTF-8.") from error
    try:
        own, end = parse(text)
    except PARSE_ERRORS as error:
        where = f", at line {error.lineno}, column {error.colno}" if isinstance(error, JSONDecodeError) else ""
        raise SettingsRefused(f"classifier.json is not valid JSON: {why_not(error)}{where}.") from error
    if end < len(text):
        raise SettingsRefused(f"classifier.json goes on after its object, with {quoted(text[end : end + 20])}.")
    if not isinstance(own, dict):
        raise SettingsRefused('classifier.json must hold one JSON object, such as {"language": "fr"}.')
    return own


def settings_sentence(error: ValidationError) -> str:
    """The first problem of a pydantic error, as one sentence that names the setting and what it may be."""
    problems = [(_setting(problem["loc"]), problem) for problem in error.errors(include_url=False)]
    where, first = problems[0]
    if first["type"] == "extra_forbidden":
        return f"there is no setting named {where!r}."
    # Where a setting may be of several kinds, there is a problem with each.
    messages = [problem["msg"].removeprefix("Value error, ") for setting, problem in problems if setting == where]
    reasons = ", or ".join(f"{message[0].lower()}{message[1:]}" for message in messages)
    return f"{where + ': ' if where else ''}{reasons}."


def _setting(place: tuple[int | str, ...]) -> str:
    name = ".".join(str(part) for part in place if part != "float" and not str(part).startswith("literal["))
    return name if len(name) <= EXCERPT_CHARACTERS else f"{name[:EXCERPT_CHARACTERS]}…"


def _overlaid(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = _overlaid(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged
