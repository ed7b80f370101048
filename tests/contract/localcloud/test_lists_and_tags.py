"""List operations with their pages, filters and orders, and tags."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from tests.contract.localcloud.account import ACCOUNT, REGION, Account, archive, refused
from tests.contract.localcloud.transforms import Transforms

NAMES = ["alpha", "beta", "gamma", "delta", "epsilon"]


@pytest.fixture(scope="module")
def listed(account: Account) -> Account:
    for name in NAMES:
        fails = {"fail": "It was told to."} if name == "beta" else {}
        account.sagemaker.create_training_job(**account.training(f"list-{name}", HyperParameters=fails))
        account.model(f"list-{name}", "hello")
        variant = {"VariantName": "AllTraffic", "ModelName": f"list-{name}", "InstanceType": "ml.m5.large"}
        account.sagemaker.create_endpoint_config(
            EndpointConfigName=f"list-{name}", ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
        )
    account.endpoint("list-endpoint-one")
    account.endpoint("list-endpoint-two", "dead")
    for name in NAMES:
        account.ended(f"list-{name}")
    return account


def jobs(account: Account, **filters: Any) -> list[str]:
    answer = account.sagemaker.list_training_jobs(NameContains="list-", MaxResults=100, **filters)
    return [job["TrainingJobName"].removeprefix("list-") for job in answer["TrainingJobSummaries"]]


def test_the_newest_comes_first(listed: Account) -> None:
    assert jobs(listed) == NAMES[::-1]


def test_order_can_be_chosen(listed: Account) -> None:
    assert jobs(listed, SortOrder="Ascending") == NAMES
    assert jobs(listed, SortBy="Name", SortOrder="Ascending") == sorted(NAMES)
    assert jobs(listed, SortBy="Status", SortOrder="Descending")[0] == "beta"


def test_filters_choose(listed: Account) -> None:
    hour = datetime.timedelta(hours=1)
    earlier, later = datetime.datetime.now(datetime.UTC) - hour, datetime.datetime.now(datetime.UTC) + hour

    assert jobs(listed, StatusEquals="Failed") == ["beta"]
    assert jobs(listed, CreationTimeAfter=earlier, LastModifiedTimeBefore=later) == NAMES[::-1]
    for filters in (
        {"CreationTimeAfter": later},
        {"CreationTimeBefore": earlier},
        {"LastModifiedTimeAfter": later},
        {"LastModifiedTimeBefore": earlier},
    ):
        assert jobs(listed, **filters) == []
    answer = listed.sagemaker.list_training_jobs(NameContains="LIST-GAM")
    assert [job["TrainingJobName"] for job in answer["TrainingJobSummaries"]] == ["list-gamma"]


def test_pages_hold_everything_once(listed: Account) -> None:
    pages = list(
        listed.sagemaker.get_paginator("list_training_jobs").paginate(
            NameContains="list-", PaginationConfig={"PageSize": 2}
        )
    )

    assert [len(page["TrainingJobSummaries"]) for page in pages] == [2, 2, 1]
    assert [job["TrainingJobName"] for page in pages for job in page["TrainingJobSummaries"]] == [
        f"list-{name}" for name in NAMES[::-1]
    ]


def test_a_page_belongs_to_its_request(listed: Account) -> None:
    token = listed.sagemaker.list_training_jobs(NameContains="list-", MaxResults=2)["NextToken"]

    for asked in ({"NameContains": "other", "NextToken": token}, {"NextToken": "nonsense"}):
        assert refused(listed.sagemaker.list_training_jobs, **asked)[0] == "ValidationException"


@pytest.mark.parametrize(
    ("call", "key", "name"),
    [
        ("list_models", "Models", "ModelName"),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    ],
)
def test_models_and_configurations_are_listed(listed: Account, call: str, key: str, name: str) -> None:
    answer = getattr(listed.sagemaker, call)(NameContains="list-", SortBy="Name", SortOrder="Ascending", MaxResults=3)

    assert [entry[name] for entry in answer[key]] == ["list-alpha", "list-beta", "list-delta"]
    assert "NextToken" in answer


def test_endpoints_are_listed_by_status(listed: Account) -> None:
    def names(**filters: Any) -> list[str]:
        answer = listed.sagemaker.list_endpoints(NameContains="list-", **filters)
        return [endpoint["EndpointName"] for endpoint in answer["Endpoints"]]

    assert names() == ["list-endpoint-two", "list-endpoint-one"]
    assert names(StatusEquals="InService") == ["list-endpoint-one"]
    assert names(StatusEquals="Failed") == ["list-endpoint-two"]


def test_tags_come_and_go(account: Account) -> None:
    data = account.put("models/tagged.tar.gz", b"")
    arn = account.sagemaker.create_model(
        ModelName="tagged",
        PrimaryContainer={"Image": account.serve_image, "ModelDataUrl": data},
        ExecutionRoleArn=account.role,
        Tags=[{"Key": "team", "Value": "search"}],
    )["ModelArn"]

    account.sagemaker.add_tags(
        ResourceArn=arn, Tags=[{"Key": "team", "Value": "sorting"}, {"Key": "coût", "Value": "élevé"}]
    )
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [
        {"Key": "team", "Value": "sorting"},
        {"Key": "coût", "Value": "élevé"},
    ]
    account.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "never"])
    assert account.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "coût", "Value": "élevé"}]
    account.sagemaker.delete_model(ModelName="tagged")
    assert refused(account.sagemaker.list_tags, ResourceArn=arn)[0] == "ValidationException"


def test_reserved_and_doubled_tags_are_refused(account: Account) -> None:
    job = account.train("to-be-tagged")["TrainingJobArn"]

    for tags in ([{"Key": "aws:mine", "Value": "x"}], [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]):
        assert refused(account.sagemaker.add_tags, ResourceArn=job, Tags=tags)[0] == "ValidationException"
    nowhere = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/nowhere"
    assert refused(account.sagemaker.list_tags, ResourceArn=nowhere)[0] == "ValidationException"


def test_what_is_refused_for_its_tags_is_not_made(account: Account, transforms: Transforms) -> None:
    doubled = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
    config = account.config("tags-of-endpoint", "hello")
    kind = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    variants = [{"VariantName": "AllTraffic", "ModelName": "loud", **kind}]
    account.put("twice/in/a.txt", b"one\n")
    client = account.sagemaker
    data = account.put("models/twice.tar.gz", archive({"says.txt": "hello"}))
    container = {"Image": account.serve_image, "ModelDataUrl": data}

    for create, request in (
        (client.create_training_job, account.training("twice")),
        (client.create_transform_job, transforms.request("twice")),
        (
            client.create_model,
            {"ModelName": "twice", "PrimaryContainer": container, "ExecutionRoleArn": account.role},
        ),
        (client.create_endpoint_config, {"EndpointConfigName": "twice", "ProductionVariants": variants}),
        (client.create_endpoint, {"EndpointName": "twice", "EndpointConfigName": config}),
    ):
        assert refused(create, **request, Tags=doubled)[0] == "ValidationException"
        # Its name is still free.
        create(**request)


def test_an_operation_that_is_not_offered_says_so(account: Account) -> None:
    code, message = refused(account.sagemaker.list_notebook_instances)

    assert (code, message) == (
        "UnknownOperationException",
        "SageMaker's ListNotebookInstances is not offered by the local AWS.",
    )
