"""What the client meets on the network: InvokeEndpoint, ClassifyDocument and GetCallerIdentity over HTTP."""

import json
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import pytest
from botocore.loaders import Loader, create_loader

CLASSES = ("HOW_ARE_YOU", "WHO_IS", "WHO_KNOWS_ABOUT")
# Of a text: the status and body with which it is refused.
Refuses = Callable[[list[str]], tuple[int, dict[str, Any]] | None]


def probabilities(text: str) -> dict[str, float]:
    """Tells texts apart: a longer one is surer to be WHO_IS."""
    sure = round(1 - 1 / (2 + len(text)), 6)
    return {"HOW_ARE_YOU": round(1 - sure, 6), "WHO_IS": sure, "WHO_KNOWS_ABOUT": 0.0}


class RuntimeDouble:
    """Answers for the endpoints named in `camembert` and `comprehend`, and notes every request's texts in `asked`.

    `refuses` may refuse a request; `troubles` are answered first, one a request.
    An answer takes `seconds`, and waits while `hold` is cleared.
    """

    def __init__(self, *, camembert: tuple[str, ...] = (), comprehend: tuple[str, ...] = ()) -> None:
        self.camembert = set(camembert)
        self.comprehend = set(comprehend)
        self.multi_label = False
        self.asked: list[tuple[str, list[str]]] = []
        self.refuses: Refuses = lambda _texts: None
        self.troubles: list[tuple[int, dict[str, Any]]] = []
        self.hold = threading.Event()
        self.hold.set()
        self.seconds = 0.0
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Otherwise the second half of every answer waits 40 ms for the first to be acknowledged.
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                status, answer, kind = double._answer(self.path, self.headers.get("x-amz-target", ""), body)
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(answer)))
                if status >= 400 and (code := json.loads(answer).get("__type")):
                    self.send_header("x-amzn-errortype", code)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_arguments: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def lead_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Has boto3 find it in the environment."""
        # An end-to-end test that came before may have left the way to its own AWS.
        for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ENDPOINT_URL", self.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        # Reading what services there are takes botocore longer than asking them.
        monkeypatch.setattr("botocore.session.create_loader", lambda _path: _service_models())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hold.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, path: str, target: str, body: bytes) -> tuple[int, bytes, str]:
        if b"GetCallerIdentity" in body:
            result = "<Arn>arn:aws:iam::123456789012:root</Arn><Account>123456789012</Account>"
            document = f"<GetCallerIdentityResponse><GetCallerIdentityResult>{result}</GetCallerIdentityResult>"
            return 200, (document + "</GetCallerIdentityResponse>").encode(), "text/xml"
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.hold.wait(10)
        time.sleep(self.seconds)
        try:
            status, answer = self._classify(body) if target else self._invoke(path.split("/")[2], body)
        finally:
            with self._lock:
                self.at_once -= 1
        return status, json.dumps(answer).encode(), "application/json"

    def _trouble(self, texts: list[str]) -> tuple[int, dict[str, Any]] | None:
        with self._lock:
            if self.troubles:
                return self.troubles.pop(0)
        return self.refuses(texts)

    def _invoke(self, endpoint: str, body: bytes) -> tuple[int, Any]:
        texts = json.loads(body)["texts"]
        self.asked.append((endpoint, texts))
        if endpoint not in self.camembert:
            return 400, aws_error("ValidationError", f"Endpoint {endpoint} of account 123456789012 not found.")
        if trouble := self._trouble(texts):
            return trouble
        return 200, [
            [
                {"Class": name, "Probability": probability}
                for name, probability in sorted(probabilities(text).items(), key=lambda pair: -pair[1])
            ]
            for text in texts
        ]

    def _classify(self, body: bytes) -> tuple[int, Any]:
        request = json.loads(body)
        place, _, endpoint = request["EndpointArn"].rpartition("/")
        self.asked.append((request["EndpointArn"], [request["Text"]]))
        if place != "arn:aws:comprehend:eu-west-1:123456789012:document-classifier-endpoint":
            return 400, aws_error("InvalidRequestException", f"{place} is no place for an endpoint.")
        if endpoint not in self.comprehend:
            return 400, aws_error("ResourceUnavailableException", "The endpoint is not available.")
        if trouble := self._trouble([request["Text"]]):
            return trouble
        scores = [{"Name": name, "Score": score} for name, score in probabilities(request["Text"]).items()]
        return 200, {"Labels" if self.multi_label else "Classes": scores}


@cache
def _service_models() -> Loader:
    return create_loader()


def aws_error(code: str, message: str, **more: Any) -> dict[str, Any]:
    return {"__type": code, "Message": message, "message": message, **more}


def container_error(status: int, sentence: str) -> tuple[int, dict[str, Any]]:
    """What SageMaker makes of the container's own error."""
    said = json.dumps({"error": sentence, "request_id": "1"})
    return 424, aws_error("ModelError", "Received an error.", OriginalStatusCode=status, OriginalMessage=said)
