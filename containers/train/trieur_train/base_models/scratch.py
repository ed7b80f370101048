"""A small CamemBERT built from its configuration, for where no pretrained one can be had.

Its tokenizer is trained on the training split. Lower case, no accents and pieces of words make the most of the few
texts there are; bytes as the alphabet leave no character out.
"""

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CamembertConfig, CamembertForSequenceClassification

LAYERS = 2
WIDTH = 128
HEADS = 4
VOCABULARY = 4096
# BERT's 0.02 is meant for a width of 768: at this width it starts the network on a long plateau.
INITIAL_RANGE = 0.05
POSITION_SHARE = 0.2
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
START, PADDING, END = 0, 1, 2


def train_tokenizer(texts: Sequence[str]) -> Tokenizer:
    """A byte-level BPE tokenizer with CamemBERT's special tokens, trained on `texts`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", START), ("</s>", END)],
    )
    return tokenizer


def build_model(vocabulary: int, labels: int, max_length: int) -> CamembertForSequenceClassification:
    """A CamemBERT with random weights for `vocabulary` tokens, `labels` outputs and `max_length` tokens a text."""
    configuration = CamembertConfig(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=4 * WIDTH,
        # Positions are counted from the padding token's number on.
        max_position_embeddings=max_length + PADDING + 1,
        type_vocab_size=1,
        bos_token_id=START,
        pad_token_id=PADDING,
        eos_token_id=END,
        initializer_range=INITIAL_RANGE,
    )
    configuration.num_labels = labels
    model = CamembertForSequenceClassification(configuration)
    # Which words there are says more than where they stand: with few texts, loud positions are learnt by heart.
    with torch.no_grad():
        model.roberta.embeddings.position_embeddings.weight.mul_(POSITION_SHARE)
    return model
