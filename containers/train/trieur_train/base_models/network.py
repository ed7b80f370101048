"""The network to fine-tune with its tokenizer, from the base model's files or from scratch."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel

from trieur_train.base_models import scratch
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.segmentation import VariedSegmentation
from trieur_train.failure import TrainingFailed

# Parts that a base model need not bring: they are made anew for the labels at hand.
HEAD_PARTS = ("classifier", "score", "pre_classifier", "pooler", "sequence_summary", "logits_proj")


class Classifier(nn.Module):
    """What is trained and exported: input_ids, attention_mask int64 [batch, tokens] -> logits [batch, labels]."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


@dataclass(frozen=True)
class Network:
    """A classifier, the tokenizer it reads with, and what both need to be used together."""

    classifier: Classifier
    tokenizer: Tokenizer
    pad_token_id: int
    max_length: int
    """The most tokens a text may have, special tokens included."""

    segmentation: VariedSegmentation | None
    """How to cut the training texts anew for each epoch, where that helps."""

    @property
    def parameters(self) -> int:
        return sum(weight.numel() for weight in self.classifier.parameters())


def build_network(base_model: BaseModel, texts: list[str], *, labels: int, max_length: int, seed: int) -> Network:
    """The network for `labels` outputs; the training split's `texts` make the tokenizer where there is no base model.

    Raises TrainingFailed when the base model's files cannot be used.
    """
    if base_model.directory is None:
        tokenizer = scratch.train_tokenizer(texts)
        model: PreTrainedModel = scratch.build_model(tokenizer.get_vocab_size(), labels, max_length)
        segmentation = VariedSegmentation(tokenizer, texts, max_length=max_length, seed=seed)
        return Network(Classifier(model), tokenizer, scratch.PADDING, max_length, segmentation)
    tokenizer, pad_token_id = _read_tokenizer(base_model.directory)
    model = _read_model(base_model.directory, labels)
    if tokenizer.get_vocab_size() > model.config.vocab_size:
        raise TrainingFailed(
            f"The base model's tokenizer knows {tokenizer.get_vocab_size()} tokens, its weights only "
            f"{model.config.vocab_size}: they do not belong together."
        )
    return Network(Classifier(model), tokenizer, pad_token_id, min(max_length, _positions(model)), None)


def _read_tokenizer(directory: Path) -> tuple[Tokenizer, int]:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(directory, local_files_only=True, trust_remote_code=False)
        backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    except Exception as error:
        raise TrainingFailed(f"The base model's tokenizer cannot be read: {_reason(error)}") from error
    if tokenizer.pad_token_id is None:
        raise TrainingFailed("The base model's tokenizer has no padding token, which batches of texts need.")
    return backend, tokenizer.pad_token_id


def _read_model(directory: Path, labels: int) -> PreTrainedModel:
    from transformers import AutoModelForSequenceClassification

    logging.getLogger("transformers").setLevel(logging.ERROR)
    try:
        loaded: tuple[PreTrainedModel, dict[str, Any]] = AutoModelForSequenceClassification.from_pretrained(
            directory,
            num_labels=labels,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except Exception as error:
        raise TrainingFailed(f"The base model cannot be read: {_reason(error)}") from error
    model, information = loaded
    # transformers fills what the file lacks with random weights and goes on: for the body, a silent disaster.
    absent = [*information["missing_keys"], *(entry[0] for entry in information["mismatched_keys"])]
    lost = sorted(name for name in absent if not set(name.split(".")) & set(HEAD_PARTS))
    if lost:
        raise TrainingFailed(
            f"The base model's weights do not fit its configuration: {len(lost)} of its tensors are missing or of "
            f"another size, such as {lost[0]}."
        )
    return model


def _positions(model: PreTrainedModel) -> int:
    """How many tokens the model has positions for."""
    positions = getattr(model.config, "max_position_embeddings", None) or 512
    # RoBERTa's kin, CamemBERT among them, count positions from the padding token's number on.
    table = next((module for name, module in model.named_modules() if name.endswith("position_embeddings")), None)
    padding = getattr(table, "padding_idx", None)
    return int(positions) - (0 if padding is None else padding + 1)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300] if lines else 'no reason given'}"
