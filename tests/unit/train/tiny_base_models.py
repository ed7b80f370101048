"""Tiny base models as `save_pretrained` leaves them: configuration, weights and tokenizer of the real classes."""

from pathlib import Path

import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    CamembertConfig,
    CamembertForMaskedLM,
    PreTrainedTokenizerFast,
)
from trieur_train.base_models.scratch import train_tokenizer

from tests.unit.train.jobs import multi_class_rows

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def write_base_model(folder: Path, kind: str) -> Path:
    """A `camembert` or `bert` of random weights that knows the words of `jobs`; returns `folder`."""
    tokenizer = train_tokenizer([str(row["text"]) for row in multi_class_rows("train")])
    special = dict(zip(("bos", "pad", "eos", "unk", "mask"), ("<s>", "<pad>", "</s>", "<unk>", "<mask>"), strict=True))
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token="<s>",
        sep_token="</s>",
        **{f"{name}_token": token for name, token in special.items()},
    ).save_pretrained(folder)
    torch.manual_seed(5)
    vocabulary = tokenizer.get_vocab_size()
    if kind == "camembert":
        model = CamembertForMaskedLM(CamembertConfig(vocab_size=vocabulary, max_position_embeddings=66, **SIZES))
    else:
        model = BertForMaskedLM(BertConfig(vocab_size=vocabulary, max_position_embeddings=64, pad_token_id=1, **SIZES))
    model.save_pretrained(folder)
    return folder
