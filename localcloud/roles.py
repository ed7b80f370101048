"""Acting as an IAM role, the way an AWS service does for the jobs it runs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from localcloud.images import Image
from localcloud.ministack import (
    Caller,
    Credentials,
    Denied,
    check_permission,
    open_role_session,
    role_trusts_service,
)

SAGEMAKER = "sagemaker.amazonaws.com"
COMPREHEND = "comprehend.amazonaws.com"


@dataclass(frozen=True)
class Place:
    """An account's region, where resources are."""

    account: str
    region: str

    @classmethod
    def of(cls, caller: Caller) -> Place:
        return cls(caller.account, caller.region)

    def arn(self, kind: str, name: str) -> str:
        """A resource of SageMaker, which writes names in lower case in its ARNs, whatever their case elsewhere."""
        return self.arn_of("sagemaker", f"{kind}/{name.lower()}")

    def arn_of(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


class RoleRefused(Exception):
    """The role does not exist, or its trust policy does not let the service take it on."""

    def __init__(self, role_arn: str) -> None:
        super().__init__(role_arn)
        self.role_arn = role_arn


class ClientFactory:
    """Makes boto3 clients of this local AWS. One session for all: it reads each service's model once."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url
        self._session = boto3.Session()
        # A session may be used by one thread at a time, the clients it makes by several.
        self._lock = threading.Lock()

    def make(self, service: str, region: str, credentials: Credentials) -> Any:
        config = Config(retries={"total_max_attempts": 3, "mode": "standard"}, proxies={})
        make: Any = self._session.client
        with self._lock:
            return make(
                service,
                region_name=region,
                endpoint_url=self._endpoint_url,
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key,
                aws_session_token=credentials.session_token,
                config=config,
            )


class RoleSession:
    """Temporary credentials of a role and what can be done with them against this local AWS."""

    def __init__(self, role_arn: str, place: Place, credentials: Credentials, clients: ClientFactory) -> None:
        self.role_arn = role_arn
        self.place = place
        self._credentials = credentials
        self._clients = clients

    def client(self, service: str) -> Any:
        """A boto3 client that acts as the role. Many AWS services, one address, hence Any."""
        return self._clients.make(service, self.place.region, self._credentials)

    def refusal(self, action: str, resource: str) -> Denied | None:
        return check_permission(self._credentials.access_key_id, action, resource, self.place.region, {})

    def may_pull(self, image: Image) -> bool:
        """Whether the role may pull that image from its ECR repository."""
        parts = image.uri.partition("/")[0].split(".")
        if len(parts) < 4 or parts[1:3] != ["dkr", "ecr"]:
            return True
        repository = f"arn:aws:ecr:{parts[3]}:{parts[0]}:repository/{image.repository}"
        needed = [
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:BatchGetImage", repository),
            ("ecr:GetDownloadUrlForLayer", repository),
        ]
        return all(self.refusal(action, resource) is None for action, resource in needed)


class Roles:
    """Takes on roles for one service, whose sessions bear its name."""

    def __init__(self, endpoint_url: str, principal: str, name: str) -> None:
        self._clients = ClientFactory(endpoint_url)
        self._principal = principal
        self._name = name

    def assume(self, role_arn: str, place: Place, source_arn: str) -> RoleSession:
        """Raises RoleRefused when the service may not take on the role for the resource source_arn."""
        if not role_trusts_service(role_arn, self._principal, place.account, place.region, source_arn):
            raise RoleRefused(role_arn)
        credentials = open_role_session(role_arn, place.account, self._name)
        return RoleSession(role_arn, place, credentials, self._clients)
