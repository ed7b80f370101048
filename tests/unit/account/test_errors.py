"""What botocore raises, said to people: what happened and what to do, in one sentence."""

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    UnauthorizedSSOTokenError,
)

from tests.unit.deployed import Deployed, refused
from trieur.account import AccessDenied, Account, AccountError, Unreachable, explained

DENIED = (
    "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: s3:PutObject on resource:"
    ' "arn:aws:s3:::inbox/datasets/questions/data.json" because no identity-based policy allows the s3:PutObject action'
)


def client_error(code: str, message: str = "Not you.") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "PutObject")


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NoRegionError(), "--region"),
        (NoCredentialsError(), "aws configure"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "aws configure"),
        (ProfileNotFound(profile="work"), "AWS_PROFILE"),
        (UnauthorizedSSOTokenError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="https://s3.eu-west-9.amazonaws.com"), "the region right"),
        (ConnectTimeoutError(endpoint_url="https://s3.eu-west-1.amazonaws.com"), "AWS cannot be reached"),
        (client_error("ExpiredToken"), "have expired: sign in again"),
        (client_error("InvalidClientTokenId"), "aws sts get-caller-identity"),
        (client_error("NoSuchBucket", "The specified bucket does not exist"), "refuses PutObject: The specified"),
    ],
)
def test_each_is_one_kind_of_sentence_with_its_remedy(error: BotoCoreError | ClientError, remedy: str) -> None:
    said = explained(error)
    assert isinstance(said, Unreachable)
    assert said.exit_code == 2
    assert remedy in str(said)
    assert "\n" not in str(said)


@pytest.mark.parametrize(
    ("message", "action"), [(DENIED, "denies these credentials s3:PutObject"), ("Access Denied", "the call PutObject")]
)
def test_what_is_denied_is_named(message: str, action: str) -> None:
    said = explained(client_error("AccessDenied", message))
    assert isinstance(said, AccessDenied)
    assert action in str(said)
    assert "ask for that permission" in str(said)


def test_the_local_aws_that_does_not_answer_is_to_be_started() -> None:
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert "trieur local up" in str(explained(error, local=True))


def test_every_question_to_the_account_is_answered_so(deployed: Deployed) -> None:
    account = deployed.account()

    def denied(**_: Any) -> Mapping[str, Any] | Any:
        return refused("AccessDenied", DENIED, 403)

    account.clients.s3.meta.events.register("before-call.s3", denied)
    questions = [
        lambda: account.runs("questions"),
        account.classifiers,
        lambda: account.settings("questions"),
        lambda: account.drop("questions", "data.json", b""),
        lambda: account.report("questions"),
    ]
    for question in questions:
        with pytest.raises(AccessDenied, match="s3:PutObject"):
            question()


def test_connecting_without_anything_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(AccountError, match="No AWS region is set"):
        Account.connect()
