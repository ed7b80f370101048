"""Runs a CDK app and reads the cloud assembly it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.state import LocalCloudError

_MINUTES = 5
_LINES = 30


@dataclass(frozen=True)
class FileAsset:
    """A file or folder that belongs into a bucket, as it is or as a zip archive."""

    path: Path
    as_zip: bool
    bucket: str
    key: str


@dataclass(frozen=True)
class ImageAsset:
    """A build context whose image belongs into an ECR repository."""

    folder: Path
    dockerfile: str
    build_arguments: Mapping[str, str]
    repository: str
    tag: str
    name: str


@dataclass(frozen=True)
class Stack:
    """A stack and the address of its published template."""

    name: str
    template_url: str


@dataclass(frozen=True)
class Assembly:
    """What an app synthesised, for one account."""

    folder: Path
    default_account: str
    default_region: str

    def stacks(self) -> list[Stack]:
        """The stacks, those that others depend on first."""
        artifacts = self._artifacts()
        stacks = {
            name: artifact for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"
        }
        ordered: list[str] = []

        def place(name: str) -> None:
            for needed in stacks[name].get("dependencies", []):
                if needed in stacks and needed not in ordered:
                    place(needed)
            if name not in ordered:
                ordered.append(name)

        for name in stacks:
            place(name)
        return [self._stack(name, stacks[name]["properties"]) for name in ordered]

    def account(self) -> str:
        """Whose the stacks are: the account the app names, or the default. Raises LocalCloudError for several."""
        return self._named("account", 2, "unknown-account") or self.default_account

    def region(self) -> str:
        """Where the stacks go: the region the app names, or the default. Raises LocalCloudError for several."""
        return self._named("region", 3, "unknown-region") or self.default_region

    def _named(self, what: str, part: int, unknown: str) -> str | None:
        """That part of the stacks' environment, `aws://<account>/<region>`; None when the app leaves it open."""
        named = {
            artifact["environment"].split("/")[part]
            for artifact in self._artifacts().values()
            if artifact["type"] == "aws:cloudformation:stack"
        } - {unknown}
        if len(named) > 1:
            raise LocalCloudError(
                f"The app's stacks are for {' and '.join(sorted(named))}: one {what} can be had here."
            )
        return next(iter(named), None)

    def files(self) -> list[FileAsset]:
        return [
            FileAsset(
                self.folder / source["path"],
                source.get("packaging", "file") == "zip",
                self._filled(destination["bucketName"]),
                self._filled(destination["objectKey"]),
            )
            for manifest in self._asset_manifests()
            for asset in manifest.get("files", {}).values()
            for source in [asset["source"]]
            for destination in asset["destinations"].values()
        ]

    def images(self) -> list[ImageAsset]:
        return [
            ImageAsset(
                self.folder / source["directory"],
                source.get("dockerFile", "Dockerfile"),
                source.get("dockerBuildArgs", {}),
                self._filled(destination["repositoryName"]),
                self._filled(destination["imageTag"]),
                asset.get("displayName", source["directory"]).partition("/")[0],
            )
            for manifest in self._asset_manifests()
            for asset in manifest.get("dockerImages", {}).values()
            for source in [asset["source"]]
            for destination in asset["destinations"].values()
        ]

    def _stack(self, artifact: str, properties: Mapping[str, Any]) -> Stack:
        template = self._filled(properties["stackTemplateAssetObjectUrl"]).removeprefix("s3://")
        name = properties.get("stackName", artifact)
        return Stack(name, f"https://s3.{self.region()}.amazonaws.com/{template}")

    def _filled(self, text: str) -> str:
        for placeholder, value in (
            ("${AWS::AccountId}", self.account()),
            ("${AWS::Region}", self.region()),
            ("${AWS::Partition}", "aws"),
        ):
            text = text.replace(placeholder, value)
        return text

    def _artifacts(self) -> dict[str, Any]:
        artifacts: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())["artifacts"]
        return artifacts

    def _asset_manifests(self) -> list[dict[str, Any]]:
        return [
            json.loads((self.folder / artifact["properties"]["file"]).read_text())
            for artifact in self._artifacts().values()
            if artifact["type"] == "cdk:asset-manifest"
        ]


def synthesise(
    app: Path, outdir: Path, *, default_account: str, default_region: str, temporary: Path, log: Path
) -> Assembly:
    """Runs the app.py of that folder, with the context of its cdk.json, as `cdk synth` would without a Node of its own.

    Raises LocalCloudError with the end of what the app printed when it does not synthesise.
    """
    program = app / "app.py"
    if not program.is_file():
        raise LocalCloudError(f"There is no CDK app at {program}.")
    try:
        context = json.loads((app / "cdk.json").read_text()).get("context", {})
    except (OSError, ValueError) as error:
        raise LocalCloudError(f"{app / 'cdk.json'} cannot be read: {error}.") from None
    # The venv carries a Node: it comes first, whatever the PATH holds.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {
        **os.environ,
        "PATH": path,
        "TMPDIR": str(temporary),
        "CDK_OUTDIR": str(outdir),
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_DEFAULT_REGION": default_region,
    }
    try:
        with log.open("wb") as output:
            code = subprocess.run(
                [sys.executable, program.name],
                cwd=app,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_MINUTES * 60,
                check=False,
            ).returncode
    except subprocess.TimeoutExpired:
        raise LocalCloudError(f"The CDK app {program} did not synthesise within {_MINUTES} minutes.") from None
    if code != 0 or not (outdir / "manifest.json").is_file():
        said = "\n".join(log.read_text(errors="replace").splitlines()[-_LINES:])
        raise LocalCloudError(f"The CDK app {program} does not synthesise (exit code {code}). It said:\n{said}")
    return Assembly(outdir, default_account, default_region)
