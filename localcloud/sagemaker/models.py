"""CreateModel, DescribeModel, ListModels, DeleteModel."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.images import ImageCatalogue
from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters, now
from localcloud.roles import Place, RoleRefused, Roles, RoleSession
from localcloud.sagemaker.listing import page
from localcloud.sagemaker.tags import Tags
from localcloud.transfer import split_uri
from localcloud.unoffered import refuse


@dataclass(frozen=True)
class Model:
    name: str
    arn: str
    described: dict[str, Any]

    @property
    def container(self) -> Parameters:
        container: Parameters = self.described["PrimaryContainer"]
        return container

    @property
    def role_arn(self) -> str:
        role: str = self.described["ExecutionRoleArn"]
        return role

    @property
    def network_isolated(self) -> bool:
        return bool(self.described["EnableNetworkIsolation"])


class Models:
    def __init__(self, roles: Roles, images: ImageCatalogue, tags: Tags) -> None:
        self._roles = roles
        self._images = images
        self._tags = tags
        self._models: dict[str, Model] = {}
        self._lock = threading.Lock()

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        arn = place.arn("model", parameters["ModelName"])
        self._refuse_second(arn)
        refuse(parameters, ("InferenceExecutionConfig",))
        container = _container(parameters)
        role_arn = parameters.get("ExecutionRoleArn")
        if role_arn is None:
            raise ApiError("ValidationException", "ExecutionRoleArn is required to create a model.")
        if self._images.find(container["Image"]) is None:
            raise ApiError("ValidationException", f"Requested image {container['Image']} not found.")
        self._check_data(container.get("ModelDataUrl"), role_arn, place)
        model = Model(
            parameters["ModelName"],
            arn,
            {
                "ModelName": parameters["ModelName"],
                "ModelArn": arn,
                "PrimaryContainer": {"Mode": "SingleModel", **container},
                "ExecutionRoleArn": role_arn,
                "EnableNetworkIsolation": parameters.get("EnableNetworkIsolation", False),
                "CreationTime": now(),
                **({"VpcConfig": parameters["VpcConfig"]} if parameters.get("VpcConfig") else {}),
            },
        )
        with self._lock:
            self._refuse_second(arn)
            self._tags.create(arn, parameters)
            self._models[arn] = model
        return {"ModelArn": arn}

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return self.find(Place.of(caller), parameters["ModelName"]).described

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        prefix = Place.of(caller).arn("model", "")
        summaries = [
            {member: model.described[member] for member in ("ModelName", "ModelArn", "CreationTime")}
            for arn, model in list(self._models.items())
            if arn.startswith(prefix)
        ]
        return page(summaries, parameters, key="Models", name="ModelName", status=None)

    def delete(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        model = self.find(Place.of(caller), parameters["ModelName"])
        self._models.pop(model.arn, None)
        self._tags.forget(model.arn)
        return {}

    def find(self, place: Place, name: str) -> Model:
        """Raises ApiError in AWS's words when there is no such model."""
        arn = place.arn("model", name)
        model = self._models.get(arn)
        if model is None or model.name != name:
            raise ApiError("ValidationException", f'Could not find model "{arn}".')
        return model

    def _refuse_second(self, arn: str) -> None:
        if arn in self._models:
            raise ApiError("ValidationException", f'Cannot create already existing model "{arn}".')

    def _check_data(self, uri: str | None, role_arn: str, place: Place) -> None:
        """AWS looks for the model's data, as the role, before it takes the model."""
        if uri is None:
            return
        try:
            session: RoleSession | None = self._roles.assume(role_arn, place, hosting_source(place))
        except RoleRefused:
            session = None
        found = _find_object(session, uri)
        if found == "absent":
            raise ApiError("ValidationException", f"Could not find model data at {uri}.")
        if found == "refused":
            raise ApiError(
                "ValidationException",
                f'Could not access model data at {uri}. Please ensure that the role "{role_arn}" exists and that its '
                'trust relationship policy allows the action "sts:AssumeRole" for the service principal '
                '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the '
                f"object is located in {place.region}. If your Model uses multiple models or uncompressed models, "
                'please ensure that the role has "s3:ListBucket" permission.',
            )


def hosting_source(place: Place) -> str:
    """What SageMaker's hosting gives as aws:SourceArn when it takes on a role: not the endpoint, literally this."""
    return f"arn:aws:sagemaker:{place.region}:{place.account}:*"


def _container(parameters: Parameters) -> Parameters:
    containers = parameters.get("Containers") or []
    container = parameters.get("PrimaryContainer") or (containers[0] if len(containers) == 1 else None)
    if container is None:
        raise ApiError("ValidationException", "The local AWS serves models of one container: give PrimaryContainer.")
    refuse(
        container,
        ("ModelDataSource", "ModelPackageName", "MultiModelConfig", "ImageConfig", "InferenceSpecificationName"),
    )
    if container.get("Mode", "SingleModel") != "SingleModel":
        raise ApiError("ValidationException", "The local AWS serves containers of Mode SingleModel only.")
    if not container.get("Image"):
        raise ApiError("ValidationException", "The container of a model needs an Image.")
    uri = container.get("ModelDataUrl")
    if uri is not None and not uri.startswith("s3://"):
        raise ApiError("ValidationException", f"The local AWS reads ModelDataUrl from s3://, not from {uri}.")
    completed: Parameters = container
    return completed


def _find_object(session: RoleSession | None, uri: str) -> str:
    if session is None:
        return "refused"
    bucket, key = split_uri(uri)
    try:
        session.client("s3").head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        return "absent" if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404 else "refused"
    except BotoCoreError:
        return "refused"
    return "found"
