import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from infra.settings import MAX_TURNS, Settings, read_context, read_settings
from tests.infra.conftest import REPOSITORY, Machine
from trieur.settings import ClassifierSettings, SettingsRefused

KMS = "arn:aws:kms:eu-west-1:111122223333:"
AWS_REGIONS = (
    "eu-central-1, eu-west-1, eu-west-2, ap-northeast-1, ap-northeast-2, ap-south-1, ap-southeast-1, ap-southeast-2,"
    " ca-central-1, us-east-1, us-east-2, us-west-2"
)


def test_everything_has_a_default() -> None:
    settings = read_settings({})
    assert (settings.name, settings.region, settings.polling_minutes) == ("trieur", "eu-west-1", 2)
    assert settings.endpoint.kind == "serverless"
    assert settings.retain_data


def test_cdk_json_is_accepted() -> None:
    read_settings(read_context({}, REPOSITORY / "cdk.json"))


def test_overrides_win_and_reach_into_groups() -> None:
    settings = read_settings(
        {
            "trieur": {"region": "eu-west-2", "endpoint": {"kind": "real-time"}},
            "trieur:region": "eu-central-1",
            "trieur:endpoint.memory_mb": "3072",
            "trieur:training.instance_type": "ml.g5.xlarge",
            "trieur:training.price_per_hour": "0.257",
            "trieur:training.spot": "true",
            "trieur:comprehend.idle_hours": "0.5",
            "trieur:account": "000000000000",
            "trieur:retain_data": "false",
            "aws:cdk:something-else": True,
        }
    )
    assert settings.region == "eu-central-1"
    assert (settings.endpoint.kind, settings.endpoint.memory_mb) == ("real-time", 3072)
    assert settings.training.instance_type == "ml.g5.xlarge"
    assert (settings.training.price_per_hour, settings.training.spot) == (0.257, True)
    assert settings.comprehend.idle_hours == 0.5
    assert settings.account == "000000000000"
    assert settings.retain_data is False


def test_reading_leaves_the_context_as_it_was() -> None:
    context: dict[str, Any] = {"trieur": {"endpoint": {}}, "trieur:endpoint.kind": "real-time"}
    read_settings(context)
    assert context["trieur"] == {"endpoint": {}}


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({"trieur:regoin": "eu-west-1"}, "there is no setting named 'regoin'"),
        ({"trieur": {"endpoint": {"sort": "x"}}}, "there is no setting named 'endpoint.sort'"),
        ({"trieur": {"region": "eu-west-1"}, "trieur:region.x": "1"}, "there is no setting named 'region.x'"),
        ({"trieur": []}, "'trieur' in cdk.json must be an object"),
        ({"trieur:region": "Ireland"}, "region: 'Ireland' is not the name of an AWS region"),
        ({"trieur:account": "12"}, "account: '12' is not an AWS account number"),
        ({"trieur:name": "Trieur"}, "name: 'Trieur' must be at most 15 lowercase letters"),
        ({"trieur:name": "a" * 16}, "name: 'aaaaaaaaaaaaaaaa' must be at most 15"),
        ({"trieur:outcomes_email": "nobody"}, "outcomes_email: 'nobody' is not an e-mail address"),
        ({"trieur:train_image": "python:3.11"}, "train_image: 'python:3.11' is not an ECR image"),
        ({"trieur:serve_image": "1.dkr.ecr.x.amazonaws.com/a:1"}, "serve_image: "),
        ({"trieur:polling_minutes": "0"}, "polling_minutes: input should be greater than or equal to 1"),
        ({"trieur:polling_minutes": "often"}, "polling_minutes: input should be a valid integer"),
        ({"trieur:endpoint.kind": "batch"}, "endpoint.kind: input should be 'serverless', 'real-time' or 'none'"),
        ({"trieur:endpoint.memory_mb": "1000"}, "endpoint.memory_mb: "),
        ({"trieur:log_retention_days": "8"}, "log_retention_days: input should be 1, 3, 5"),
        ({"trieur:backend": "bert"}, "backend: input should be 'camembert', 'comprehend' or 'both'"),
        ({"trieur:comprehend.endpoint": "always"}, "comprehend.endpoint: input should be 'none' or 'on-demand'"),
        ({"trieur:comprehend.idle_hours": "0"}, "comprehend.idle_hours: input should be greater than 0"),
        ({"trieur:comprehend.idle_hours": "soon"}, "comprehend.idle_hours: input should be a valid number"),
        ({"trieur:comprehend.inference_units": "1.5"}, "comprehend.inference_units: input should be a valid integer"),
        ({"trieur:batch.instance_type": "m5.large"}, "batch.instance_type: "),
        ({"trieur:comprehend_kms_key": "alias/trieur"}, "comprehend_kms_key: 'alias/trieur' is not the ARN of a KMS"),
        ({"trieur:comprehend_kms_key": f"{KMS}alias/trieur"}, "(an alias will not do), such as arn:aws:kms:eu-west-1:"),
        (
            {"trieur:comprehend_kms_key": f"{KMS}key/1234abcd", "trieur:region": "eu-west-2"},
            "is in eu-west-1, and Comprehend in eu-west-2 takes keys of eu-west-2 only",
        ),
        ({"trieur:base_model": "s3://no-folder"}, "base_model: "),
    ],
)
def test_refusals_name_the_setting_in_one_sentence(context: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        read_settings(context)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_longest_training_can_be_followed_however_often_it_is_polled() -> None:
    settings = read_settings({"trieur:training.max_seconds": "144000", "trieur:polling_minutes": "1"})
    # Of spot, the wait for machines is part of it.
    assert settings.execution_seconds > settings.training.wait_seconds >= settings.training.max_seconds
    for setting in ("max_seconds", "max_wait_seconds"):
        with pytest.raises(SettingsRefused, match=rf"training\.{setting}"):
            read_settings({f"trieur:training.{setting}": "144001"})


def test_a_full_execution_stays_within_the_history() -> None:
    events_a_turn = len(["wait in", "out", "task in", "scheduled", "started", "succeeded", "out", "choice in", "out"])
    assert MAX_TURNS * events_a_turn < 25_000 * 0.95


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().name = "other"


def test_classifier_defaults_are_settings_of_a_classifier() -> None:
    settings = read_settings(
        {
            "trieur:base_model": "my-model",
            "trieur:endpoint.kind": "none",
            "trieur:backend": "both",
            "trieur:comprehend.endpoint": "on-demand",
            "trieur:comprehend.inference_units": "3",
            "trieur:batch.instance_type": "ml.m5.large",
        }
    )
    defaults = ClassifierSettings.model_validate_json(json.dumps(settings.classifier_defaults()))
    assert (defaults.base_model, defaults.endpoint.kind, defaults.backend) == ("my-model", "none", "both")
    assert (defaults.comprehend.endpoint, defaults.comprehend.inference_units) == ("on-demand", 3)
    assert defaults.batch.instance_type == "ml.m5.large"


@pytest.mark.parametrize("backend", ["comprehend", "both"])
def test_a_region_without_comprehend_is_refused(backend: str) -> None:
    with pytest.raises(SettingsRefused) as refusal:
        read_settings({"trieur:region": "eu-west-3", "trieur:backend": backend})
    assert str(refusal.value) == (
        f"Settings of the deployment: backend: {backend!r} needs Amazon Comprehend, which is not in eu-west-3 but in"
        f" {AWS_REGIONS}."
    )


@pytest.mark.parametrize(
    ("region", "listed"),
    [
        ("us-gov-east-1", "us-gov-west-1"),
        ("cn-north-1", AWS_REGIONS),
        ("eu-north-9", AWS_REGIONS),
        ("xx-nowhere-1", AWS_REGIONS),
    ],
)
def test_the_regions_listed_are_those_within_reach(region: str, listed: str) -> None:
    with pytest.raises(SettingsRefused, match=f"not in {region} but in {listed}"):
        read_settings({"trieur:region": region, "trieur:backend": "comprehend"})


@pytest.mark.parametrize("region", ["eu-west-1", "eu-west-2", "eu-central-1", "us-west-2", "us-gov-west-1"])
def test_a_region_with_comprehend_is_taken(region: str) -> None:
    assert read_settings({"trieur:region": region, "trieur:backend": "both"}).has_comprehend


def test_camembert_is_at_home_everywhere() -> None:
    assert not read_settings({"trieur:region": "eu-west-3", "trieur:backend": "camembert"}).has_comprehend


@pytest.mark.parametrize(
    "key", ["key/1234abcd-12ab-34cd-56ef-1234567890ab", "key/mrk-1234abcd12ab34cd56ef1234567890ab"]
)
def test_a_kms_key_of_the_region_is_taken(key: str) -> None:
    assert read_settings({"trieur:comprehend_kms_key": KMS + key}).comprehend_kms_key == KMS + key


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ({"trieur:region": "Ireland"}, "region: 'Ireland' is not the name of an AWS region, such as eu-west-1."),
        (
            {"trieur": {"region": "eu-west-3", "backend": "comprehend"}},
            f"backend: 'comprehend' needs Amazon Comprehend, which is not in eu-west-3 but in {AWS_REGIONS}.",
        ),
    ],
)
def test_the_app_says_what_is_wrong_and_nothing_else(
    machine: Machine, tmp_path: Path, context: dict[str, Any], sentence: str
) -> None:
    done = machine.python(
        str(REPOSITORY / "app.py"),
        folder=tmp_path,
        CDK_OUTDIR=str(tmp_path / "cdk.out"),
        CDK_CONTEXT_JSON=json.dumps(context),
        # A profile that does not exist is no reason to say anything else: nothing of AWS is asked.
        AWS_PROFILE="nobody",
    )
    assert done.returncode == 1
    assert done.stderr == f"Settings of the deployment: {sentence}\n"
    assert not (tmp_path / "cdk.out").exists()


def test_a_broken_cdk_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cdk.json").write_text('{"context": {')
    with pytest.raises(SettingsRefused, match=r"cdk\.json is not JSON"):
        read_context({}, tmp_path / "cdk.json")
