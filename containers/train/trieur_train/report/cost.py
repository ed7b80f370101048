"""What the training job cost: its instances' time at their price an hour."""

import json
from pathlib import Path
from typing import Any

from trieur_train.failure import TrainingFailed

PRICES = Path(__file__).with_name("training_prices.json")


def training_cost(resource_config: Path, seconds: float, price_per_hour: float | None) -> dict[str, Any]:
    """The `cost` of metrics.json for a job that ran `seconds` on the instances of SageMaker's `resource_config`.

    Without that file the job did not run on SageMaker: `instance_type` is None. `price_per_hour`, in US dollars for one
    instance, goes before the dated list of prices; an instance type that is in neither has no price and no `total`.
    Seconds are billed from the start of the instances to their end, so `total` is an estimate from below.
    Raises TrainingFailed when the file is not what SageMaker writes.
    """
    instance_type, instances = _instances(resource_config)
    priced_on = None
    if price_per_hour is None and instance_type is not None:
        listed = json.loads(PRICES.read_text(encoding="utf-8"))
        price_per_hour = listed["per_hour"].get(instance_type)
        priced_on = listed["priced_on"] if price_per_hour is not None else None
    return {
        "instance_type": instance_type,
        "instances": instances,
        "seconds": seconds,
        "price_per_hour": price_per_hour,
        "total": None if price_per_hour is None else price_per_hour * instances * seconds / 3600,
        "currency": "USD",
        "priced_on": priced_on,
    }


def _instances(resource_config: Path) -> tuple[str | None, int]:
    """The instance type, None outside SageMaker, and how many there are."""
    try:
        config = json.loads(resource_config.read_text(encoding="utf-8"))
        # Older training platforms leave the type out.
        return config.get("current_instance_type"), len(config.get("hosts") or [""])
    except FileNotFoundError:
        return None, 1
    except (ValueError, AttributeError, TypeError) as error:
        raise TrainingFailed(
            f"{resource_config.name} is not the JSON object that SageMaker writes ({error}): it must name "
            "current_instance_type and hosts."
        ) from error
