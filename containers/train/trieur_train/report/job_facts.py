"""The facts of the job and its model as pairs of a name and a value."""

from typing import Any

from trieur_train.report.language import Words

Pairs = list[tuple[str, str]]
KNOWN_REASONS = ("asked", "scratch", "gpu", "affordable", "too_slow", "cannot_freeze")


def recipe_sentences(words: Words, recipe: dict[str, Any]) -> list[str]:
    """What the chosen recipe does, why it was chosen, and on what it ran."""
    why = recipe["why"]
    reason = words.text(f"recipe.why.{why['code']}") if why["code"] in KNOWN_REASONS else recipe["sentence"]
    minutes = why.get("minutes")
    return [
        words.text(f"recipe.{recipe['chosen']}"),
        reason,
        *([] if minutes is None else [words.text("recipe.minutes", time=words.duration(60 * minutes))]),
        words.text(
            "recipe.machine",
            precision=recipe["precision"],
            device=recipe["device"].upper(),
            processes=words.count("process", recipe["processes"]),
        ),
    ]


def cost_sentences(words: Words, cost: dict[str, Any]) -> list[str]:
    """What the job cost and what that leaves out, or how to have it said."""
    on_sagemaker = cost["instance_type"] is not None
    if cost["total"] is None:
        return [
            words.text("cost.unknown", type=cost["instance_type"]) if on_sagemaker else words.text("cost.elsewhere")
        ]
    total = words.text(
        "cost.total" if on_sagemaker else "cost.total.elsewhere",
        total=words.dollars(cost["total"]),
        seconds=words.duration(cost["seconds"]),
        instances=words.count("instance", cost["instances"]),
        type=cost["instance_type"],
        price=words.dollars_an_hour(cost["price_per_hour"]),
    )
    source = words.text("cost.given")
    if cost["priced_on"]:
        source = words.text("cost.dated", month=words.month(cost["priced_on"]))
    return [total, source, words.text("cost.below")]


def step_times(words: Words, seconds: dict[str, float]) -> Pairs:
    return [
        (words.text(f"time.{step}"), words.duration(seconds[step])) for step in ("load", "train", "export", "total")
    ]


def model_facts(words: Words, metrics: dict[str, Any]) -> Pairs:
    base, export = metrics["base_model"], metrics["export"]
    return [
        (words.text("model.base"), base["name"]),
        (words.text("model.source"), words.text(f"source.{base['source']}")),
        (words.text("model.parameters"), words.number(base["parameters"])),
        (words.text("model.format"), words.text(f"model.{export['quantization']}")),
        (words.text("model.size"), words.megabytes(export["bytes"])),
        (
            words.text("model.agreement"),
            words.text("model.agreement.words", agreement=words.percent(export["agreement"])),
        ),
    ]


def hyperparameters(settings: dict[str, Any]) -> Pairs:
    """Names as they are set, values as they were used; what was not set is a dash."""
    return [(name, "–" if value in (None, "") else str(value)) for name, value in settings.items()]
