"""What keeps an answer away, as a kind of error and a sentence with its remedy."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.runtime_double import RuntimeDouble, aws_error, container_error
from trieur.client import (
    AccessRefused,
    Classifier,
    ClassifierError,
    EndpointFailed,
    NotReady,
    TextRefused,
    Throttled,
    Unreachable,
)
from trieur.client.aws_errors import connection_error


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        pytest.param(
            (400, aws_error("AccessDeniedException", "no identity-based policy allows it")),
            AccessRefused,
            "You may not ask trieur-questions: no identity-based policy allows it. It needs the permission"
            " sagemaker:InvokeEndpoint on endpoint/trieur-questions.",
            id="permission",
        ),
        pytest.param(
            (403, aws_error("ExpiredTokenException", "expired")),
            AccessRefused,
            "AWS refuses these credentials (ExpiredTokenException): run `aws configure`, or set AWS_PROFILE, or"
            " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
            id="credentials",
        ),
        pytest.param(
            (429, aws_error("ModelNotReadyException", "Not yet.")),
            NotReady,
            "trieur-questions is starting: ask again in a minute. It was tried for 0 s.",
            id="starting",
        ),
        pytest.param(
            container_error(503, "256 requests wait."),
            Throttled,
            "trieur-questions is asked faster than it answers: 256 requests wait. It was tried for 0 s.",
            id="full",
        ),
        pytest.param(
            container_error(500, "It broke."),
            EndpointFailed,
            "The container of trieur-questions failed (500): It broke. Its log group is"
            " /aws/sagemaker/Endpoints/trieur-questions.",
            id="container",
        ),
        pytest.param(
            (424, aws_error("ModelError", "", OriginalStatusCode=500, OriginalMessage="Traceback")),
            EndpointFailed,
            "The container of trieur-questions failed (500): Traceback. Its log group is"
            " /aws/sagemaker/Endpoints/trieur-questions.",
            id="somebody else's container",
        ),
        pytest.param(
            container_error(0, "timed out"),
            TextRefused,
            "trieur-questions took longer than the 60 seconds that SageMaker waits: shorten the text.",
            id="too slow",
        ),
        pytest.param(
            (400, aws_error("ValidationError", "Value at 'body' is too long.")),
            TextRefused,
            "trieur-questions does not take it: Value at 'body' is too long.",
            id="too large",
        ),
        pytest.param(
            (400, aws_error("InternalDependencyException", "Contact customer support.")),
            EndpointFailed,
            "trieur-questions did not answer: Contact customer support (InternalDependencyException).",
            id="amazon",
        ),
        pytest.param(
            (200, {"predictions": []}),
            EndpointFailed,
            "The endpoint's answer is not a prediction: b'{\"predictions\": []}'. Is trieur-questions an endpoint of"
            " Trieur's?",
            id="no prediction",
        ),
        pytest.param(
            (200, [[{"Class": "A", "Probability": 1}]] * 2),
            EndpointFailed,
            "trieur-questions answered 2 predictions to 1 texts.",
            id="too many predictions",
        ),
    ],
)
def test_of_sagemaker(
    double: RuntimeDouble, answer: tuple[int, Any], kind: type[ClassifierError], sentence: str
) -> None:
    double.refuses = lambda _texts: answer

    with pytest.raises(kind) as raised:
        Classifier("questions", backend="camembert", patience=0).predict("Qui est-ce ?")
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        pytest.param(
            (400, aws_error("AccessDeniedException", "not authorized")),
            AccessRefused,
            "comprehend:ClassifyDocument on document-classifier-endpoint/trieur-questions.",
            id="permission",
        ),
        pytest.param(
            (400, aws_error("InvalidRequestException", "No such language")),
            TextRefused,
            "Comprehend does not take it: No such language.",
            id="refused",
        ),
        pytest.param((200, {"Classes": []}), TextRefused, "trieur-questions names no class for it.", id="no class"),
        pytest.param((200, {"Sentiment": "FINE"}), EndpointFailed, "is not a prediction", id="no prediction"),
    ],
)
def test_of_comprehend(
    double: RuntimeDouble, answer: tuple[int, Any], kind: type[ClassifierError], sentence: str
) -> None:
    double.comprehend = {"trieur-questions"}
    double.refuses = lambda _texts: answer

    with pytest.raises(kind) as raised:
        Classifier("questions", backend="comprehend", patience=0).predict("Qui est-ce ?")
    assert str(raised.value).endswith(sentence) or sentence in str(raised.value)


def test_an_endpoint_one_may_not_ask_does_not_hide_the_other(double: RuntimeDouble) -> None:
    double.comprehend = {"trieur-questions"}
    double.troubles = [(400, aws_error("AccessDeniedException", "not authorized"))]

    assert Classifier("questions").predict("Qui est-ce ?").backend == "comprehend"

    double.comprehend = set()
    double.troubles = [(400, aws_error("AccessDeniedException", "not authorized"))]
    with pytest.raises(AccessRefused, match="You may not ask trieur-questions"):
        Classifier("questions").predict("Qui est-ce ?")


@pytest.mark.usefixtures("double")
def test_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")

    with pytest.raises(Unreachable, match="No AWS region is set: set AWS_DEFAULT_REGION"):
        Classifier("questions").predict("Qui est-ce ?")


@pytest.mark.usefixtures("double")
def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(AccessRefused, match="No usable AWS credentials were found: run `aws configure`"):
        Classifier("questions").predict("Qui est-ce ?")


@pytest.mark.usefixtures("double")
def test_an_address_that_is_none() -> None:
    with pytest.raises(Unreachable, match="AWS cannot be asked: Invalid endpoint: nowhere"):
        Classifier("questions", endpoint_url="nowhere").predict("Qui est-ce ?")


def test_a_network_that_is_down() -> None:
    error = connection_error(EndpointConnectionError(endpoint_url="https://runtime.sagemaker"))
    assert isinstance(error, Unreachable)
    assert str(error) == (
        'AWS cannot be reached (Could not connect to the endpoint URL: "https://runtime.sagemaker"): is the network up,'
        " and AWS_ENDPOINT_URL right?"
    )
