"""Endpoints from CreateEndpoint to DeleteEndpoint, and their invocations, as plain boto3 sees them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.localcloud.account import ACCOUNT, BUCKET, REGION, Account, refused, until

REAL_TIME = {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
UNHEALTHY = (
    "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
    "CloudWatch logs for this endpoint."
)


def arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


def update(account: Account, name: str, config: str) -> None:
    account.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)


def test_an_endpoint_goes_into_service_and_answers(account: Account) -> None:
    endpoint = account.endpoint("greeter", "bonjour")

    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointArn"] == arn("endpoint", "greeter")
    assert endpoint["EndpointConfigName"] == "greeter-1"
    variant = endpoint["ProductionVariants"][0]
    assert variant["VariantName"] == "AllTraffic"
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    assert variant["DeployedImages"][0]["SpecifiedImage"] == account.serve_image
    answer = account.runtime.invoke_endpoint(
        EndpointName="greeter", Body=b"Qui est-ce ?", ContentType="text/plain", CustomAttributes="trace=7"
    )
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    assert answer["ContentType"] == "application/json"
    assert answer["CustomAttributes"] == "trace=7"
    assert answer["Body"].read() == b'{"says": "bonjour", "bytes": 12, "kind": "text/plain"}'
    group = "/aws/sagemaker/Endpoints/greeter"
    until(lambda: account.log_lines(group, "AllTraffic/"), lambda lines: any("POST" in line for line in lines))


def test_an_update_moves_the_traffic_without_a_failed_call(account: Account) -> None:
    account.endpoint("steady", "old")
    new = account.config("steady-2", "new")
    seen: list[str] = []
    failures: list[Exception] = []
    done = threading.Event()

    def hammer() -> None:
        while not done.is_set():
            try:
                seen.append(account.ask("steady")["says"])
            except ClientError as error:
                failures.append(error)

    callers = [threading.Thread(target=hammer) for _ in range(4)]
    for caller in callers:
        caller.start()
    until(lambda: len(seen), lambda count: count > 20)
    update(account, "steady", new)
    endpoint = account.settled("steady")
    answered = len(seen)
    until(lambda: len(seen), lambda count: count > answered + 20)
    done.set()
    for caller in callers:
        caller.join()

    assert failures == []
    assert endpoint["EndpointConfigName"] == "steady-2"
    assert set(seen) == {"old", "new"}
    assert set(seen[answered + 4 :]) == {"new"}


def test_a_call_under_way_is_answered_by_the_model_that_took_it(account: Account) -> None:
    account.endpoint("draining", "old")
    new = account.config("draining-2", "new")
    answers: list[Any] = []
    call = threading.Thread(target=lambda: answers.append(account.ask("draining", b"sleep1.5")))
    call.start()
    until(
        lambda: account.log_lines("/aws/sagemaker/Endpoints/draining", "AllTraffic/"), lambda lines: "asleep" in lines
    )
    update(account, "draining", new)
    until(lambda: account.ask("draining")["says"], lambda says: says == "new")
    call.join()

    assert [answer["says"] for answer in answers] == ["old"]
    assert account.settled("draining")["EndpointStatus"] == "InService"


def test_an_update_that_fails_rolls_back(account: Account) -> None:
    account.endpoint("careful", "good", **REAL_TIME)
    update(account, "careful", account.config("careful-2", "dead", **REAL_TIME))

    endpoint = account.settled("careful")

    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == "careful-1"
    assert endpoint["FailureReason"] == UNHEALTHY
    assert account.ask("careful")["says"] == "good"


def test_an_endpoint_is_updated_once_at_a_time(account: Account) -> None:
    account.endpoint("busy", "old")
    config = account.config("busy-2", "new")
    # An update lasts until the calls its old model took have been answered.
    call = threading.Thread(target=lambda: account.ask("busy", b"sleep4"))
    call.start()
    until(lambda: account.log_lines("/aws/sagemaker/Endpoints/busy", "AllTraffic/"), lambda lines: "asleep" in lines)
    update(account, "busy", config)
    error = ("ValidationException", f'Cannot update in-progress endpoint "{arn("endpoint", "busy")}".')

    assert refused(account.sagemaker.update_endpoint, EndpointName="busy", EndpointConfigName=config) == error
    assert refused(account.sagemaker.delete_endpoint, EndpointName="busy") == error
    updating = account.sagemaker.describe_endpoint(EndpointName="busy")
    assert updating["EndpointStatus"] == "Updating"
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "busy-2"
    assert [v["VariantName"] for v in updating["PendingDeploymentSummary"]["ProductionVariants"]] == ["AllTraffic"]
    call.join()
    settled = account.settled("busy")
    assert settled["EndpointConfigName"] == "busy-2"
    assert "PendingDeploymentSummary" not in settled


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        (REAL_TIME, UNHEALTHY),
        (
            {"ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}},
            "Unable to successfully stand up your model within the allotted 180 second timeout. Please ensure that "
            "downloading your model artifacts, starting your model container and passing the ping health checks can be "
            "completed within 180 seconds.",
        ),
    ],
    ids=["real-time", "serverless"],
)
def test_a_container_that_never_passes_ping_fails_the_endpoint(
    account: Account, variant: dict[str, Any], reason: str
) -> None:
    name = "ill-instance" if variant is REAL_TIME else "ill-serverless"
    endpoint = account.endpoint(name, "ill", **variant)

    assert endpoint["EndpointStatus"] == "Failed"
    assert endpoint["FailureReason"] == reason
    assert "ProductionVariants" not in endpoint
    assert refused(account.runtime.invoke_endpoint, EndpointName=name, Body=b"text")[0] == "ValidationError"
    account.sagemaker.delete_endpoint(EndpointName=name)
    gone(account, name)


def gone(account: Account, name: str) -> None:
    def error() -> str:
        try:
            status: str = account.sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"]
        except ClientError as caught:
            return caught.response["Error"]["Message"]
        return status

    until(error, lambda seen: seen == f'Could not find endpoint "{arn("endpoint", name)}".')


def test_a_container_that_dies_comes_back(account: Account) -> None:
    account.endpoint("mortal", "alive")

    with pytest.raises(ClientError) as caught:
        account.ask("mortal", b"die")

    response: Any = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 503
    assert account.sagemaker.describe_endpoint(EndpointName="mortal")["EndpointStatus"] == "InService"

    def says() -> str:
        try:
            return str(account.ask("mortal")["says"])
        except ClientError as error:
            return str(error.response["Error"]["Code"])

    assert until(says, lambda seen: seen != "ModelError") == "alive"


def test_a_container_that_refuses_a_request_is_a_model_error(account: Account) -> None:
    account.endpoint("strict")

    with pytest.raises(ClientError) as caught:
        account.ask("strict", b"refuse")

    response: Any = caught.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["Error"]["Message"] == (
        'Received client error (400) from primary with message "no such text". See '
        f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}#logEventViewer:group=/aws/sagemaker/"
        f"Endpoints/strict in account {ACCOUNT} for more information."
    )
    assert response["OriginalStatusCode"] == 400
    assert response["OriginalMessage"] == "no such text"
    assert response["LogStreamArn"].startswith(
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/strict:"
    )


@pytest.mark.parametrize(("variant", "limit"), [({}, 4 << 20), (REAL_TIME, 6 << 20)], ids=["serverless", "real-time"])
def test_a_body_has_a_greatest_size(account: Account, variant: dict[str, Any], limit: int) -> None:
    name = f"large-{limit}"
    account.endpoint(name, **variant)

    assert account.ask(name, b"x" * limit)["bytes"] == limit
    assert refused(account.runtime.invoke_endpoint, EndpointName=name, Body=b"x" * (limit + 1)) == (
        "ValidationError",
        "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than "
        f"or equal to {limit}",
    )


def test_unknown_names_are_told_in_awss_words(account: Account) -> None:
    sagemaker, config = account.sagemaker, account.config("known-config", "hello")
    unknown = f'Could not find endpoint "{arn("endpoint", "nowhere")}".'
    no_config = f'Could not find endpoint configuration "{arn("endpoint-config", "nothing")}".'

    assert refused(sagemaker.describe_endpoint, EndpointName="nowhere") == ("ValidationException", unknown)
    assert refused(sagemaker.delete_endpoint, EndpointName="nowhere") == ("ValidationException", unknown)
    asked = {"EndpointName": "nowhere", "EndpointConfigName": config}
    assert refused(sagemaker.update_endpoint, **asked) == ("ValidationException", unknown)
    asked = {"EndpointName": "nowhere", "EndpointConfigName": "nothing"}
    assert refused(sagemaker.create_endpoint, **asked) == ("ValidationException", no_config)
    assert refused(sagemaker.describe_endpoint_config, EndpointConfigName="nothing")[1] == no_config
    assert refused(sagemaker.delete_endpoint_config, EndpointConfigName="nothing")[1] == no_config
    no_model = f'Could not find model "{arn("model", "nothing")}".'
    assert refused(sagemaker.describe_model, ModelName="nothing") == ("ValidationException", no_model)
    assert refused(sagemaker.delete_model, ModelName="nothing") == ("ValidationException", no_model)
    variant = {"VariantName": "AllTraffic", "ModelName": "nothing", **REAL_TIME}
    asked_config = {"EndpointConfigName": "new", "ProductionVariants": [variant]}
    assert refused(sagemaker.create_endpoint_config, **asked_config) == ("ValidationException", no_model)
    assert refused(account.runtime.invoke_endpoint, EndpointName="nowhere", Body=b"text") == (
        "ValidationError",
        f"Endpoint nowhere of account {ACCOUNT} not found.",
    )


def test_nothing_is_created_twice(account: Account) -> None:
    account.endpoint("single")
    sagemaker = account.sagemaker
    model = sagemaker.describe_model(ModelName="model-single-1")
    again = {key: model[key] for key in ("ModelName", "PrimaryContainer", "ExecutionRoleArn")}
    variants = sagemaker.describe_endpoint_config(EndpointConfigName="single-1")["ProductionVariants"]

    assert refused(sagemaker.create_model, **again) == (
        "ValidationException",
        f'Cannot create already existing model "{arn("model", "model-single-1")}".',
    )
    assert refused(sagemaker.create_endpoint_config, EndpointConfigName="single-1", ProductionVariants=variants) == (
        "ValidationException",
        f'Cannot create already existing endpoint configuration "{arn("endpoint-config", "single-1")}".',
    )
    assert refused(sagemaker.create_endpoint, EndpointName="single", EndpointConfigName="single-1") == (
        "ValidationException",
        f'Cannot create already existing endpoint "{arn("endpoint", "single")}".',
    )


def test_a_serverless_endpoint_stays_serverless(account: Account) -> None:
    account.endpoint("kind", "hello")
    instance = account.config("kind-2", "hello", **REAL_TIME)

    code, message = refused(account.sagemaker.update_endpoint, EndpointName="kind", EndpointConfigName=instance)

    assert code == "ValidationException"
    assert "serverless" in message
    assert account.sagemaker.describe_endpoint(EndpointName="kind")["EndpointStatus"] == "InService"


def test_an_update_needs_the_configuration_in_use(account: Account) -> None:
    account.endpoint("forgetful", "hello")
    new = account.config("forgetful-2", "hello")
    account.sagemaker.delete_endpoint_config(EndpointConfigName="forgetful-1")

    asked = {"EndpointName": "forgetful", "EndpointConfigName": new}
    assert refused(account.sagemaker.update_endpoint, **asked) == (
        "ValidationException",
        f'Could not find endpoint configuration "{arn("endpoint-config", "forgetful-1")}".',
    )


@pytest.mark.parametrize(
    ("serverless", "part"),
    [
        ({"MemorySizeInMB": 1500, "MaxConcurrency": 1}, "enum value set: [1024, 2048, 3072, 4096, 5120, 6144]"),
        ({"MemorySizeInMB": 7168, "MaxConcurrency": 1}, "Member must have value less than or equal to 6144"),
        ({"MemorySizeInMB": 1024, "MaxConcurrency": 201}, "Member must have value less than or equal to 200"),
    ],
)
def test_serverless_sizes_are_awss(account: Account, serverless: dict[str, int], part: str) -> None:
    model = account.model(f"model-sizes-{serverless['MemorySizeInMB']}-{serverless['MaxConcurrency']}", "hello")
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}

    code, message = refused(
        account.sagemaker.create_endpoint_config, EndpointConfigName="sizes", ProductionVariants=[variant]
    )

    assert code == "ValidationException"
    assert part in message


def test_serverless_and_network_isolation_exclude_each_other(account: Account) -> None:
    model = account.model("model-isolated", "hello", EnableNetworkIsolation=True)
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    variant = {"VariantName": "AllTraffic", "ModelName": model, "ServerlessConfig": serverless}

    code, message = refused(
        account.sagemaker.create_endpoint_config, EndpointConfigName="isolated", ProductionVariants=[variant]
    )

    assert (code, message) == ("ValidationException", "Network isolation is not supported for serverless inference.")


def test_a_model_needs_its_data_and_its_image(account: Account) -> None:
    absent = f"s3://{BUCKET}/absent.tar.gz"
    request = {"ModelName": "hollow", "ExecutionRoleArn": account.role}
    create = account.sagemaker.create_model

    container = {"Image": account.serve_image, "ModelDataUrl": absent}
    assert refused(create, **request, PrimaryContainer=container) == (
        "ValidationException",
        f"Could not find model data at {absent}.",
    )
    assert refused(create, **request, PrimaryContainer={"Image": "nowhere/none:1"}) == (
        "ValidationException",
        "Requested image nowhere/none:1 not found.",
    )


def test_a_broken_archive_fails_the_endpoint(account: Account) -> None:
    data = account.put("models/broken.tar.gz", b"this is no archive")
    container = {"Image": account.serve_image, "ModelDataUrl": data}
    account.sagemaker.create_model(ModelName="broken", PrimaryContainer=container, ExecutionRoleArn=account.role)
    variant = {"VariantName": "AllTraffic", "ModelName": "broken", **REAL_TIME}
    account.sagemaker.create_endpoint_config(EndpointConfigName="broken", ProductionVariants=[variant])
    account.sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="broken")

    assert account.settled("broken")["FailureReason"].startswith(
        f'Failed to download model data for container "container_1" from URL: "{data}".'
    )


def test_an_endpoint_created_anew_begins_a_log_of_its_own(account: Account) -> None:
    account.endpoint("reborn")
    account.ask("reborn", b"first life")
    account.sagemaker.delete_endpoint(EndpointName="reborn")
    gone(account, "reborn")
    account.sagemaker.create_endpoint(EndpointName="reborn", EndpointConfigName="reborn-1")
    account.settled("reborn")
    account.ask("reborn", b"second life")

    group = "/aws/sagemaker/Endpoints/reborn"
    lines = until(
        lambda: [line for line in account.log_lines(group, "AllTraffic/") if "POST" in line],
        lambda lines: len(lines) == 2,
    )
    assert len(lines) == 2


def test_other_ways_to_invoke_are_not_offered(account: Account) -> None:
    call = account.runtime.invoke_endpoint_with_response_stream

    assert refused(call, EndpointName="any", Body=b"text")[0] == "UnknownOperationException"
