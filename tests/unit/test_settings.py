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
        ({"backend": "gpt"}, "backend"),
        ([], "one JSON object"),
    ],
)
def test_a_bad_setting_is_refused_by_its_name(document: object, names: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(json.dumps(document).encode(), {})

    assert names in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("document", [b"{", b"\xff\xfe", b"[" * 200_000, b""])
def test_what_is_no_json_is_refused(document: bytes) -> None:
    with pytest.raises(SettingsRefused, match=r"classifier\.json"):
        read_settings(document, {})
