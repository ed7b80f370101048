"""A container's image in ECR."""

from pathlib import Path
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as assets
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.permissions import allow
from infra.settings import ECR_IMAGE

_NOT_IN_THE_IMAGE: Final = ["**/__pycache__", "**/*.pyc", "**/.pytest_cache", "**/.mypy_cache", "**/.ruff_cache"]


class Image(Construct):
    """An image that exists already (`existing`, its URI), or one built from `folder` when the stack is deployed."""

    def __init__(self, scope: Construct, construct_id: str, *, folder: Path, existing: str | None) -> None:
        super().__init__(scope, construct_id)
        if existing is None:
            asset = assets.DockerImageAsset(
                self,
                "Asset",
                directory=str(folder),
                # SageMaker's machines are x86-64, whatever the laptop that deploys is.
                platform=assets.Platform.LINUX_AMD64,
                exclude=_NOT_IN_THE_IMAGE,
            )
            self.uri = asset.image_uri
            self._repository: ecr.IRepository = asset.repository
        else:
            found = ECR_IMAGE.fullmatch(existing)
            assert found is not None
            self.uri = existing
            self._repository = ecr.Repository.from_repository_arn(
                self,
                "Repository",
                f"arn:{Stack.of(self).partition}:ecr:{found['region']}:{found['account']}"
                f":repository/{found['repository']}",
            )

    def allow_pull(self, role: iam.Role) -> None:
        """Let `role` pull this image and no other; the token that takes has no resource, for the role to say why."""
        allow(
            role,
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[self._repository.repository_arn],
        )
        allow(role, actions=["ecr:GetAuthorizationToken"], resources=["*"])
