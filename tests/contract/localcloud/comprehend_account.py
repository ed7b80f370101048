"""What the Comprehend tests do in a local AWS, always through plain boto3."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Iterable, Sequence
from typing import Any

from localcloud import LocalCloud
from tests.contract.localcloud.account import ACCOUNT, REGION, allow, trust, until

BUCKET = "documents"
COMPREHEND = f"arn:aws:comprehend:{REGION}:{ACCOUNT}"
ENDED = ("TRAINED", "TRAINED_WITH_WARNING", "IN_ERROR", "STOPPED")
STAND_IN = (
    "Trained by the local stand-in for Amazon Comprehend (TF-IDF and logistic regression by scikit-learn): its "
    "accuracy is not Amazon's."
)
_THINGS = ("la soupe", "le pain", "la tarte", "le vélo", "le train", "la radio", "le jardin", "la mer")
_SENTENCES = {
    "PRAISE": "J'adore {thing}, quel bonheur numéro {number} !",
    "COMPLAINT": "{thing} est en panne, je me plains pour la fois {number}.",
    "QUESTION": "Où se trouve {thing}, et pourquoi la question {number} ?",
}

Row = tuple[str, str]


def rows(count: int, labels: Iterable[str] = tuple(_SENTENCES), start: int = 0) -> list[Row]:
    """count rows `label, document` of every label."""
    return [
        (label, _SENTENCES[label].format(thing=_THINGS[number % len(_THINGS)], number=number))
        for number in range(start, start + count)
        for label in labels
    ]


def multi_label_rows(count: int, start: int = 0) -> list[Row]:
    """Rows of one label each, then rows of two."""
    both = [
        ("PRAISE|QUESTION", f"{praise} {question}")
        for (_, praise), (_, question) in zip(
            rows(count, ["PRAISE"], start), rows(count, ["QUESTION"], start), strict=True
        )
    ]
    return [*rows(count, start=start), *both]


def as_csv(lines: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


class ComprehendAccount:
    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.comprehend = cloud.session().client("comprehend")
        self.s3 = cloud.session().client("s3")
        self.iam = cloud.session().client("iam")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.role = self.new_role("comprehend-data", [allow("s3:GetObject", "s3:ListBucket", "s3:PutObject")])
        self.train_uri = self.put("train.csv", as_csv(rows(16)))
        self.test_uri = self.put("test.csv", as_csv(rows(4, start=50)))

    def put(self, key: str, body: bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        return f"s3://{BUCKET}/{key}"

    def new_role(self, name: str, statements: list[dict[str, Any]], trusted: dict[str, Any] | None = None) -> str:
        document = json.dumps(trusted or trust("comprehend.amazonaws.com"))
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_role_policy(RoleName=name, PolicyName="grants", PolicyDocument=policy)
        arn: str = role["Role"]["Arn"]
        return arn

    def as_user(self, name: str, statements: list[dict[str, Any]]) -> Any:
        """A Comprehend client of a user with those grants alone."""
        self.iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.iam.put_user_policy(UserName=name, PolicyName="grants", PolicyDocument=policy)
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return self.cloud.session().client(
            "comprehend", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )

    def request(self, name: str, **changes: Any) -> dict[str, Any]:
        return {
            "DocumentClassifierName": name,
            "VersionName": "v1",
            "DataAccessRoleArn": self.role,
            "InputDataConfig": {"S3Uri": self.train_uri, "TestS3Uri": self.test_uri},
            "LanguageCode": "fr",
            **changes,
        }

    def create(self, name: str, **changes: Any) -> str:
        arn: str = self.comprehend.create_document_classifier(**self.request(name, **changes))["DocumentClassifierArn"]
        return arn

    def describe(self, arn: str) -> dict[str, Any]:
        properties: dict[str, Any] = self.comprehend.describe_document_classifier(DocumentClassifierArn=arn)[
            "DocumentClassifierProperties"
        ]
        return properties

    def ended(self, arn: str) -> dict[str, Any]:
        seen: dict[str, Any] = until(lambda: self.describe(arn), lambda classifier: classifier["Status"] in ENDED)
        return seen

    def train(self, name: str, **changes: Any) -> dict[str, Any]:
        """The description of a classifier once its training has ended."""
        return self.ended(self.create(name, **changes))

    def train_on(self, name: str, lines: Sequence[Sequence[str]] | bytes, **changes: Any) -> dict[str, Any]:
        """The same for training data of its own, without test data."""
        body = lines if isinstance(lines, bytes) else as_csv(lines)
        return self.train(name, InputDataConfig={"S3Uri": self.put(f"{name}/train.csv", body)}, **changes)

    def slow(self, name: str) -> str:
        """The ARN of a classifier whose training takes many seconds."""
        noise = [
            (label, f"{text} {' '.join(str(7919 * n * len(text)) for n in range(300))}") for label, text in rows(1500)
        ]
        return self.create(name, InputDataConfig={"S3Uri": self.put(f"{name}/train.csv", as_csv(noise))})

    def endpoint(self, name: str, model_arn: str, units: int = 1, **more: Any) -> str:
        """The ARN of a new endpoint once it is in service."""
        created = self.comprehend.create_endpoint(
            EndpointName=name, ModelArn=model_arn, DesiredInferenceUnits=units, **more
        )
        arn: str = created["EndpointArn"]
        assert self.settled(arn)["Status"] == "IN_SERVICE"
        return arn

    def settled(self, arn: str) -> dict[str, Any]:
        seen: dict[str, Any] = until(
            lambda: self.comprehend.describe_endpoint(EndpointArn=arn)["EndpointProperties"],
            lambda endpoint: endpoint["Status"] in ("IN_SERVICE", "FAILED"),
        )
        return seen

    def archive(self, uri: str) -> dict[str, bytes]:
        """What the .tar.gz at the URI holds."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as packed:
            members = [member for member in packed.getmembers() if member.isfile()]
            files = {member.name: packed.extractfile(member) for member in members}
            return {name: file.read() for name, file in files.items() if file is not None}


def top(answer: dict[str, Any]) -> str:
    name: str = answer["Classes"][0]["Name"]
    return name
