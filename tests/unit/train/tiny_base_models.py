"""Tiny base models as `save_pretrained` leaves them: configuration, weights and tokenizer of the real classes."""

from collections.abc import Sequence
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from trieur_train.base_models.scratch import SPECIAL_TOKENS, train_tokenizer

from tests.unit.train.jobs import multi_class_rows

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
SMALLER_NAMES = {"dim": 32, "n_layers": 2, "n_heads": 2, "hidden_dim": 64}
# As CamemBERTa-v2 and all of DeBERTa's third version: distances between tokens instead of positions.
DISTANCES = {
    "relative_attention": True,
    "position_buckets": 16,
    "pos_att_type": ["p2c", "c2p"],
    "share_att_key": True,
    "norm_rel_ebd": "layer_norm",
    "position_biased_input": False,
    "type_vocab_size": 0,
}
# As ModernCamemBERT: every other layer sees near tokens only.
WINDOWS = {"local_attention": 16, "global_attn_every_n_layers": 2}
BRACKETED = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
# Of both kinds of special tokens, in their order.
ROLES = ("cls_token", "pad_token", "sep_token", "unk_token", "mask_token")
# What transformers' classes of that kind begin with, which of them has the head of the pretraining, the configuration.
KINDS: dict[str, tuple[str, str, dict[str, object]]] = {
    "bert": ("Bert", "ForMaskedLM", SIZES | {"max_position_embeddings": 64}),
    "roberta": ("Roberta", "ForMaskedLM", SIZES | {"max_position_embeddings": 66}),
    "camembert": ("Camembert", "ForMaskedLM", SIZES | {"max_position_embeddings": 66}),
    "xlm-roberta": ("XLMRoberta", "ForMaskedLM", SIZES | {"max_position_embeddings": 66}),
    "distilbert": ("DistilBert", "ForMaskedLM", SMALLER_NAMES | {"max_position_embeddings": 64}),
    "electra": ("Electra", "ForPreTraining", SIZES | {"embedding_size": 16, "max_position_embeddings": 64}),
    "deberta-v2": ("DebertaV2", "ForMaskedLM", SIZES | DISTANCES | {"max_position_embeddings": 64}),
    "modernbert": ("ModernBert", "ForMaskedLM", SIZES | WINDOWS | {"max_position_embeddings": 64}),
}


def write_base_model(folder: Path, kind: str, *, body_alone: bool = False) -> Path:
    """A base model of random weights that knows the words of `jobs`; returns `folder`.

    It has the head of its pretraining, or none at all when it is the `body_alone`.
    """
    tokenizer, special = _train_tokenizer(kind, [str(row["text"]) for row in multi_class_rows("train")])
    roles = dict(zip(ROLES, special, strict=True))
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **roles).save_pretrained(folder)
    prefix, head, settings = KINDS[kind]
    configuration = getattr(transformers, f"{prefix}Config")(
        vocab_size=tokenizer.get_vocab_size(), pad_token_id=tokenizer.token_to_id(roles["pad_token"]), **settings
    )
    # Loud enough, at this width, for the answers to depend on the texts.
    configuration.initializer_range = 0.2
    torch.manual_seed(5)
    model = getattr(transformers, prefix + ("Model" if body_alone else head))(configuration)
    model.save_pretrained(folder)
    return folder


def _train_tokenizer(kind: str, texts: Sequence[str]) -> tuple[Tokenizer, Sequence[str]]:
    """A tokenizer as the pretrained models of that kind have it, and its special tokens in the order of ROLES."""
    if kind in ("roberta", "modernbert"):
        return train_tokenizer(texts), SPECIAL_TOKENS
    special = SPECIAL_TOKENS if kind in ("camembert", "xlm-roberta") else BRACKETED
    start, _, end, unknown, _ = special
    if kind in ("bert", "distilbert", "electra"):
        tokenizer = Tokenizer(models.WordPiece(unk_token=unknown))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=list(special), show_progress=False)
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(
            vocab_size=400, special_tokens=list(special), unk_token=unknown, show_progress=False
        )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(token, tokenizer.token_to_id(token)) for token in (start, end)]
    )
    return tokenizer, special
