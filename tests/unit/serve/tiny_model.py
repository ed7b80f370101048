"""A real classifier of a few kilobytes, in the files the training container leaves.

Each word of the vocabulary carries its own logits; a text's logits are the mean over its tokens, so a test
can say what every probability must be, and padding that leaked into the mean would show.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers, processors

LABELS = ["WHO_IS", "WHO_KNOWS_ABOUT", "HOW_ARE_YOU"]
VOCABULARY = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "curie": 4, "nodejs": 5, "va": 6}
WORD_OF = {"WHO_IS": "curie", "WHO_KNOWS_ABOUT": "nodejs", "HOW_ARE_YOU": "va"}
STRENGTH = 6.0
# What a padding token would add to a mean that forgot the mask.
POISON = 1000.0


def write_model(folder: Path, **changes: Any) -> Path:
    """Writes a good model folder; `changes` go into model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "format": 2,
        "mode": "multi-class",
        "labels": LABELS,
        "max_length": 16,
        "long_texts": "truncate",
        "pad_token_id": 1,
        "temperature": 1.0,
        "threshold": None,
        "base_model": {"name": "tiny", "source": "scratch"},
        "training_job": "trieur-questions-0123456789abcdef",
    } | changes
    (folder / "model.json").write_text(json.dumps(facts))
    tokenizer().save(str(folder / "tokenizer.json"))
    onnx.save(graph(word_logits()), folder / "model.onnx")
    return folder


def tokenizer(vocabulary: dict[str, int] = VOCABULARY) -> Tokenizer:
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    # Settings that a training run might have left in the file, and that serving must not heed.
    made.enable_padding(length=50, pad_id=1, pad_token="<pad>")
    made.enable_truncation(4)
    return made


def word_logits() -> np.ndarray:
    """[words, labels], float32."""
    logits = np.zeros((len(VOCABULARY), len(LABELS)), dtype=np.float32)
    for column, label in enumerate(LABELS):
        logits[VOCABULARY[WORD_OF[label]], column] = STRENGTH
    logits[VOCABULARY["<pad>"], 0] = POISON
    return logits


def graph(words: np.ndarray, inputs: tuple[str, str] = ("input_ids", "attention_mask")) -> onnx.ModelProto:
    ids, mask = inputs
    nodes = [
        helper.make_node("Gather", ["words", ids], ["each"]),
        helper.make_node("Cast", [mask], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide_mask"]),
        helper.make_node("Mul", ["each", "wide_mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "first"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["wide_mask", "first"], ["count"], keepdims=0),
        helper.make_node("Div", ["sum", "count"], ["logits"]),
    ]
    made = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", words.shape[1]])],
        [
            numpy_helper.from_array(words, "words"),
            numpy_helper.from_array(np.array([2], dtype=np.int64), "last"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "first"),
        ],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def logits_of(row: str) -> list[float]:
    """The logits of a row with these words: the mean over them, <s> and </s>."""
    words = row.split()
    return [STRENGTH * words.count(WORD_OF[label]) / (len(words) + 2) for label in LABELS]


def softmax_of(*rows: str, temperature: float = 1.0) -> dict[str, float]:
    """Of the mean of the rows' logits; a text is one row, or its windows."""
    means = [sum(logits) / len(rows) for logits in zip(*map(logits_of, rows), strict=True)]
    powers = [math.exp(logit / temperature) for logit in means]
    return {label: power / sum(powers) for label, power in zip(LABELS, powers, strict=True)}
