"""encoder.json: where in the int8 graph each number of an encoder of BERT's kind lies.

A server whose processor multiplies bytes fast reads the numbers from there and computes the encoder itself, in a
fraction of the time that ONNX Runtime takes for the same graph. Every other server reads the graph alone.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from trieur_train.base_models.network import Network

FORMAT: Final = 1
MODEL_TYPES: Final = ("bert", "camembert", "roberta", "xlm-roberta")
# The server computes so many numbers of a head at a time, and so many outputs of a layer.
LANES: Final = 16
PANEL: Final = 32
LINEAR_PATHS: Final = {
    "query": "attention/self/query",
    "key": "attention/self/key",
    "value": "attention/self/value",
    "mixed": "attention/output/dense",
    "widened": "intermediate/dense",
    "narrowed": "output/dense",
}
NORM_PATHS: Final = {"attended": "attention/output/LayerNorm", "fed": "output/LayerNorm"}
# Rows on which the server proves, before it serves, that it computes what was trained. Any token numbers do.
PROBE_LENGTHS: Final = (3, 16, 61)
SEARCHED: Final = 64


def describe_encoder(network: Network, graph: Path) -> dict[str, Any] | None:
    """The content of encoder.json for the int8 graph that `network` was exported to; None where it is of another kind.

    Every number of it is a byte offset into the graph's file, unless its name says otherwise.
    """
    model = network.classifier.model
    configuration = model.config
    if configuration.model_type not in MODEL_TYPES or configuration.hidden_act != "gelu":
        return None
    heads = configuration.num_attention_heads
    hidden, inner, labels = configuration.hidden_size, configuration.intermediate_size, configuration.num_labels
    if hidden % heads or hidden // heads % LANES or hidden % PANEL or inner % PANEL or labels > inner:
        return None
    numbers = _Numbers(network, graph)
    prefix = model.base_model_prefix
    bert = configuration.model_type == "bert"
    embeddings = f"{prefix}/embeddings"
    words = numbers.table(f"{embeddings}/word_embeddings")
    return {
        "format": FORMAT,
        "graph_bytes": graph.stat().st_size,
        "hidden": hidden,
        "heads": heads,
        "inner": inner,
        "labels": labels,
        "epsilon": configuration.layer_norm_eps,
        # RoBERTa and its kin give this token the position of its own number, and count the others from the next on.
        "padding": -1 if bert else configuration.pad_token_id,
        "words": words,
        "positions": numbers.table(f"{embeddings}/position_embeddings"),
        "types": numbers.table(f"{embeddings}/token_type_embeddings"),
        "embedded": numbers.norm(f"{embeddings}/LayerNorm"),
        "layers": [
            {name: numbers.linear(f"{prefix}/encoder/layer.{layer}/{path}") for name, path in LINEAR_PATHS.items()}
            | {name: numbers.norm(f"{prefix}/encoder/layer.{layer}/{path}") for name, path in NORM_PATHS.items()}
            for layer in range(configuration.num_hidden_layers)
        ],
        "pooled": numbers.linear(f"{prefix}/pooler/dense" if bert else "classifier/dense"),
        "classes": numbers.linear("classifier" if bert else "classifier/out_proj"),
        "probe": _probe(network, words["rows"]),
    }


class _Numbers:
    """The graph's numbers by the path of the module that they are of. Raises KeyError for one that is not there."""

    def __init__(self, network: Network, graph: Path) -> None:
        model = onnx.load(graph)
        self._arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
        self._places = _places(graph.read_bytes(), self._arrays.values())
        # By the module's path: the exporter names a node after it, and the quantiser appends to that.
        self._weights = {
            node.name.rsplit("/", 1)[0]: node.input[1]
            for node in model.graph.node
            if node.op_type == "MatMulInteger" and node.input[1] in self._arrays
        }
        self._parameters = {
            name: parameter.detach().to(torch.float32).cpu().numpy()
            for name, parameter in network.classifier.model.named_parameters()
        }

    def table(self, path: str) -> dict[str, Any]:
        """Vectors of which one is looked up: a number being (byte - zero) x scale."""
        name = f"model.{path.replace('/', '.')}.weight"
        rows: npt.NDArray[Any] = self._arrays[f"{name}_quantized"]
        return {
            "at": self._place(rows),
            "rows": rows.shape[0],
            "scale": float(self._arrays[f"{name}_scale"]),
            "zero": int(self._arrays[f"{name}_zero_point"]),
        }

    def linear(self, path: str) -> dict[str, int]:
        """Weights int8 [inputs, outputs], scale and bias float32 [outputs]."""
        name = self._weights[f"/model/{path}"]
        return {
            "weights": self._place(self._arrays[name]),
            "scale": self._place(self._arrays[f"{name.removesuffix('_quantized')}_scale"].astype(np.float32)),
            "bias": self._parameter(f"{path}/bias"),
        }

    def norm(self, path: str) -> dict[str, int]:
        return {name: self._parameter(f"{path}/{name}") for name in ("weight", "bias")}

    def _parameter(self, path: str) -> int:
        # By content: the exporter keeps one of several parameters that are equal.
        return self._place(self._parameters[path.replace("/", ".")])

    def _place(self, array: npt.NDArray[Any]) -> int:
        return self._places[np.ascontiguousarray(array).tobytes()]


def _places(file: bytes, arrays: Iterable[npt.NDArray[Any]]) -> dict[bytes, int]:
    """Where in `file` each array stands, by its bytes; `arrays` in the order of the file."""
    found: dict[bytes, int] = {}
    place = 0
    for array in arrays:
        content = array.tobytes()
        # Integers of more than a byte may be written otherwise, and none is asked for.
        if array.dtype in (np.float32, np.int8, np.uint8):
            # Python prepares long before it looks for a long string.
            place = file.index(content[:SEARCHED], place)
            while file[place : place + len(content)] != content:
                place = file.index(content[:SEARCHED], place + 1)
            found[content] = place
            place += len(content)
    return found


def _probe(network: Network, vocabulary: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    rows = [
        [int(token) for token in random.integers(vocabulary, size=min(length, network.max_length))]
        for length in PROBE_LENGTHS
    ]
    with torch.no_grad():
        logits = [
            network.classifier(torch.tensor([row]), torch.ones((1, len(row)), dtype=torch.int64))[0].tolist()
            for row in rows
        ]
    return {"rows": rows, "logits": logits}
