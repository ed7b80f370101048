"""The network to fine-tune with its tokenizer, from the base model's files or from scratch."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedConfig, PreTrainedModel

from trieur_train.base_models import scratch
from trieur_train.base_models.find import CONFIGURATION, BaseModel
from trieur_train.base_models.reasons import reason
from trieur_train.base_models.segmentation import VariedSegmentation
from trieur_train.base_models.tokenizer import check_vocabulary, read_tokenizer
from trieur_train.failure import TrainingFailed

# Parts that a base model need not bring: they are made anew for the labels at hand.
HEAD_PARTS = ("classifier", "score", "pre_classifier", "pooler", "sequence_summary", "logits_proj", "head")


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
        return _count(self.classifier)

    @property
    def layer_parameters(self) -> int:
        """Without the word and position vectors, of which a text uses few."""
        tables = (module for module in self.classifier.modules() if isinstance(module, nn.Embedding))
        return self.parameters - sum(map(_count, tables))

    @property
    def width(self) -> int:
        """Of the hidden states."""
        return int(self.classifier.model.config.hidden_size)


def _count(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def build_network(base_model: BaseModel, texts: list[str], *, labels: int, max_length: int, seed: int) -> Network:
    """The network for `labels` outputs; the training split's `texts` make the tokenizer where there is no base model.

    Raises TrainingFailed when the base model's files cannot be used.
    """
    if base_model.directory is None:
        tokenizer = scratch.train_tokenizer(texts)
        model: PreTrainedModel = scratch.build_model(tokenizer.get_vocab_size(), labels, max_length)
        segmentation = VariedSegmentation(tokenizer, texts, max_length=max_length, seed=seed)
        return Network(Classifier(model), tokenizer, scratch.PADDING, max_length, segmentation)
    tokenizer = read_tokenizer(base_model.directory)
    model = _read_model(base_model.directory, labels)
    check_vocabulary(tokenizer, model.config.vocab_size)
    # The configuration's number is the one that RoBERTa's kin count positions from; the attention mask hides it anyway.
    if model.config.pad_token_id is None:
        raise TrainingFailed(
            f"The base model is of a kind without padding ({model.config.model_type}), which batches of texts need: "
            "give one of BERT's kin."
        )
    return Network(Classifier(model), tokenizer, model.config.pad_token_id, min(max_length, _positions(model)), None)


def _read_configuration(directory: Path) -> PreTrainedConfig:
    from transformers import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING, AutoConfig

    try:
        configuration: PreTrainedConfig = AutoConfig.from_pretrained(
            directory, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:
        raise TrainingFailed(f"The base model's {CONFIGURATION} cannot be used ({reason(error)}).") from error
    if type(configuration) not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING or configuration.is_encoder_decoder:
        raise TrainingFailed(
            f"The base model is of a kind that is not fine-tuned to classify texts here ({configuration.model_type}): "
            "give an encoder, such as a BERT, CamemBERT, DeBERTa or ModernBERT."
        )
    return configuration


def _read_model(directory: Path, labels: int) -> PreTrainedModel:
    from transformers import AutoModelForSequenceClassification

    logging.getLogger("transformers").setLevel(logging.ERROR)
    configuration = _read_configuration(directory)
    configuration.num_labels = labels
    try:
        loaded: tuple[PreTrainedModel, dict[str, Any]] = AutoModelForSequenceClassification.from_pretrained(
            directory,
            config=configuration,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
    except Exception as error:
        raise TrainingFailed(
            f"The base model's weights cannot be read ({reason(error)}): bring all its files again, whole and of one "
            "model."
        ) from error
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
