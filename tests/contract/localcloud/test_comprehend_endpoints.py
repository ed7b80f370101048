"""Comprehend's endpoints and ClassifyDocument, as plain boto3 sees them."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from tests.contract.localcloud.account import allow, refused, trust, until
from tests.contract.localcloud.comprehend_account import (
    BUCKET,
    COMPREHEND,
    ComprehendAccount,
    as_csv,
    multi_label_rows,
    rows,
    top,
)


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> ComprehendAccount:
    return ComprehendAccount(cloud)


@pytest.fixture(scope="module")
def model(account: ComprehendAccount) -> str:
    arn: str = account.train("sorter")["DocumentClassifierArn"]
    return arn


@pytest.fixture(scope="module")
def other_model(account: ComprehendAccount) -> str:
    """Trained on the same texts under other names."""
    renamed = [(label.lower(), text) for label, text in rows(16)]
    arn: str = account.train_on("other-sorter", renamed)["DocumentClassifierArn"]
    return arn


@pytest.fixture(autouse=True)
def no_endpoints_left(account: ComprehendAccount) -> Iterator[None]:
    yield
    for endpoint in listed(account):
        account.settled(endpoint["EndpointArn"])
        account.comprehend.delete_endpoint(EndpointArn=endpoint["EndpointArn"])
    until(lambda: listed(account), lambda endpoints: endpoints == [])


def listed(account: ComprehendAccount, **filters: Any) -> list[dict[str, Any]]:
    endpoints: list[dict[str, Any]] = account.comprehend.list_endpoints(**filters)["EndpointPropertiesList"]
    return endpoints


def test_an_endpoint_goes_into_service_and_answers(account: ComprehendAccount, model: str) -> None:
    created = account.comprehend.create_endpoint(EndpointName="live", ModelArn=model, DesiredInferenceUnits=2)

    arn = f"{COMPREHEND}:document-classifier-endpoint/live"
    assert (created["EndpointArn"], created["ModelArn"]) == (arn, model)
    endpoint = account.settled(arn)
    assert endpoint == {
        "EndpointArn": arn,
        "Status": "IN_SERVICE",
        "ModelArn": model,
        "DesiredModelArn": model,
        "DesiredInferenceUnits": 2,
        "CurrentInferenceUnits": 2,
        "CreationTime": endpoint["CreationTime"],
        "LastModifiedTime": endpoint["LastModifiedTime"],
    }
    answer = account.comprehend.classify_document(EndpointArn=arn, Text="J'adore la plage, quel bonheur !")
    assert "Labels" not in answer
    assert top(answer) == "PRAISE"
    scores = [entry["Score"] for entry in answer["Classes"]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1)


def test_a_multi_label_endpoint_answers_with_labels(account: ComprehendAccount) -> None:
    classifier = account.train_on("labels", multi_label_rows(16), Mode="MULTI_LABEL")
    arn = account.endpoint("labels", classifier["DocumentClassifierArn"])

    answer = account.comprehend.classify_document(
        EndpointArn=arn, Text="J'adore le pain, quel bonheur ! Où se trouve le pain, et pourquoi la question ?"
    )

    assert "Classes" not in answer
    assert {entry["Name"] for entry in answer["Labels"] if entry["Score"] > 0.5} == {"PRAISE", "QUESTION"}
    assert {entry["Name"] for entry in answer["Labels"]} == {"PRAISE", "QUESTION", "COMPLAINT"}


def test_an_update_moves_the_calls_without_a_failed_one(
    account: ComprehendAccount, model: str, other_model: str
) -> None:
    arn = account.endpoint("moving", model)
    before = account.comprehend.describe_endpoint(EndpointArn=arn)["EndpointProperties"]
    seen: list[str] = []
    failures: list[Exception] = []
    done = threading.Event()

    def hammer() -> None:
        while not done.is_set():
            try:
                seen.append(top(account.comprehend.classify_document(EndpointArn=arn, Text="J'adore le pain !")))
            except ClientError as error:
                failures.append(error)

    callers = [threading.Thread(target=hammer) for _ in range(4)]
    for caller in callers:
        caller.start()
    until(lambda: len(seen), lambda count: count > 20)
    updated = account.comprehend.update_endpoint(EndpointArn=arn, DesiredModelArn=other_model, DesiredInferenceUnits=3)
    endpoint = account.settled(arn)
    answered = len(seen)
    until(lambda: len(seen), lambda count: count > answered + 20)
    done.set()
    for caller in callers:
        caller.join()

    assert failures == []
    assert updated["DesiredModelArn"] == other_model
    assert (endpoint["ModelArn"], endpoint["DesiredModelArn"]) == (other_model, other_model)
    assert (endpoint["CurrentInferenceUnits"], endpoint["DesiredInferenceUnits"]) == (3, 3)
    assert endpoint["CreationTime"] == before["CreationTime"]
    assert endpoint["LastModifiedTime"] > before["LastModifiedTime"]
    assert set(seen) == {"PRAISE", "praise"}
    assert set(seen[answered + 4 :]) == {"praise"}


def test_an_endpoint_that_is_being_created_does_not_answer_yet(tmp_path: Path) -> None:
    """In a local AWS of its own: the first endpoint of all takes the time to import scikit-learn."""
    with LocalCloud(tmp_path, app=None) as cloud:
        account = ComprehendAccount(cloud)
        model = account.train("first")["DocumentClassifierArn"]
        create = {"EndpointName": "first", "ModelArn": model, "DesiredInferenceUnits": 1}
        arn = account.comprehend.create_endpoint(**create)["EndpointArn"]

        endpoint = account.comprehend.describe_endpoint(EndpointArn=arn)["EndpointProperties"]
        assert endpoint["Status"] == "CREATING"
        assert "CurrentInferenceUnits" not in endpoint
        classify = account.comprehend.classify_document
        assert refused(classify, EndpointArn=arn, Text="Bien")[0] == "ResourceUnavailableException"
        update, delete = account.comprehend.update_endpoint, account.comprehend.delete_endpoint
        assert refused(update, EndpointArn=arn, DesiredInferenceUnits=2)[0] == "ResourceInUseException"
        assert refused(delete, EndpointArn=arn)[0] == "ResourceInUseException"
        assert account.settled(arn)["Status"] == "IN_SERVICE"


def test_a_deleted_endpoint_is_gone(account: ComprehendAccount, model: str) -> None:
    arn = account.endpoint("fleeting", model)

    account.comprehend.delete_endpoint(EndpointArn=arn)

    until(lambda: listed(account), lambda endpoints: endpoints == [])
    for call in (account.comprehend.describe_endpoint, account.comprehend.delete_endpoint):
        assert refused(call, EndpointArn=arn)[0] == "ResourceNotFoundException"
    classify = account.comprehend.classify_document
    assert refused(classify, EndpointArn=arn, Text="Bien")[0] == "ResourceUnavailableException"
    account.endpoint("fleeting", model)


def test_a_model_behind_an_endpoint_cannot_be_deleted(account: ComprehendAccount, model: str) -> None:
    arn = account.endpoint("holder", model)

    code, message = refused(account.comprehend.delete_document_classifier, DocumentClassifierArn=model)

    assert code == "ResourceInUseException"
    assert arn in message
    assert account.describe(model)["Status"] == "TRAINED"


def test_a_request_repeated_makes_one_endpoint(account: ComprehendAccount, model: str) -> None:
    request = {"EndpointName": "once", "ModelArn": model, "DesiredInferenceUnits": 1, "ClientRequestToken": "t-1"}
    create = account.comprehend.create_endpoint
    first = create(**request)

    assert create(**request)["EndpointArn"] == first["EndpointArn"]
    assert refused(create, **{**request, "DesiredInferenceUnits": 2})[0] == "InvalidRequestException"
    assert refused(create, **{**request, "ClientRequestToken": "t-2"})[0] == "ResourceInUseException"


def test_inference_units_are_limited(account: ComprehendAccount, model: str) -> None:
    create, over = account.comprehend.create_endpoint, "ResourceLimitExceededException"
    small = account.endpoint("small", model)

    assert refused(create, EndpointName="big", ModelArn=model, DesiredInferenceUnits=11)[0] == over
    assert refused(account.comprehend.update_endpoint, EndpointArn=small, DesiredInferenceUnits=11)[0] == over
    zero = {"EndpointName": "zero", "ModelArn": model, "DesiredInferenceUnits": 0}
    assert refused(unvalidated(account).create_endpoint, **zero)[0] == "ValidationException"
    for number in range(9):
        account.endpoint(f"many-{number}", model, 10)
    assert refused(create, EndpointName="eleventh", ModelArn=model, DesiredInferenceUnits=1) == (
        over,
        "A region has at most 10 endpoints, and has them.",
    )
    # 90 and 10: exactly the region's hundred.
    account.comprehend.update_endpoint(EndpointArn=small, DesiredInferenceUnits=10)
    assert account.settled(small)["CurrentInferenceUnits"] == 10


def unvalidated(account: ComprehendAccount) -> Any:
    """A client that lets requests go which botocore itself would refuse."""
    return account.cloud.session().client("comprehend", config=Config(parameter_validation=False))


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"ModelArn": f"{COMPREHEND}:document-classifier/none/version/v1"}, "ResourceNotFoundException"),
        ({"EndpointName": "n" * 41}, "ValidationException"),
        ({"EndpointName": "under_score"}, "ValidationException"),
        ({"ModelArn": "arn:aws:sagemaker:eu-west-1:000000000000:model/x"}, "ValidationException"),
        ({"ModelArn": None}, "InvalidRequestException"),
    ],
)
def test_endpoints_that_are_refused(
    account: ComprehendAccount, model: str, request_: dict[str, Any], code: str
) -> None:
    request = {"EndpointName": "refused", "ModelArn": model, "DesiredInferenceUnits": 1, **request_}
    given = {member: value for member, value in request.items() if value is not None}

    assert refused(account.comprehend.create_endpoint, **given)[0] == code


def test_updates_that_are_refused(account: ComprehendAccount, model: str) -> None:
    arn = account.endpoint("steady", model)
    update = account.comprehend.update_endpoint
    failed = account.train_on("in-error", b"")["DocumentClassifierArn"]

    assert refused(update, EndpointArn=arn)[0] == "InvalidRequestException"
    assert refused(update, EndpointArn=arn, DesiredModelArn=failed)[0] == "ResourceUnavailableException"
    nowhere = f"{COMPREHEND}:document-classifier-endpoint/nowhere"
    assert refused(update, EndpointArn=nowhere, DesiredModelArn=model)[0] == "ResourceNotFoundException"
    assert account.settled(arn)["ModelArn"] == model


def test_a_role_that_cannot_be_assumed_fails_the_endpoint(account: ComprehendAccount, model: str) -> None:
    role = account.new_role("for-sagemaker", [allow("s3:GetObject")], trust())
    request = {"EndpointName": "roleless", "ModelArn": model, "DesiredInferenceUnits": 1, "DataAccessRoleArn": role}
    arn = account.comprehend.create_endpoint(**request)["EndpointArn"]

    endpoint = account.settled(arn)

    assert endpoint["Status"] == "FAILED"
    assert endpoint["Message"] == f"The data access role {role} cannot be assumed by comprehend.amazonaws.com."
    refusal = refused(account.comprehend.update_endpoint, EndpointArn=arn, DesiredInferenceUnits=2)
    assert refusal[0] == "ResourceUnavailableException"


def test_endpoints_are_listed_by_model_and_status(account: ComprehendAccount, model: str, other_model: str) -> None:
    first, second = account.endpoint("first", model), account.endpoint("second", other_model)

    assert [endpoint["EndpointArn"] for endpoint in listed(account)] == [second, first]
    (found,) = listed(account, Filter={"ModelArn": model, "Status": "IN_SERVICE"})
    assert found["EndpointArn"] == first
    assert listed(account, Filter={"Status": "FAILED"}) == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("é" * 5_000 + "a", "TextSizeLimitExceededException"),
        ("", "ValidationException"),
        (None, "InvalidRequestException"),
    ],
)
def test_texts_that_are_refused(account: ComprehendAccount, model: str, text: str | None, code: str) -> None:
    arn = account.endpoint("choosy", model)
    request = {"EndpointArn": arn} if text is None else {"EndpointArn": arn, "Text": text}

    assert refused(unvalidated(account).classify_document, **request)[0] == code
    account.comprehend.classify_document(EndpointArn=arn, Text="é" * 5_000)


def test_consumption_is_seen_in_cloudwatch(account: ComprehendAccount, model: str) -> None:
    arn = account.endpoint("measured", model, 2)
    idle = account.endpoint("idle", model)
    for text in ("Bien", "x" * 100, "x" * 101):
        account.comprehend.classify_document(EndpointArn=arn, Text=text)

    # 1, 1 and 2 units: one for every 100 characters begun.
    assert consumption(account, arn, "ConsumedInferenceUnits", "Sum") == 4
    assert consumption(account, arn, "ProvisionedInferenceUnits", "Maximum") == 2
    assert consumption(account, idle, "ConsumedInferenceUnits", "Sum") == 0


def consumption(account: ComprehendAccount, arn: str, name: str, statistic: str) -> float:
    """Sum over all minutes of the last hour."""
    moment = datetime.datetime.now(datetime.UTC)
    dimensions = [{"Name": "EndpointArn", "Value": arn}]
    metric = {"Namespace": "AWS/Comprehend", "MetricName": name, "Dimensions": dimensions}
    answer = (
        account.cloud.session()
        .client("cloudwatch")
        .get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": statistic}}],
            StartTime=moment - datetime.timedelta(hours=1),
            EndTime=moment + datetime.timedelta(minutes=1),
        )
    )
    values = answer["MetricDataResults"][0]["Values"]
    return float(max(values) if statistic == "Maximum" else sum(values))


def test_without_throughput_limits_nothing_is_throttled(account: ComprehendAccount, model: str) -> None:
    arn = account.endpoint("unlimited", model)

    for _ in range(20):
        account.comprehend.classify_document(EndpointArn=arn, Text="x" * 1_000)


@pytest.fixture(scope="module")
def throttled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComprehendAccount]:
    with LocalCloud(tmp_path_factory.mktemp("throttled"), app=None, comprehend_throughput=True) as cloud:
        yield ComprehendAccount(cloud)


def test_what_exceeds_the_inference_units_is_throttled(throttled: ComprehendAccount) -> None:
    model = throttled.train("sorter")["DocumentClassifierArn"]
    arn = throttled.endpoint("limited", model)

    def client(attempts: int) -> Any:
        config = Config(retries={"total_max_attempts": attempts, "mode": "standard"})
        return throttled.cloud.session().client("comprehend", config=config)

    def burst(size: int) -> list[tuple[str, int]]:
        impatient, refusals = client(attempts=1), []
        for _ in range(size):
            try:
                impatient.classify_document(EndpointArn=arn, Text="Bien")
            except ClientError as error:
                status = error.response["ResponseMetadata"]["HTTPStatusCode"]
                refusals.append((error.response["Error"]["Code"], status))
        return refusals

    # Two documents a second: 40 would take twenty.
    refusals = burst(40)
    assert set(refusals) == {("ThrottlingException", 400)}
    assert len(refusals) < 40
    patient = client(attempts=20)
    calls = [patient.classify_document(EndpointArn=arn, Text="Bien") for _ in range(4)]
    assert sum(call["ResponseMetadata"]["RetryAttempts"] for call in calls) > 0
    throttled.comprehend.update_endpoint(EndpointArn=arn, DesiredInferenceUnits=10)
    throttled.settled(arn)
    assert burst(20) == []


def test_lines_of_a_bucket_are_not_needed_once_trained(account: ComprehendAccount) -> None:
    """The model is the service's own: neither the data nor the output is read again."""
    uri = account.put("gone/train.csv", as_csv(rows(16)))
    output = {"S3Uri": f"s3://{BUCKET}/gone/out"}
    classifier = account.train("gone", InputDataConfig={"S3Uri": uri}, OutputDataConfig=output)
    for entry in account.s3.list_objects_v2(Bucket=BUCKET, Prefix="gone/")["Contents"]:
        account.s3.delete_object(Bucket=BUCKET, Key=entry["Key"])

    arn = account.endpoint("gone", classifier["DocumentClassifierArn"])

    assert top(account.comprehend.classify_document(EndpointArn=arn, Text="Le vélo est en panne")) == "COMPLAINT"
