"""How the training went, epoch by epoch."""

from typing import Any

from trieur_train.report.charts import Chart, line_chart
from trieur_train.report.language import Words

LOSS_DIGITS = 3


def learning_curves(words: Words, metrics: dict[str, Any]) -> list[Chart]:
    """Loss and accuracy of both splits over the epochs; none where there was but one epoch."""
    if len(metrics["history"]) == 1:
        return []
    return [_curve(words, metrics, "loss"), _curve(words, metrics, "accuracy")]


def learning_sentences(words: Words, metrics: dict[str, Any]) -> list[str]:
    """Which epoch was kept and why the training ended; of a single epoch, its numbers."""
    history, settings, best = metrics["history"], metrics["hyperparameters"], metrics["best_epoch"]
    if len(history) == 1:
        return [
            words.text(
                "learning.head" if metrics["recipe"]["chosen"] == "head" else "learning.single",
                train_loss=words.decimal(history[0]["train_loss"], LOSS_DIGITS),
                validation_loss=words.decimal(history[0]["validation_loss"], LOSS_DIGITS),
                train_accuracy=words.percent(history[0]["train_accuracy"]),
                validation_accuracy=words.percent(history[0]["validation_accuracy"]),
            )
        ]
    kept = words.text("learning.best", epoch=best)
    if not metrics["stopped_early"]:
        return [kept, words.text("learning.all", epochs=words.count("epoch", len(history)))]
    stopped = words.text(
        "learning.stopped",
        last=len(history),
        most=settings["epochs"],
        patience=words.count("epoch", settings["patience"]),
        least=words.decimal(settings["min_delta"], 2 if settings["min_delta"] >= 0.01 else 4),
    )
    return [kept, stopped]


def _curve(words: Words, metrics: dict[str, Any], measure: str) -> Chart:
    history, best, percent = metrics["history"], metrics["best_epoch"], measure == "accuracy"
    values = {split: [epoch[f"{split}_{measure}"] for epoch in history] for split in ("train", "validation")}

    def exact(value: float) -> str:
        return words.percent(value) if percent else words.decimal(value, LOSS_DIGITS)

    def tick(value: float, step: float) -> str:
        return words.percent(value, 0) if percent else words.decimal(value, _digits(step))

    def point(split: str, epoch: int, value: float) -> str:
        return words.text("learning.point", split=words.text(f"split.{split}"), epoch=epoch, value=exact(value))

    first, kept, last = (exact(values["validation"][number]) for number in (0, best - 1, -1))
    title = words.text(measure)
    summary = words.text("learning.chart", measure=title, first=first, kept=kept, best=best, last=last)
    return line_chart(title, summary, values, best_epoch=best, highest=1.0 if percent else None, axis=tick, exact=point)


def _digits(step: float) -> int:
    """How many decimals tell multiples of `step` apart."""
    return next(digits for digits in range(10) if round(step, digits) == round(step, 10))
