"""A recipe carried out: full fine-tuning, the upper layers, or a linear classifier over pooled features."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn
from transformers import PreTrainedModel

from trieur_train.base_models.network import Network
from trieur_train.encoding import EncodedTexts, Tokens
from trieur_train.evaluation.metrics import Logits, Targets, accuracy, macro_f1, mean_loss
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning import head
from trieur_train.learning.compact_vocabulary import compact_vocabulary
from trieur_train.learning.feeds import Feed, TokenFeed
from trieur_train.learning.frozen import CannotFreeze, frozen_layers, hidden_feed, upper_layers
from trieur_train.learning.loop import Epoch, Examples, Surroundings, Training, train
from trieur_train.learning.objective import objective
from trieur_train.learning.recipes import FAST, FULL, HEAD, Recipe
from trieur_train.long_texts import mean_over_windows


@dataclass(frozen=True)
class EncodedSplit:
    """A split's texts as rows of token numbers, and the texts' targets."""

    texts: EncodedTexts
    targets: Targets


def follow(
    recipe: Recipe,
    network: Network,
    train_split: EncodedSplit,
    validation: EncodedSplit,
    *,
    settings: Hyperparameters,
    learning_rate: float,
    surroundings: Surroundings,
) -> tuple[Network, Training, Recipe]:
    """The network trained by `recipe`, how that went, and the recipe in the end.

    `fast` gives way to `full` where the base model's layers cannot be taken apart. Raises as `train` does.
    """
    device = surroundings.device.device
    network.classifier.to(device)
    job = _Job(network, train_split, validation, settings, learning_rate, surroundings)
    if recipe.chosen == HEAD:
        return *job.head(), recipe
    if recipe.chosen == FAST:
        try:
            return network, job.fast(), recipe
        except CannotFreeze as reason:
            sentence = f"Recipe full: the recipe fast is not for this base model, for {reason}."
            recipe = replace(recipe, chosen=FULL, why={"code": "cannot_freeze"}, sentence=sentence)
            print(sentence, flush=True)
    return network, job.full(), recipe


@dataclass(frozen=True)
class _Job:
    network: Network
    train_split: EncodedSplit
    validation: EncodedSplit
    settings: Hyperparameters
    learning_rate: float
    surroundings: Surroundings

    def full(self) -> Training:
        if self.network.segmentation is not None:
            # It gives one row a text, and several are what a text of many windows has.
            varied = len(self.train_split.texts.tokens) == len(self.train_split.targets)
            tokens_of_epoch = self.network.segmentation if varied else None
            return self._train(self.network.classifier, *self._feeds(), tokens_of_epoch=tokens_of_epoch)
        occurring = [split.texts.tokens for split in (self.train_split, self.validation)]
        with compact_vocabulary(self._model, occurring, self.network.pad_token_id):
            return self._train(self.network.classifier, *self._feeds())

    def fast(self) -> Training:
        frozen = frozen_layers(self._model)
        started = time.perf_counter()
        feeds = [hidden_feed(self._model, frozen, feed, self.surroundings.device) for feed in self._feeds()]
        if self.surroundings.processes.leads:
            seconds = time.perf_counter() - started
            print(f"The {frozen} lower layers are frozen; their states were computed in {seconds:.1f} s.", flush=True)
        with upper_layers(self._model, frozen) as upper:
            return self._train(upper, *feeds)

    def head(self) -> tuple[Network, Training]:
        started = time.perf_counter()
        classifier = head.PooledClassifier(self._model, self._model.config.num_labels)
        classifier.to(self.surroundings.device.device)
        features, judged = (head.pooled_features(classifier, feed, self.surroundings.device) for feed in self._feeds())
        aims = [
            objective(
                split.targets,
                split.texts.text_of,
                class_weights=self.settings.class_weights,
                label_smoothing=self.settings.label_smoothing,
            )
            for split in (self.train_split, self.validation)
        ]
        classifier.to("cpu")
        penalty = head.fit(classifier, features, aims[0], judged, aims[1])
        with torch.no_grad():
            logits = [
                mean_over_windows(classifier.answer(rows).numpy(), split.texts.text_of)
                for rows, split in ((features, self.train_split), (judged, self.validation))
            ]
        epoch = self._only_epoch(logits, time.perf_counter() - started)
        if self.surroundings.processes.leads:
            print(f"A linear classifier over pooled features, with a penalty of {penalty:g}.", flush=True)
            print(epoch.log_line(1), flush=True)
        return replace(self.network, classifier=classifier), Training([epoch], 1, False)

    @property
    def _model(self) -> PreTrainedModel:
        model: PreTrainedModel = self.network.classifier.model
        return model

    def _feeds(self) -> list[TokenFeed]:
        return [self._feed(split.texts.tokens) for split in (self.train_split, self.validation)]

    def _feed(self, tokens: Tokens) -> TokenFeed:
        return TokenFeed(tokens, self.network.pad_token_id, self.surroundings.device.device)

    def _train(
        self,
        network: nn.Module,
        train_feed: Feed,
        validation_feed: Feed,
        *,
        tokens_of_epoch: Callable[[int], Tokens] | None = None,
    ) -> Training:
        examples, validation = (
            Examples(feed, split.texts.text_of, split.targets)
            for feed, split in ((train_feed, self.train_split), (validation_feed, self.validation))
        )

        def examples_of_epoch(number: int) -> Examples:
            return replace(examples, feed=self._feed(tokens_of_epoch(number))) if tokens_of_epoch else examples

        return train(
            network,
            examples,
            validation,
            settings=self.settings,
            learning_rate=self.learning_rate,
            surroundings=self.surroundings,
            examples_of_epoch=examples_of_epoch,
        )

    def _only_epoch(self, logits: Sequence[Logits], seconds: float) -> Epoch:
        targets = (self.train_split.targets, self.validation.targets)
        return Epoch(
            epoch=1,
            train_loss=mean_loss(logits[0], targets[0]),
            train_accuracy=accuracy(logits[0], targets[0]),
            validation_loss=mean_loss(logits[1], targets[1]),
            validation_accuracy=accuracy(logits[1], targets[1]),
            validation_macro_f1=macro_f1(logits[1], targets[1]),
            seconds=seconds,
        )
