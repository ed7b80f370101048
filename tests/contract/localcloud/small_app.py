"""A CDK app in the form of what it synthesises: quick to run, and any template can be put into it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PROGRAM = """
import os, pathlib, shutil
assert "CDK_CONTEXT_JSON" in os.environ
here, out = pathlib.Path(__file__).parent, pathlib.Path(os.environ["CDK_OUTDIR"])
shutil.copytree(here / "assembly", out)
print("synthesised")
"""
_BUCKET = "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"
_REPOSITORY = "cdk-hnb659fds-container-assets-${AWS::AccountId}-${AWS::Region}"


class SmallApp:
    """The folder of an app whose one stack is called Small."""

    def __init__(self, folder: Path, account: str = "unknown-account") -> None:
        self.folder = folder
        self._account = account
        self._assembly = folder / "assembly"
        self._assembly.mkdir(parents=True)
        (folder / "app.py").write_text(_PROGRAM)
        (folder / "cdk.json").write_text('{"app": "python app.py", "context": {"name": "small"}}')
        self._files: dict[str, Any] = {}
        self._images: dict[str, Any] = {}

    def add_zip(self, name: str, files: dict[str, str]) -> dict[str, Any]:
        """A folder that is published as a zip; gives the Code of a Lambda function."""
        _write(self._assembly / name, files)
        self._files[name] = _file(name, "zip", f"{name}.zip")
        return {"S3Bucket": {"Fn::Sub": _BUCKET}, "S3Key": f"{name}.zip"}

    def add_image(self, name: str, files: dict[str, str]) -> dict[str, Any]:
        """A build context; gives the image's URI as a template has it."""
        _write(self._assembly / name, files)
        destination = {"repositoryName": _REPOSITORY, "imageTag": name, "region": "eu-west-1"}
        self._images[name] = {"source": {"directory": name}, "destinations": {"here": destination}}
        return {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/" + _REPOSITORY + f":{name}"}

    def write(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> Path:
        """Makes this the app's template. Gives the app's folder."""
        values = {name: {"Value": value} for name, value in (outputs or {}).items()}
        template = {"Resources": resources, "Outputs": values}
        (self._assembly / "Small.template.json").write_text(json.dumps(template))
        files = {**self._files, "template": _file("Small.template.json", "file", "template.json")}
        assets = {"version": "1", "files": files, "dockerImages": self._images}
        (self._assembly / "Small.assets.json").write_text(json.dumps(assets))
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{self._account}/eu-west-1",
            "properties": {
                "templateFile": "Small.template.json",
                "stackTemplateAssetObjectUrl": f"s3://{_BUCKET}/template.json",
            },
            "dependencies": ["Small.assets"],
        }
        manifest = {"type": "cdk:asset-manifest", "properties": {"file": "Small.assets.json"}}
        artifacts = {"Small.assets": manifest, "Small": stack}
        (self._assembly / "manifest.json").write_text(json.dumps({"version": "1", "artifacts": artifacts}))
        return self.folder


def _file(path: str, packaging: str, key: str) -> dict[str, Any]:
    destination = {"bucketName": _BUCKET, "objectKey": key, "region": "eu-west-1"}
    return {"source": {"path": path, "packaging": packaging}, "destinations": {"here": destination}}


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
