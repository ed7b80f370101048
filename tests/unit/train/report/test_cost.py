import json
from pathlib import Path

import pytest
from trieur_train.failure import TrainingFailed
from trieur_train.report.cost import training_cost


def resource_config(folder: Path, **given: object) -> Path:
    path = folder / "resourceconfig.json"
    path.write_text(json.dumps({"current_host": "algo-1", "hosts": ["algo-1"], **given}))
    return path


@pytest.mark.parametrize(
    ("instance_type", "price"), [("ml.m5.xlarge", 0.257), ("ml.g4dn.xlarge", 0.822), ("ml.g5.xlarge", 1.57)]
)
def test_a_listed_instance_type_has_its_price_and_its_date(tmp_path: Path, instance_type: str, price: float) -> None:
    cost = training_cost(resource_config(tmp_path, current_instance_type=instance_type), 1800.0, None)
    assert cost == {
        "instance_type": instance_type,
        "instances": 1,
        "seconds": 1800.0,
        "price_per_hour": price,
        "total": pytest.approx(price / 2),
        "currency": "USD",
        "priced_on": "2026-11",
    }


def test_every_instance_is_paid(tmp_path: Path) -> None:
    path = resource_config(tmp_path, current_instance_type="ml.g5.xlarge", hosts=["algo-1", "algo-2", "algo-3"])
    cost = training_cost(path, 3600.0, None)
    assert cost["instances"] == 3
    assert cost["total"] == pytest.approx(4.71)


def test_a_given_price_goes_before_the_list(tmp_path: Path) -> None:
    cost = training_cost(resource_config(tmp_path, current_instance_type="ml.m5.xlarge"), 3600.0, 0.2)
    assert (cost["price_per_hour"], cost["total"], cost["priced_on"]) == (0.2, pytest.approx(0.2), None)


def test_a_price_of_nothing_is_a_price(tmp_path: Path) -> None:
    cost = training_cost(resource_config(tmp_path, current_instance_type="ml.m5.xlarge"), 3600.0, 0.0)
    assert (cost["price_per_hour"], cost["total"]) == (0.0, 0.0)


def test_an_unknown_instance_type_is_never_guessed(tmp_path: Path) -> None:
    cost = training_cost(resource_config(tmp_path, current_instance_type="ml.m5.2xlarge"), 3600.0, None)
    assert (cost["instance_type"], cost["price_per_hour"], cost["total"]) == ("ml.m5.2xlarge", None, None)
    assert cost["priced_on"] is None


@pytest.mark.parametrize(("price", "total"), [(None, None), (0.5, 0.5)])
def test_without_the_file_it_did_not_run_on_sagemaker(tmp_path: Path, price: float | None, total: float | None) -> None:
    cost = training_cost(tmp_path / "resourceconfig.json", 3600.0, price)
    assert (cost["instance_type"], cost["instances"], cost["total"]) == (None, 1, total)


@pytest.mark.parametrize(
    "content", ["{", "[]", '"ml"', '{"hosts": 3}', "\udcff"], ids=["cut", "list", "text", "hosts", "bytes"]
)
def test_another_file_is_a_failure_that_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "resourceconfig.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrainingFailed, match=r"resourceconfig\.json is not the JSON object that SageMaker writes"):
        training_cost(path, 1.0, None)
