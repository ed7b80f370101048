"""Document classifiers from CreateDocumentClassifier to DeleteDocumentClassifier, as plain boto3 sees them."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.localcloud.account import ACCOUNT, refused, until
from tests.contract.localcloud.comprehend_account import (
    BUCKET,
    COMPREHEND,
    ENDED,
    STAND_IN,
    ComprehendAccount,
    as_csv,
    multi_label_rows,
    rows,
)


@pytest.fixture(scope="module")
def account(cloud: LocalCloud) -> ComprehendAccount:
    return ComprehendAccount(cloud)


def test_a_multi_class_training_says_all_amazons_does(account: ComprehendAccount) -> None:
    output = {"S3Uri": f"s3://{BUCKET}/out/"}
    arn = account.create("whole", OutputDataConfig=output)

    assert arn == f"{COMPREHEND}:document-classifier/whole/version/v1"
    seen = set()

    def look() -> dict[str, Any]:
        properties = account.describe(arn)
        seen.add(properties["Status"])
        return properties

    classifier = until(look, lambda now: now["Status"] in ENDED)
    assert seen <= {"SUBMITTED", "TRAINING", "TRAINED"}
    assert "TRAINING" in seen
    assert classifier["Status"] == "TRAINED"
    assert classifier["Message"] == STAND_IN
    assert classifier["Mode"] == "MULTI_CLASS"
    assert classifier["VersionName"] == "v1"
    assert classifier["LanguageCode"] == "fr"
    assert classifier["DataAccessRoleArn"] == account.role
    assert classifier["InputDataConfig"] == {
        "DataFormat": "COMPREHEND_CSV",
        "S3Uri": account.train_uri,
        "TestS3Uri": account.test_uri,
    }
    assert classifier["SubmitTime"] <= classifier["TrainingStartTime"] <= classifier["TrainingEndTime"]
    assert classifier["EndTime"] == classifier["TrainingEndTime"]
    metadata = classifier["ClassifierMetadata"]
    assert (metadata["NumberOfLabels"], metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (
        3,
        48,
        12,
    )
    assert metadata["EvaluationMetrics"] == {
        **dict.fromkeys(
            ("Accuracy", "Precision", "Recall", "F1Score", "MicroPrecision", "MicroRecall", "MicroF1Score"), 1.0
        ),
        "HammingLoss": 0.0,
    }
    uri = classifier["OutputDataConfig"]["S3Uri"]
    assert uri.startswith(f"s3://{BUCKET}/out/{ACCOUNT}-CLR-")
    assert uri.endswith("/output/output.tar.gz")
    assert json.loads(account.archive(uri)["output/confusion_matrix.json"]) == {
        "type": "multi_class",
        "confusion_matrix": [[4, 0, 0], [0, 4, 0], [0, 0, 4]],
        "labels": ["COMPLAINT", "PRAISE", "QUESTION"],
        "all_labels": ["COMPLAINT", "PRAISE", "QUESTION"],
    }


def test_the_figures_are_those_of_the_test_documents(account: ComprehendAccount) -> None:
    """Test rows that lie: their text is another class's."""
    lies = [("QUESTION", text) for label, text in rows(2, start=70) if label == "PRAISE"]
    test = account.put("lies/test.csv", as_csv([*rows(4, start=50), *lies]))
    config = {"S3Uri": account.train_uri, "TestS3Uri": test}
    classifier = account.train("lies", InputDataConfig=config, OutputDataConfig={"S3Uri": f"s3://{BUCKET}/lies"})

    figures = classifier["ClassifierMetadata"]["EvaluationMetrics"]
    matrix = json.loads(account.archive(classifier["OutputDataConfig"]["S3Uri"])["output/confusion_matrix.json"])
    assert figures["Accuracy"] == pytest.approx(12 / 14)
    assert figures["Precision"] == pytest.approx((1 + 4 / 6 + 1) / 3)
    assert figures["Recall"] == pytest.approx((1 + 1 + 4 / 6) / 3)
    assert figures["MicroF1Score"] == pytest.approx(12 / 14)
    assert figures["HammingLoss"] == pytest.approx(4 / (14 * 3))
    assert matrix["confusion_matrix"] == [[4, 0, 0], [0, 4, 0], [0, 2, 4]]


def test_a_multi_label_training_has_a_matrix_a_label(account: ComprehendAccount) -> None:
    lines = [[labels.replace("|", ";"), text] for labels, text in multi_label_rows(12)]
    tested = [[labels.replace("|", ";"), text] for labels, text in multi_label_rows(3, start=50)]
    classifier = account.train(
        "many",
        Mode="MULTI_LABEL",
        InputDataConfig={
            "S3Uri": account.put("many/train.csv", as_csv(lines)),
            "TestS3Uri": account.put("many/test.csv", as_csv(tested)),
            "LabelDelimiter": ";",
        },
        OutputDataConfig={"S3Uri": f"s3://{BUCKET}/many/out"},
    )

    assert classifier["Status"] == "TRAINED"
    assert classifier["Mode"] == "MULTI_LABEL"
    assert classifier["ClassifierMetadata"]["NumberOfLabels"] == 3
    matrix = json.loads(account.archive(classifier["OutputDataConfig"]["S3Uri"])["output/confusion_matrix.json"])
    assert matrix["type"] == "multi_label"
    assert matrix["labels"] == ["COMPLAINT", "PRAISE", "QUESTION"]
    for two_by_two, support in zip(matrix["confusion_matrix"], (3, 6, 6), strict=True):
        assert sum(map(sum, two_by_two)) == 12
        assert sum(two_by_two[1]) == support


def test_without_test_data_a_tenth_is_taken_from_the_training(account: ComprehendAccount) -> None:
    first, again = account.train_on("own-split", rows(20)), account.train_on("own-split-again", rows(20))

    metadata = first["ClassifierMetadata"]
    assert (metadata["NumberOfTrainedDocuments"], metadata["NumberOfTestDocuments"]) == (54, 6)
    assert metadata == again["ClassifierMetadata"]


def test_a_label_lost_to_that_split_is_warned_of(account: ComprehendAccount) -> None:
    classifier = account.train_on("lost", [*rows(60, ["PRAISE"]), *rows(10, ["COMPLAINT", "QUESTION"])])

    lost = 8 - classifier["ClassifierMetadata"]["NumberOfTestDocuments"]
    assert lost == 0
    assert classifier["Status"] == "TRAINED_WITH_WARNING"
    assert classifier["Message"].startswith(f"{STAND_IN} The test documents taken from the training data have none of")


def test_all_objects_under_a_prefix_are_one_training(account: ComprehendAccount) -> None:
    account.put("parts/a.csv", as_csv(rows(8)))
    account.put("parts/deep/b.csv", as_csv(rows(8, start=8)).replace(b"\r\n", b"\n"))
    config = {"S3Uri": f"s3://{BUCKET}/parts/", "TestS3Uri": account.test_uri}

    classifier = account.train("parts", InputDataConfig=config)

    assert classifier["ClassifierMetadata"]["NumberOfTrainedDocuments"] == 48


def manifest(lines: list[tuple[str, str]], attribute: str, *, multi_label: bool = False) -> bytes:
    entries = []
    for labels, text in lines:
        names = labels.split("|")
        described = (
            {"class-map": {str(n): name for n, name in enumerate(names)}} if multi_label else {"class-name": names[0]}
        )
        entries.append({"source": text, attribute: 0, f"{attribute}-metadata": {"type": "groundtruth/x", **described}})
    return "\n".join(json.dumps(entry) for entry in entries).encode()


@pytest.mark.parametrize("multi_label", [False, True])
def test_augmented_manifests_are_trained_on(account: ComprehendAccount, multi_label: bool) -> None:
    name = f"manifest-{multi_label}".lower()
    lines, tested = (multi_label_rows(12), multi_label_rows(2, 50)) if multi_label else (rows(12), rows(2, start=50))
    train = account.put(f"{name}/train.manifest", manifest(lines, "kind", multi_label=multi_label))
    test = account.put(f"{name}/test.manifest", manifest(tested, "verdict", multi_label=multi_label))
    config = {
        "DataFormat": "AUGMENTED_MANIFEST",
        "AugmentedManifests": [
            {"S3Uri": train, "AttributeNames": ["kind"]},
            {"S3Uri": test, "AttributeNames": ["unused", "verdict"], "Split": "TEST"},
        ],
    }

    classifier = account.train(name, InputDataConfig=config, Mode="MULTI_LABEL" if multi_label else "MULTI_CLASS")

    assert classifier["Status"] == "TRAINED"
    metadata = classifier["ClassifierMetadata"]
    assert (metadata["NumberOfLabels"], metadata["NumberOfTestDocuments"]) == (3, len(tested))
    assert classifier["InputDataConfig"] == config


GOOD = as_csv(rows(12))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("latin", "PRAISE,Très bien\n".encode("latin-1") + GOOD, "Line 1 of train.csv is not valid UTF-8 (byte 10 of"),
        ("columns", GOOD + b"PRAISE,Oui, merci\n", "Row 37 of train.csv has 3 columns"),
        ("column", b"PRAISE\n" + GOOD, "Row 1 of train.csv has 1 column:"),
        ("quote", GOOD + b'PRAISE,"unfinished\n', "Row 37 of train.csv is not valid CSV"),
        ("empty-document", GOOD + b"PRAISE, \n", "The document in row 37 of train.csv is empty."),
        ("empty-label", GOOD + b",Bravo\n", "A label in row 37 of train.csv is empty."),
        ("control", GOOD + b"PRA\x07ISE,Bravo\n", "The label 'PRA\\x07ISE' in row 37 of train.csv contains a control"),
        ("long-label", GOOD + b"P" * 5001 + b",Bravo\n", "A label in row 37 of train.csv is longer than 5000"),
        ("one-class", as_csv(rows(12, ["PRAISE"])), "The training data has 1 label(s), at least 2 are needed."),
        (
            "rare",
            as_csv([*rows(12, ["PRAISE"]), *rows(9, ["QUESTION"]), *rows(1, ["COMPLAINT"])]),
            "Every label needs at least 10 training documents, these have fewer: COMPLAINT (1), QUESTION (9).",
        ),
        (
            "header",
            b"label,document\n" + GOOD,
            "Every label needs at least 10 training documents, these have fewer: label (1).",
        ),
        (
            "classes",
            as_csv([[f"L{n}", f"text {n}"] for n in range(1001)]),
            "The training data has 1001 labels, a MULTI_CLASS classifier has at most 1000.",
        ),
        ("nothing", b"", "The training data has 0 label(s), at least 2 are needed."),
    ],
)
def test_data_that_cannot_be_trained_on(account: ComprehendAccount, name: str, data: bytes, reason: str) -> None:
    classifier = account.train_on(name, data)

    assert classifier["Status"] == "IN_ERROR"
    assert classifier["Message"].startswith(f"INVALID_INPUT: {reason}")
    assert "ClassifierMetadata" not in classifier


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("ml-empty", [("PRAISE||QUESTION", "Oui")], "A label in row 49 of train.csv is empty."),
        ("ml-classes", [(f"L{n}", f"text {n}") for n in range(101)], "The training data has 104 labels"),
        ("ml-delimiter", [("PRAISE;QUESTION", "Oui")], "Every label needs at least 10 training documents"),
    ],
)
def test_multi_label_data_that_cannot_be_trained_on(
    account: ComprehendAccount, name: str, data: list[tuple[str, str]], reason: str
) -> None:
    classifier = account.train_on(name, [*multi_label_rows(12), *data], Mode="MULTI_LABEL")

    assert classifier["Status"] == "IN_ERROR"
    assert classifier["Message"].startswith(f"INVALID_INPUT: {reason}")


def test_every_trained_label_must_be_tested(account: ComprehendAccount) -> None:
    test = account.put("untested/test.csv", as_csv(rows(4, ["PRAISE", "QUESTION"])))
    classifier = account.train("untested", InputDataConfig={"S3Uri": account.train_uri, "TestS3Uri": test})

    assert classifier["Status"] == "IN_ERROR"
    assert classifier["Message"] == (
        "INVALID_INPUT: Every training label must occur in the test data, these do not: COMPLAINT."
    )


def test_a_label_that_was_never_trained_is_warned_of(account: ComprehendAccount) -> None:
    test = account.put("surprise/test.csv", as_csv([*rows(4), ("SURPRISE", "Tiens !")]))
    classifier = account.train("surprise", InputDataConfig={"S3Uri": account.train_uri, "TestS3Uri": test})

    assert classifier["Status"] == "TRAINED_WITH_WARNING"
    assert classifier["Message"].startswith(f"{STAND_IN} The test data has labels the training data does not have")
    assert classifier["ClassifierMetadata"]["NumberOfLabels"] == 3
    assert classifier["ClassifierMetadata"]["EvaluationMetrics"]["Accuracy"] == pytest.approx(12 / 13)


@pytest.mark.parametrize(
    ("name", "line", "reason"),
    [
        ("bad-json", "{no", "The line 2 of train.csv is not valid JSON"),
        ("no-source", '{"source-ref": "s3://b/k", "kind": 0}', "The line 2 of train.csv is no JSON object with the"),
        ("no-attribute", '{"source": "Oui"}', "The line 2 of train.csv has none of the attributes kind."),
        ("no-class", '{"source": "Oui", "kind": 0}', 'The line 2 of train.csv has no "class-name" in "kind-metadata"'),
    ],
)
def test_manifests_that_cannot_be_read(account: ComprehendAccount, name: str, line: str, reason: str) -> None:
    body = manifest(rows(1, ["PRAISE"]), "kind") + f"\n{line}\n".encode()
    uri = account.put(f"{name}/train.csv", body)
    config = {"DataFormat": "AUGMENTED_MANIFEST", "AugmentedManifests": [{"S3Uri": uri, "AttributeNames": ["kind"]}]}
    classifier = account.train(name, InputDataConfig=config)

    assert classifier["Message"].startswith(f"INVALID_INPUT: {reason}")


def test_a_training_is_stopped(account: ComprehendAccount) -> None:
    arn = account.slow("stopped")
    until(lambda: account.describe(arn)["Status"], lambda status: status == "TRAINING")

    account.comprehend.stop_training_document_classifier(DocumentClassifierArn=arn)

    assert account.describe(arn)["Status"] in ("STOP_REQUESTED", "STOPPED")
    classifier = account.ended(arn)
    assert classifier["Status"] == "STOPPED"
    assert "ClassifierMetadata" not in classifier
    endpoint = {"EndpointName": "none", "ModelArn": arn, "DesiredInferenceUnits": 1}
    assert refused(account.comprehend.create_endpoint, **endpoint)[0] == "ResourceUnavailableException"


def test_while_it_trains_a_classifier_is_not_to_be_used_or_deleted(account: ComprehendAccount) -> None:
    arn = account.slow("unready")

    for call, request in (
        ("delete_document_classifier", {"DocumentClassifierArn": arn}),
        ("create_endpoint", {"EndpointName": "early", "ModelArn": arn, "DesiredInferenceUnits": 1}),
    ):
        assert refused(getattr(account.comprehend, call), **request)[0] == "ResourceUnavailableException"
    account.comprehend.stop_training_document_classifier(DocumentClassifierArn=arn)
    account.ended(arn)


def test_stopping_what_is_trained_leaves_it_trained(account: ComprehendAccount) -> None:
    arn = account.train("done")["DocumentClassifierArn"]

    account.comprehend.stop_training_document_classifier(DocumentClassifierArn=arn)

    assert account.describe(arn)["Status"] == "TRAINED"


def test_a_deleted_classifier_is_gone_and_its_name_free(account: ComprehendAccount) -> None:
    arn = account.train("fleeting", ClientRequestToken="fleeting-1")["DocumentClassifierArn"]

    account.comprehend.delete_document_classifier(DocumentClassifierArn=arn)

    def gone() -> Any:
        listed = account.comprehend.list_document_classifiers(Filter={"DocumentClassifierName": "fleeting"})
        return listed["DocumentClassifierPropertiesList"]

    until(gone, lambda listed: listed == [])
    assert refused(account.comprehend.describe_document_classifier, DocumentClassifierArn=arn) == (
        "ResourceNotFoundException",
        f"RESOURCE_NOT_FOUND: Could not find specified resource: {arn}.",
    )
    assert account.create("fleeting", ClientRequestToken="fleeting-1") == arn
    account.ended(arn)


def test_a_request_repeated_makes_one_classifier(account: ComprehendAccount) -> None:
    request = account.request("once", ClientRequestToken="run-0123")
    first = account.comprehend.create_document_classifier(**request)
    submitted = account.describe(first["DocumentClassifierArn"])["SubmitTime"]
    again = account.comprehend.create_document_classifier(**request)

    assert again["DocumentClassifierArn"] == first["DocumentClassifierArn"]
    assert account.describe(again["DocumentClassifierArn"])["SubmitTime"] == submitted
    create = account.comprehend.create_document_classifier
    assert refused(create, **{**request, "LanguageCode": "en"})[0] == "InvalidRequestException"
    assert refused(create, **{**request, "ClientRequestToken": "run-4567"})[0] == "ResourceInUseException"
    assert refused(create, **account.request("once"))[0] == "ResourceInUseException"
    account.ended(first["DocumentClassifierArn"])


def test_versions_are_summed_up_by_name(account: ComprehendAccount) -> None:
    arns = [account.create("versions", VersionName=version) for version in ("v1", "v2")]
    bare = account.request("versions")
    del bare["VersionName"]
    unversioned = account.comprehend.create_document_classifier(**bare)["DocumentClassifierArn"]

    assert unversioned == f"{COMPREHEND}:document-classifier/versions"
    for arn in (*arns, unversioned):
        assert account.ended(arn)["Status"] == "TRAINED"
    assert "VersionName" not in account.describe(unversioned)
    pages = account.comprehend.get_paginator("list_document_classifiers").paginate(
        Filter={"DocumentClassifierName": "versions"}, PaginationConfig={"PageSize": 2}
    )
    listed = [[c["DocumentClassifierArn"] for c in page["DocumentClassifierPropertiesList"]] for page in pages]
    assert listed == [[unversioned, arns[1]], [arns[0]]]
    summaries = account.comprehend.list_document_classifier_summaries()["DocumentClassifierSummariesList"]
    (summary,) = [one for one in summaries if one["DocumentClassifierName"] == "versions"]
    assert (summary["NumberOfVersions"], summary["LatestVersionStatus"]) == (3, "TRAINED")
    assert summary["LatestVersionCreatedAt"] == account.describe(unversioned)["SubmitTime"]


def test_lists_are_filtered_by_one_thing(account: ComprehendAccount) -> None:
    failed = account.train_on("listed-failure", b"")
    lists = account.comprehend.list_document_classifiers

    found = lists(Filter={"Status": "IN_ERROR"}, MaxResults=500)["DocumentClassifierPropertiesList"]
    assert failed["DocumentClassifierArn"] in [classifier["DocumentClassifierArn"] for classifier in found]
    assert {classifier["Status"] for classifier in found} == {"IN_ERROR"}
    hour = datetime.timedelta(hours=1)
    for moment, shift in (("SubmitTimeBefore", -hour), ("SubmitTimeAfter", hour)):
        assert lists(Filter={moment: failed["SubmitTime"] + shift})["DocumentClassifierPropertiesList"] == []
    ascending = lists(Filter={"SubmitTimeBefore": failed["SubmitTime"] + hour}, MaxResults=500)
    moments = [classifier["SubmitTime"] for classifier in ascending["DocumentClassifierPropertiesList"]]
    assert moments == sorted(moments)
    assert len(moments) > 1
    both = {"Status": "IN_ERROR", "DocumentClassifierName": "listed-failure"}
    assert refused(lists, Filter=both)[0] == "InvalidFilterException"
    assert refused(lists, NextToken="nonsense")[0] == "InvalidRequestException"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"LanguageCode": "ja"}, "UnsupportedLanguageException"),
        ({"LanguageCode": "xx"}, "ValidationException"),
        ({"DocumentClassifierName": "with_underscore"}, "ValidationException"),
        ({"VersionName": "v" * 64}, "ValidationException"),
        ({"ClientRequestToken": "under_score"}, "ValidationException"),
        ({"InputDataConfig": {"S3Uri": "s3://b/k", "LabelDelimiter": "x"}}, "ValidationException"),
        ({"InputDataConfig": {}}, "InvalidRequestException"),
        ({"InputDataConfig": {"DataFormat": "AUGMENTED_MANIFEST"}}, "InvalidRequestException"),
        (
            {"InputDataConfig": {"S3Uri": "s3://bucket/k", "DocumentType": "SEMI_STRUCTURED_DOCUMENT"}},
            "InvalidRequestException",
        ),
        ({"VolumeKmsKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "KmsKeyValidationException"),
        ({"VolumeKmsKeyId": "clé"}, "ValidationException"),
        ({"Tags": [{"Key": "aws:mine", "Value": "x"}]}, "InvalidRequestException"),
        ({"Tags": [{"Key": str(n), "Value": ""} for n in range(51)]}, "TooManyTagsException"),
    ],
)
def test_requests_that_are_refused(account: ComprehendAccount, changes: dict[str, Any], code: str) -> None:
    request = account.request("refused", **changes)

    assert refused(account.comprehend.create_document_classifier, **request)[0] == code


def test_keys_that_exist_are_taken(account: ComprehendAccount) -> None:
    key = account.cloud.session().client("kms").create_key()["KeyMetadata"]["Arn"]
    output = {"S3Uri": f"s3://{BUCKET}/encrypted", "KmsKeyId": key}
    classifier = account.train("encrypted", VolumeKmsKeyId=key, ModelKmsKeyId=key, OutputDataConfig=output)

    assert classifier["Status"] == "TRAINED"
    assert (classifier["VolumeKmsKeyId"], classifier["ModelKmsKeyId"]) == (key, key)
    assert classifier["OutputDataConfig"]["KmsKeyId"] == key
    bucket, _, object_key = classifier["OutputDataConfig"]["S3Uri"].removeprefix("s3://").partition("/")
    assert account.s3.head_object(Bucket=bucket, Key=object_key)["SSEKMSKeyId"] == key


def test_tags_come_and_go(account: ComprehendAccount) -> None:
    arn = account.create("tagged", Tags=[{"Key": "team", "Value": "search"}])
    tags = account.comprehend.list_tags_for_resource

    account.comprehend.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "tri"}, {"Key": "coût"}])
    assert tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "tri"}, {"Key": "coût", "Value": ""}]
    account.comprehend.untag_resource(ResourceArn=arn, TagKeys=["team", "never"])
    left = tags(ResourceArn=arn)
    assert (left["ResourceArn"], left["Tags"]) == (arn, [{"Key": "coût", "Value": ""}])
    account.ended(arn)
    assert refused(tags, ResourceArn=f"{COMPREHEND}:document-classifier/none")[0] == "ResourceNotFoundException"


def test_what_is_not_custom_classification_is_not_offered(account: ComprehendAccount) -> None:
    call = account.comprehend.detect_sentiment

    assert refused(call, Text="Bien", LanguageCode="fr") == (
        "UnknownOperationException",
        "Comprehend's DetectSentiment is not offered by the local AWS.",
    )
