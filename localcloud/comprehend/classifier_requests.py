"""What Comprehend refuses in a request to create a document classifier, beyond what its model says."""

from __future__ import annotations

from localcloud.comprehend.refusals import invalid
from localcloud.ministack import kms_key_is_enabled
from localcloud.protocol import ApiError, Parameters
from localcloud.roles import Place
from localcloud.unoffered import refuse

_LANGUAGES = ("de", "en", "es", "fr", "it", "pt")
_MOST_MANIFESTS = 5
_MOST_ATTRIBUTES = 5


def check_request(parameters: Parameters, place: Place) -> None:
    """Raises ApiError."""
    language = parameters["LanguageCode"]
    if language not in _LANGUAGES:
        raise ApiError(
            "UnsupportedLanguageException",
            f"The language {language} is not supported for custom classification. Supported are: "
            f"{', '.join(_LANGUAGES)}.",
        )
    refuse(parameters, ("ModelPolicy",), "InvalidRequestException")
    output = parameters.get("OutputDataConfig") or {}
    refuse(output, ("FlywheelStatsS3Prefix",), "InvalidRequestException")
    _check_input(parameters["InputDataConfig"])
    check_keys((parameters.get("VolumeKmsKeyId"), parameters.get("ModelKmsKeyId"), output.get("KmsKeyId")), place)


def check_keys(keys: tuple[str | None, ...], place: Place) -> None:
    """Raises ApiError when one of the KMS keys cannot be used."""
    for key in keys:
        if key is not None and not kms_key_is_enabled(key, place.account, place.region):
            raise ApiError("KmsKeyValidationException", f"The KMS key {key} does not exist or is not enabled.")


def _check_input(config: Parameters) -> None:
    refuse(config, ("Documents", "DocumentReaderConfig"), "InvalidRequestException")
    if config.get("DocumentType", "PLAIN_TEXT_DOCUMENT") != "PLAIN_TEXT_DOCUMENT":
        raise invalid("The local AWS trains plain-text models only.")
    manifests = config.get("AugmentedManifests") or []
    if config.get("DataFormat", "COMPREHEND_CSV") == "COMPREHEND_CSV":
        if not config.get("S3Uri"):
            raise invalid("S3Uri is required when DataFormat is COMPREHEND_CSV.")
        if manifests:
            raise invalid("AugmentedManifests cannot be given when DataFormat is COMPREHEND_CSV.")
        return
    if not manifests:
        raise invalid("AugmentedManifests is required when DataFormat is AUGMENTED_MANIFEST.")
    if config.get("S3Uri") or config.get("TestS3Uri"):
        raise invalid("S3Uri and TestS3Uri cannot be given when DataFormat is AUGMENTED_MANIFEST.")
    _check_manifests(manifests)


def _check_manifests(manifests: list[Parameters]) -> None:
    if len(manifests) > _MOST_MANIFESTS:
        raise invalid(f"At most {_MOST_MANIFESTS} augmented manifests can be given, these are {len(manifests)}.")
    if all(manifest.get("Split") == "TEST" for manifest in manifests):
        raise invalid("At least one augmented manifest must be for training.")
    for manifest in manifests:
        refuse(manifest, ("AnnotationDataS3Uri", "SourceDocumentsS3Uri"), "InvalidRequestException")
        if manifest.get("DocumentType", "PLAIN_TEXT_DOCUMENT") != "PLAIN_TEXT_DOCUMENT":
            raise invalid("The local AWS trains plain-text models only.")
        if not 1 <= len(manifest["AttributeNames"]) <= _MOST_ATTRIBUTES:
            raise invalid(f"An augmented manifest has from 1 to {_MOST_ATTRIBUTES} AttributeNames.")
