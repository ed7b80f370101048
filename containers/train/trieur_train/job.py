"""One training job, from the base model to the artefacts. Importing this takes seconds: torch and transformers."""

import os
import platform
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from trieur_train.artefacts import write_model, write_report
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Network, build_network
from trieur_train.encoding import encode
from trieur_train.evaluation.metrics import confusion_matrix, evaluate
from trieur_train.examples import SPLIT_NAMES, Split, Splits, target_matrix
from trieur_train.export import export, run_graph
from trieur_train.folders import Folders
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning.loop import EncodedSplit, predict, train

LEARNING_RATE_PRETRAINED = 5e-5
LEARNING_RATE_SCRATCH = 5e-4
# Its matrices are so small that threads would wait for each other longer than they compute.
SCRATCH_THREADS = 1
VERSIONED = ("torch", "transformers", "tokenizers", "onnx", "onnxruntime", "numpy")


def run_job(
    folders: Folders,
    settings: Hyperparameters,
    splits: Splits,
    base_model: BaseModel,
    *,
    workspace: Path,
    started: float,
) -> None:
    """Train, export, evaluate what was exported, and leave the artefacts under `folders`.

    `workspace` is an empty folder for what need not stay; `started` is the `time.perf_counter()` at which the process
    began. Raises TrainingFailed.
    """
    _be_repeatable(settings.seed)
    torch.set_num_threads(len(os.sched_getaffinity(0)) if base_model.directory else SCRATCH_THREADS)
    network = build_network(
        base_model,
        splits.train.texts,
        labels=len(splits.labels),
        max_length=settings.max_length,
        seed=settings.seed,
    )
    print(f"Base model: {base_model.name} ({base_model.source}), {network.parameters:,} parameters.", flush=True)
    if base_model.note:
        print(base_model.note, flush=True)
    train_split, validation, test = (
        _encoded(name, getattr(splits, name), splits.labels, network, settings.mode) for name in SPLIT_NAMES
    )
    learning_rate = settings.learning_rate or (
        LEARNING_RATE_PRETRAINED if base_model.directory else LEARNING_RATE_SCRATCH
    )
    loaded = time.perf_counter()
    training = train(
        network.classifier,
        train_split,
        validation,
        settings=settings,
        learning_rate=learning_rate,
        pad_token_id=network.pad_token_id,
        tokens_of_epoch=network.segmentation,
    )
    trained = time.perf_counter()
    logits = predict(network.classifier, validation.tokens, network.pad_token_id)
    exported = export(network, validation.tokens, logits, validation.targets.ndim, workspace)

    # What is evaluated is the graph that ships: these numbers are the endpoint's.
    measured = {}
    for name, split in (("test", test), ("validation", validation)):
        logits = run_graph(exported.path, split.tokens, network.pad_token_id)
        measured[name] = evaluate(logits, split.targets, splits.labels)
        if name == "test":
            confusion = confusion_matrix(logits, split.targets, splits.labels)
    finished = time.perf_counter()
    metrics: dict[str, Any] = {
        "mode": settings.mode,
        "labels": splits.labels,
        **measured,
        "history": [asdict(epoch) for epoch in training.history],
        "best_epoch": training.best_epoch,
        "stopped_early": training.stopped_early,
        "base_model": {
            "name": base_model.name,
            "source": base_model.source,
            "parameters": network.parameters,
            "note": base_model.note,
        },
        "export": {
            "quantization": exported.quantization,
            "agreement": exported.agreement,
            "bytes": exported.path.stat().st_size,
            "note": exported.note,
        },
        "seconds": {
            "load": loaded - started,
            "train": trained - loaded,
            "export": finished - trained,
            "total": finished - started,
        },
        "versions": {"python": platform.python_version()} | {name: version(name) for name in VERSIONED},
        "hyperparameters": asdict(settings) | {"learning_rate": learning_rate, "max_length": network.max_length},
    }
    write_report(folders, metrics, confusion)
    write_model(
        folders,
        graph=exported.path,
        tokenizer=network.tokenizer,
        metrics=metrics,
        max_length=network.max_length,
        pad_token_id=network.pad_token_id,
        training_job=os.environ.get("TRAINING_JOB_NAME", ""),
    )
    print(
        f"Test accuracy {metrics['test']['accuracy']:.4f}, macro-F1 {metrics['test']['macro_f1']:.4f} on "
        f"{metrics['test']['examples']} examples; exported as {exported.quantization}, "
        f"{metrics['export']['bytes'] / 1e6:.1f} MB; {finished - started:.1f} s in all.",
        flush=True,
    )


def _be_repeatable(seed: int) -> None:
    """The same seed, data and machine give the same model."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)


def _encoded(name: str, split: Split, labels: list[str], network: Network, mode: str) -> EncodedSplit:
    tokens, cut = encode(network.tokenizer, split.texts, network.max_length)
    if cut:
        print(f"{cut} of {len(tokens)} {name} texts are longer than {network.max_length} tokens and were cut.")
    return EncodedSplit(tokens, target_matrix(split, labels, mode))
