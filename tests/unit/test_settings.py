import json

import pytest

from trieur.settings import SettingsRefused, read_settings


def test_everything_has_a_default() -> None:
    settings = read_settings(None, {})

    assert (settings.backend, settings.language, settings.endpoint.kind) == ("camembert", "fr", "serverless")
    assert settings.split.train + settings.split.validation + settings.split.test == pytest.approx(1)


def test_the_classifier_has_the_last_word() -> None:
    defaults = {"language": "en", "endpoint": {"kind": "real-time", "instance_count": 2}}

    settings = read_settings(b'{"endpoint": {"instance_count": 3}}', defaults)

    assert (settings.language, settings.endpoint.kind, settings.endpoint.instance_count) == ("en", "real-time", 3)


@pytest.mark.parametrize(
    ("document", "names"),
    [
        ({"langage": "fr"}, "langage"),
        ({"endpoint": {"memory_mb": 1500}}, "endpoint.memory_mb"),
        ({"split": {"train": 0.9}}, "split"),
        ({"hyperparameters": {"learning_rate": -1}}, "learning_rate"),
        ({"hyperparameters": {"epochs": "many"}}, "hyperparameters.epochs"),
        (
            {"hyperparameters": {"learning_rate": "fast"}},
            "hyperparameters.learning_rate: input should be a valid number",
        ),
        ({"hyperparameters": {"learning_rate": "fast"}}, ", or input should be 'auto'."),
        ({"hyperparameters": {"epochs": True}}, "hyperparameters.epochs: input should be a valid integer"),
        ({"hyperparameters": {"epochs": "3"}}, "hyperparameters.epochs: input should be a valid integer"),
        ({"hyperparameters": {"patience": 1001}}, "hyperparameters.patience"),
        ({"hyperparameters": {"recipe": "slow"}}, "hyperparameters.recipe: input should be 'auto', 'full', 'fast'"),
        ({"hyperparameters": {"rejection_precision": 0}}, "hyperparameters.rejection_precision"),
        ({"training": {"price_per_hour": -1}}, "training.price_per_hour"),
        ({"training": {"spot": "yes"}}, "training.spot: input should be a valid boolean"),
        ({"training": {"spot": True, "max_wait_seconds": 3600}}, "training: max_wait_seconds is 3,600, less than the"),
        ({"gate": {"beat_majority": "no"}}, "gate.beat_majority: input should be a valid boolean"),
        ({"base_model": "camembert base"}, 'base_model: "camembert base" is neither'),
        ({"base_model": "s3://bucket"}, 'base_model: "s3://bucket" is neither'),
        ({"k" * 1000: 1}, "there is no setting named 'kkkk"),
        ({"backend": "gpt"}, "backend"),
        ([], "one JSON object"),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(document: object, names: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(json.dumps(document).encode(), {})

    assert names in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("name", ["camembert-base", "almanach/camembertv2-base", "/opt/model", "s3://b/base-models/x/"])
def test_a_base_model_is_a_name_or_a_folder(name: str) -> None:
    assert read_settings(json.dumps({"base_model": name}).encode(), {}).base_model == name


@pytest.mark.parametrize(
    ("training", "seconds"),
    [
        ({}, 8 * 3600),
        ({"max_seconds": 30 * 3600}, 40 * 3600),
        ({"max_wait_seconds": 5 * 3600}, 5 * 3600),
    ],
)
def test_a_spot_training_may_wait_as_long_as_it_trains_but_no_longer_than_it_can_be_followed(
    training: dict[str, int], seconds: int
) -> None:
    settings = read_settings(json.dumps({"training": {**training, "spot": True}}).encode(), {})

    assert settings.training.wait_seconds == seconds


def test_settings_may_begin_with_a_byte_order_mark() -> None:
    assert read_settings(b'\xef\xbb\xbf{"language": "en"}\r\n', {}).language == "en"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b'{"language": "fr", "language": "en"}', 'the key "language" stands twice'),
        (b'{"hyperparameters": {"min_delta": NaN}}', "NaN"),
        (b'{"hyperparameters": {"min_delta": 1e999}}', "1e999"),
        (b'{"language": "fr",\n}', "at line 2, column 1"),
        ('{"language": "été"}'.encode("latin-1"), "not UTF-8 at byte 14"),
        (b'{"language": "fr"} {}', "goes on after its object"),
        (b'{"language": "fr"}' + b" " * 65_536, "more than 65,536 bytes"),
    ],
)
def test_settings_are_read_as_strictly_as_datasets(document: bytes, reason: str) -> None:
    with pytest.raises(SettingsRefused, match=reason):
        read_settings(document, {})


@pytest.mark.parametrize("document", [b"{", b"\xff\xfe", b"[" * 200_000, b""])
def test_what_is_no_json_is_refused(document: bytes) -> None:
    with pytest.raises(SettingsRefused, match=r"classifier\.json"):
        read_settings(document, {})
