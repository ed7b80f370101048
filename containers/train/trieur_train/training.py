"""One training job, from the base model to the artefacts. Importing this takes seconds: torch and transformers."""

import time

import torch

from trieur_train.base_models.network import Network, build_network
from trieur_train.encoding import encode
from trieur_train.examples import SPLIT_NAMES, target_matrix
from trieur_train.interruption import Interruption
from trieur_train.job import Job
from trieur_train.learning.checkpoints import open_checkpoints
from trieur_train.learning.device import Device, be_repeatable, choose_device, cores
from trieur_train.learning.follow import EncodedSplit, follow
from trieur_train.learning.loop import Surroundings
from trieur_train.learning.processes import Processes
from trieur_train.learning.recipes import Recipe, Work, choose_recipe
from trieur_train.outcome import Trained, keep

LEARNING_RATE_PRETRAINED = 5e-5
LEARNING_RATE_SCRATCH = 5e-4
# Its matrices are so small that threads would wait for each other longer than they compute.
SCRATCH_THREADS = 1


def run_job(job: Job, interruption: Interruption) -> None:
    """Train, export, evaluate what was exported, and leave the artefacts in the job's folders.

    With several processes each learns its share, and the first does what comes after. Raises TrainingFailed and
    TrainingStopped.
    """
    processes = Processes.joined()
    try:
        trained = _learn(job, processes, interruption)
    finally:
        processes.leave()
    if processes.leads:
        keep(job, trained)


def _learn(job: Job, processes: Processes, interruption: Interruption) -> Trained:
    settings, splits = job.settings, job.splits
    pretrained = job.base_model.directory is not None
    # What the base model lacks is drawn.
    torch.manual_seed(settings.seed)
    network = build_network(
        job.base_model,
        splits.train.texts,
        labels=len(splits.labels),
        max_length=settings.max_length,
        seed=settings.seed,
    )
    device = choose_device(settings.precision, network.width, processes)
    threads = cores(processes) if pretrained else SCRATCH_THREADS
    be_repeatable(device, threads)
    encoded = _encoded(job, network)
    tokens = sum(map(len, encoded["train"].texts.tokens))
    work = Work(network.layer_parameters, tokens, settings.epochs)
    recipe = choose_recipe(settings.recipe, pretrained=pretrained, work=work, device=device, cores=threads)
    if processes.leads:
        _tell(job, network, encoded, recipe, device, processes)
    learning_rate = settings.learning_rate or (LEARNING_RATE_PRETRAINED if pretrained else LEARNING_RATE_SCRATCH)
    chosen = (recipe.chosen, device.precision, device.device.type)
    checkpoints = open_checkpoints(job.folders.checkpoints, settings, splits, network.classifier, *chosen)
    loaded = time.perf_counter()
    network, training, recipe = follow(
        recipe,
        network,
        encoded["train"],
        encoded["validation"],
        settings=settings,
        learning_rate=learning_rate,
        surroundings=Surroundings(device, processes, interruption, checkpoints),
    )
    return Trained(network, training, recipe, learning_rate, encoded, device, processes, loaded)


def _encoded(job: Job, network: Network) -> dict[str, EncodedSplit]:
    settings, labels = job.settings, job.splits.labels
    splits = {name: getattr(job.splits, name) for name in SPLIT_NAMES}
    return {
        name: EncodedSplit(
            encode(network.tokenizer, split.texts, network.max_length, settings.long_texts),
            target_matrix(split, labels, settings.mode),
        )
        for name, split in splits.items()
    }


def _tell(
    job: Job,
    network: Network,
    encoded: dict[str, EncodedSplit],
    recipe: Recipe,
    device: Device,
    processes: Processes,
) -> None:
    print(f"Base model: {job.base_model.name} ({job.base_model.source}), {network.parameters:,} parameters.")
    if job.base_model.note:
        print(job.base_model.note)
    for name, split in encoded.items():
        if split.texts.long:
            print(
                f"{split.texts.long} of {len(split.targets)} {name} texts are longer than {network.max_length} tokens."
            )
    several = f", {processes.count} processes" if processes.count > 1 else ""
    print(f"{recipe.sentence} On {device.device.type} in {device.precision}{several}.", flush=True)
