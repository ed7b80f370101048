"""camembert-base's architecture without its weights: on random ones, time and memory are the same."""

import json
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from transformers import CamembertConfig, CamembertForMaskedLM, PreTrainedTokenizerFast

VOCABULARY: Final = 32_005
LEARNT_VOCABULARY: Final = 600
SPECIAL_TOKENS: Final = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


def write_model(folder: Path, texts: list[str]) -> None:
    """camembert-base's architecture with random weights, and a tokenizer that cuts words about as small as its own."""
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    learnt.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=LEARNT_VOCABULARY,
            special_tokens=list(SPECIAL_TOKENS),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    content = json.loads(learnt.to_str())
    # So few texts teach few pieces; the weights have vectors for as many as camembert-base.
    content["model"]["vocab"] |= {f"unused{number}": number for number in range(learnt.get_vocab_size(), VOCABULARY)}
    tokenizer = Tokenizer.from_str(json.dumps(content))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        pad_token="<pad>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
    ).save_pretrained(folder)
    configuration = CamembertConfig(
        vocab_size=VOCABULARY,
        max_position_embeddings=514,
        type_vocab_size=1,
        layer_norm_eps=1e-5,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
    )
    CamembertForMaskedLM(configuration).save_pretrained(folder)
