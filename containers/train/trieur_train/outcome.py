"""What becomes of a network that has learnt: exported, judged by what was exported, and kept with all that is known."""

import os
import platform
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from trieur_train.artefacts import write_model, write_report
from trieur_train.base_models.network import Network
from trieur_train.evaluation.judge import judge
from trieur_train.export import Export, export, run_graph
from trieur_train.job import Job
from trieur_train.learning.device import CPU, Device
from trieur_train.learning.feeds import TokenFeed
from trieur_train.learning.follow import EncodedSplit
from trieur_train.learning.loop import Training, predict
from trieur_train.learning.processes import Processes
from trieur_train.learning.recipes import Recipe
from trieur_train.long_texts import mean_over_windows
from trieur_train.report.cost import training_cost
from trieur_train.report.dataset_facts import dataset_facts

VERSIONED = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "scikit-learn", "numpy")


@dataclass(frozen=True)
class Trained:
    """A network that has learnt, and how."""

    network: Network
    training: Training
    recipe: Recipe
    learning_rate: float
    encoded: dict[str, EncodedSplit]
    device: Device
    processes: Processes
    loaded: float
    """The `time.perf_counter()` at which learning began."""


def keep(job: Job, trained: Trained) -> None:
    """Export, judge, and write the artefacts. Raises TrainingFailed and OSError."""
    network, settings, splits = trained.network, job.settings, job.splits
    network.classifier.to(CPU.device)
    learnt = time.perf_counter()
    exported = _exported(trained, job.workspace)
    # What is evaluated is the graph that ships: these numbers are the endpoint's.
    logits = {
        name: mean_over_windows(run_graph(exported.path, split.texts.tokens, network.pad_token_id), split.texts.text_of)
        for name, split in trained.encoded.items()
        if name != "train"
    }
    targets = {name: split.targets for name, split in trained.encoded.items()}
    judgement = judge(splits, targets, logits, rejection_precision=settings.rejection_precision)
    finished = time.perf_counter()
    seconds = {
        "load": trained.loaded - job.started,
        "train": learnt - trained.loaded,
        "export": finished - learnt,
        "total": finished - job.started,
    }
    metrics: dict[str, Any] = {
        "mode": settings.mode,
        "labels": splits.labels,
        **judgement.metrics,
        "history": [asdict(epoch) for epoch in trained.training.history],
        "best_epoch": trained.training.best_epoch,
        "stopped_early": trained.training.stopped_early,
        "recipe": asdict(trained.recipe)
        | {
            "precision": trained.device.precision,
            "device": trained.device.device.type,
            "processes": trained.processes.count,
        },
        "base_model": {
            "name": job.base_model.name,
            "source": job.base_model.source,
            "parameters": network.parameters,
            "note": job.base_model.note,
        },
        "export": {
            "quantization": exported.quantization,
            "agreement": exported.agreement,
            "bytes": exported.path.stat().st_size,
            "note": exported.note,
        },
        "long_texts": {"policy": settings.long_texts, "max_length": network.max_length}
        | {name: split.texts.long for name, split in trained.encoded.items()},
        "dataset": dataset_facts(splits, trained.encoded["train"].texts.lengths),
        "cost": training_cost(job.folders.resources, seconds["total"], settings.price_per_hour),
        "seconds": seconds,
        "versions": {"python": platform.python_version()} | {name: version(name) for name in VERSIONED},
        "hyperparameters": asdict(settings)
        | {"learning_rate": trained.learning_rate, "max_length": network.max_length},
    }
    write_report(job.folders, metrics, judgement.confusion, judgement.errors)
    write_model(
        job.folders,
        graph=exported.path,
        encoder=exported.encoder,
        tokenizer=network.tokenizer,
        metrics=metrics,
        pad_token_id=network.pad_token_id,
        training_job=os.environ.get("TRAINING_JOB_NAME", ""),
    )
    test = metrics["test"]
    print(
        f"Test accuracy {test['accuracy']:.4f}, macro-F1 {test['macro_f1']:.4f} on {test['examples']} examples "
        f"({metrics['baseline']['name']}: {metrics['baseline']['test']['accuracy']:.4f}); exported as "
        f"{exported.quantization}, {metrics['export']['bytes'] / 1e6:.1f} MB; {seconds['total']:.1f} s in all.",
        flush=True,
    )


def _exported(trained: Trained, workspace: Path) -> Export:
    network, validation = trained.network, trained.encoded["validation"]
    feed = TokenFeed(validation.texts.tokens, network.pad_token_id, CPU.device)
    logits = predict(network.classifier, feed, CPU)
    return export(network, validation.texts, logits, validation.targets.ndim, workspace)
