"""What the tests do with transform jobs, and a container to transform with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.contract.localcloud.account import BUCKET, Account, archive, until

GROUP = "/aws/sagemaker/TransformJobs"

# Gives every line back in capitals; some lines are orders.
LOUD = """
import http.server, json, os, pathlib, sys, threading, time
assert sys.argv[1] == "serve"
model = pathlib.Path(os.environ["OPT_ML"]) / "model"
meeting, seen = threading.Barrier(2), set()
says = model / "says.txt"
if says.exists() and says.read_text() == "dead": sys.exit(1)
print("environment", json.dumps({k: v for k, v in os.environ.items() if k.startswith(("SAGEMAKER_", "COLOUR"))}))
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        wishes = model / "parameters.json"
        if self.path == "/ping": self.answer(200)
        elif wishes.exists(): self.answer(200, wishes.read_bytes())
        else: self.answer(404)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        kinds = [self.headers.get("content-type"), self.headers.get("accept")]
        print("asked", body.count(b"\\n"), len(body), *kinds, flush=True)
        lines = body.split(b"\\n")
        if b"refuse" in lines: return self.answer(400, b"no such\\ntext")
        if b"break" in lines: return self.answer(500, b"broken")
        if b"flaky" in lines and body not in seen: seen.add(body); return self.answer(503, b"later")
        if b"die" in lines: os._exit(9)
        if b"sleep" in lines: print("asleep", flush=True); time.sleep(600)
        if b"meet" in lines: meeting.wait(30)
        self.answer(200, body.upper())
    def log_message(self, *arguments): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


class Transforms:
    """What the tests do with transform jobs in an account."""

    def __init__(self, account: Account, folder: Path, image: str | None = None) -> None:
        self.account = account
        self.sagemaker = account.sagemaker
        self.image = image or account.image(folder, "loud", LOUD)
        self.model("loud")

    def model(self, name: str, says: str = "hello", wishes: Any = None, **changes: Any) -> str:
        files = {"says.txt": says, **({} if wishes is None else {"parameters.json": json.dumps(wishes)})}
        data = self.account.put(f"transform-models/{name}.tar.gz", archive(files))
        return self.account.model(name, says, PrimaryContainer={"Image": self.image, "ModelDataUrl": data}, **changes)

    def request(self, name: str, **changes: Any) -> dict[str, Any]:
        """input and output change members of TransformInput and TransformOutput, the rest members of the request."""
        data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/in/"}}
        return {
            "TransformJobName": name,
            "ModelName": "loud",
            "TransformInput": {"DataSource": data, "SplitType": "Line", **changes.pop("input", {})},
            "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/{name}/out", **changes.pop("output", {})},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **changes,
        }

    def run(self, name: str, files: dict[str, bytes], **changes: Any) -> dict[str, Any]:
        """The description of a job once it has ended."""
        for key, content in files.items():
            self.account.put(f"{name}/in/{key}", content)
        self.sagemaker.create_transform_job(**self.request(name, **changes))
        return self.ended(name)

    def ended(self, name: str) -> dict[str, Any]:
        return until(
            lambda: self.sagemaker.describe_transform_job(TransformJobName=name),
            lambda job: job["TransformJobStatus"] in ("Completed", "Failed", "Stopped"),
        )

    def results(self, name: str) -> dict[str, bytes]:
        listed = self.account.s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{name}/out/").get("Contents", [])
        return {
            entry["Key"].removeprefix(f"{name}/out/"): self.account.s3.get_object(Bucket=BUCKET, Key=entry["Key"])[
                "Body"
            ].read()
            for entry in listed
        }

    def said(self, name: str) -> list[str]:
        """What the container printed, then what SageMaker says of the data, without its moments."""
        lines = self.account.log_lines(GROUP, f"{name}/")
        return [line.partition("[sagemaker logs]: ")[2] or line for line in lines]

    def asked(self, name: str) -> list[str]:
        """The requests the container was sent: lines, bytes, content type, accept."""
        return [line.removeprefix("asked ") for line in self.said(name) if line.startswith("asked ")]

    def model_of_role(self, name: str, statements: list[dict[str, Any]]) -> str:
        """A model whose role has those grants alone."""
        return self.model(name, ExecutionRoleArn=self.account.new_role(name, statements))
