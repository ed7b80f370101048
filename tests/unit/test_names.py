import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trieur import names


@pytest.mark.parametrize("name", ["questions", "a", "q2", "a-b-c", "x" * 30, "0"])
def test_classifiers(name: str) -> None:
    assert names.is_classifier(name)


@pytest.mark.parametrize("name", ["", "Questions", "a--b", "-a", "a-", "a_b", "x" * 31, "é", "a\n", "a b"])
def test_not_classifiers(name: str) -> None:
    assert not names.is_classifier(name)


@given(
    st.from_regex(names.DEPLOYMENT_PATTERN, fullmatch=True).filter(lambda n: len(n) <= names.DEPLOYMENT_MAX_LENGTH),
    st.from_regex(names.CLASSIFIER_PATTERN, fullmatch=True).filter(names.is_classifier),
    st.text(),
)
def test_every_name_is_one_aws_takes(deployment: str, classifier: str, key: str) -> None:
    run = names.run_id("bucket", key, "v1", "camembert")
    sagemaker = r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    resource = names.run_resource(deployment, classifier, run)
    assert re.fullmatch(sagemaker, resource)
    assert re.fullmatch(sagemaker, names.endpoint(deployment, classifier))
    assert len(names.execution(classifier, run)) <= 80
    assert names.run_of_resource(deployment, classifier, resource) == run


def test_a_resource_of_another_classifier_names_no_run() -> None:
    run = names.run_id("bucket", "key", "v1", "camembert")
    assert names.run_of_resource("trieur", "a", names.run_resource("trieur", "a-b", run)) is None
    assert names.run_of_resource("trieur", "a", "by-hand") is None


def test_a_run_id_depends_on_each_part_and_on_where_it_ends() -> None:
    parts = ("bucket", "key", "v1", "camembert")
    ids = {names.run_id(*parts[:i], parts[i] + "x", *parts[i + 1 :]) for i in range(4)} | {names.run_id(*parts)}
    assert len(ids) == 5
    assert names.run_id("ab", "c", "v1", "b") != names.run_id("a", "bc", "v1", "b")
