"""CreateEndpointConfig, DescribeEndpointConfig, ListEndpointConfigs, DeleteEndpointConfig."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from localcloud.ministack import Caller
from localcloud.protocol import ApiError, Parameters, now
from localcloud.roles import Place
from localcloud.sagemaker.listing import page
from localcloud.sagemaker.models import Models
from localcloud.sagemaker.tags import Tags
from localcloud.unoffered import refuse

_MEMORY_SIZES = (1024, 2048, 3072, 4096, 5120, 6144)
_UNOFFERED = (
    "AsyncInferenceConfig",
    "DataCaptureConfig",
    "ExplainerConfig",
    "MetricsConfig",
    "ShadowProductionVariants",
)


@dataclass(frozen=True)
class EndpointConfig:
    name: str
    arn: str
    described: dict[str, Any]

    @property
    def variant(self) -> Parameters:
        variant: Parameters = self.described["ProductionVariants"][0]
        return variant

    @property
    def serverless(self) -> bool:
        return "ServerlessConfig" in self.variant


class EndpointConfigs:
    def __init__(self, models: Models, tags: Tags) -> None:
        self._models = models
        self._tags = tags
        self._configs: dict[str, EndpointConfig] = {}
        self._lock = threading.Lock()

    def create(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        place = Place.of(caller)
        name = parameters["EndpointConfigName"]
        arn = place.arn("endpoint-config", name)
        self._refuse_second(arn)
        refuse(parameters, _UNOFFERED)
        variants = parameters["ProductionVariants"]
        if len(variants) != 1:
            raise ApiError("ValidationException", "The local AWS serves one production variant an endpoint.")
        variant = {"InitialVariantWeight": 1.0, **variants[0]}
        self._check(variant, place, parameters)
        described = {
            "EndpointConfigName": name,
            "EndpointConfigArn": arn,
            "ProductionVariants": [variant],
            "CreationTime": now(),
            "EnableNetworkIsolation": parameters.get("EnableNetworkIsolation", False),
        }
        if parameters.get("KmsKeyId"):
            described["KmsKeyId"] = parameters["KmsKeyId"]
        with self._lock:
            self._refuse_second(arn)
            self._tags.create(arn, parameters)
            self._configs[arn] = EndpointConfig(name, arn, described)
        return {"EndpointConfigArn": arn}

    def describe(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        return self.find(Place.of(caller), parameters["EndpointConfigName"]).described

    def list(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        prefix = Place.of(caller).arn("endpoint-config", "")
        summaries = [
            {member: config.described[member] for member in ("EndpointConfigName", "EndpointConfigArn", "CreationTime")}
            for arn, config in list(self._configs.items())
            if arn.startswith(prefix)
        ]
        return page(summaries, parameters, key="EndpointConfigs", name="EndpointConfigName", status=None)

    def delete(self, caller: Caller, parameters: Parameters) -> dict[str, Any]:
        config = self.find(Place.of(caller), parameters["EndpointConfigName"])
        self._configs.pop(config.arn, None)
        self._tags.forget(config.arn)
        return {}

    def find(self, place: Place, name: str) -> EndpointConfig:
        """Raises ApiError in AWS's words when there is no such endpoint configuration."""
        arn = place.arn("endpoint-config", name)
        config = self._configs.get(arn)
        if config is None or config.name != name:
            raise ApiError("ValidationException", f'Could not find endpoint configuration "{arn}".')
        return config

    def _refuse_second(self, arn: str) -> None:
        if arn in self._configs:
            raise ApiError("ValidationException", f'Cannot create already existing endpoint configuration "{arn}".')

    def _check(self, variant: Parameters, place: Place, parameters: Parameters) -> None:
        if not variant.get("ModelName"):
            raise ApiError("ValidationException", "The local AWS serves variants of a model: give ModelName.")
        model = self._models.find(place, variant["ModelName"])
        serverless = variant.get("ServerlessConfig")
        if serverless is None:
            for member in ("InstanceType", "InitialInstanceCount"):
                if member not in variant:
                    raise ApiError(
                        "ValidationException", f"{member} is required for a variant without ServerlessConfig."
                    )
            return
        given = [member for member in ("InstanceType", "InitialInstanceCount") if member in variant]
        if given:
            raise ApiError("ValidationException", f"{' and '.join(given)} cannot be given with ServerlessConfig.")
        if serverless["MemorySizeInMB"] not in _MEMORY_SIZES:
            raise ApiError(
                "ValidationException",
                f"1 validation error detected: Value '{serverless['MemorySizeInMB']}' at "
                "'productionVariants.1.member.serverlessConfig.memorySizeInMB' failed to satisfy constraint: Member "
                f"must satisfy enum value set: [{', '.join(map(str, _MEMORY_SIZES))}]",
            )
        if model.network_isolated or parameters.get("EnableNetworkIsolation"):
            raise ApiError("ValidationException", "Network isolation is not supported for serverless inference.")
        if model.described.get("VpcConfig"):
            raise ApiError("ValidationException", "VPC configuration is not supported for serverless inference.")
