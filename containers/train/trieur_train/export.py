"""The trained network as an ONNX graph that serving needs no torch for, quantised where that changes no answers."""

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from trieur_train.base_models.network import Network
from trieur_train.base_models.reasons import reason
from trieur_train.encoder_file import describe_encoder
from trieur_train.encoding import EncodedTexts, Tokens
from trieur_train.evaluation.metrics import agreement
from trieur_train.failure import TrainingFailed
from trieur_train.learning.batches import EVALUATED_AT_ONCE, batches_by_length, pad
from trieur_train.long_texts import mean_over_windows

LEAST_AGREEMENT = 0.99
# Rounding alone moves logits by about 1e-6; more than this means another function was exported.
LARGEST_DIFFERENCE = 1e-2
OPSET = 17


@dataclass(frozen=True)
class Export:
    """The graph that ships, at `path`."""

    path: Path
    quantization: str
    """int8 or none."""
    agreement: float
    """Share of validation texts that the int8 graph predicts as the trained network does; 0 where there is none."""
    note: str | None
    encoder: dict[str, Any] | None = None
    """The content of encoder.json, where the int8 graph is of a kind that serving computes by itself."""


def export(
    network: Network, validation: EncodedTexts, logits: npt.NDArray[np.float32], dimensions: int, folder: Path
) -> Export:
    """Write the graph under `folder`: int8 if it agrees with the trained network on the validation texts.

    `logits` are the trained network's, of each row; `dimensions` those of the targets (1 multi-class, 2 multi-label).
    Raises TrainingFailed when the network cannot be exported, or the exported graph is not the trained network.
    """
    full, small = folder / "full.onnx", folder / "int8.onnx"
    _write_graph(network, full)
    difference = float(np.abs(run_graph(full, validation.tokens, network.pad_token_id) - logits).max())
    if not difference <= LARGEST_DIFFERENCE:
        raise TrainingFailed(
            f"The exported graph does not answer as the trained model does (logits differ by {difference:.3g}): this "
            "base model cannot be exported."
        )
    try:
        _quantize(full, small)
        answers = run_graph(small, validation.tokens, network.pad_token_id)
    except Exception as error:
        logging.getLogger(__name__).exception("no int8 graph")
        return Export(
            full,
            "none",
            0.0,
            f"The graph could not be made int8 ({reason(error)}), so the full-precision graph ships: same answers, "
            "larger and slower.",
        )
    text_of = validation.text_of
    shared = agreement(mean_over_windows(answers, text_of), mean_over_windows(logits, text_of), dimensions)
    if shared >= LEAST_AGREEMENT:
        return Export(small, "int8", shared, None, _description(network, small))
    return Export(
        full,
        "none",
        shared,
        f"The int8 graph gave the answer of the trained model for only {shared:.1%} of the validation texts (at least "
        f"{LEAST_AGREEMENT:.0%} are asked for), so the full-precision graph ships: same answers, larger and slower.",
    )


def _description(network: Network, graph: Path) -> dict[str, Any] | None:
    try:
        return describe_encoder(network, graph)
    except (KeyError, ValueError):
        # Serving is slower without it, and that is all.
        logging.getLogger(__name__).exception("no encoder.json")
        return None


def run_graph(path: Path, tokens: Tokens, pad_token_id: int) -> npt.NDArray[np.float32]:
    """What ONNX Runtime answers, as serving will: logits float32 [texts, labels]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    rows_seen, logits_seen = [], []
    for rows in batches_by_length([len(row) for row in tokens], EVALUATED_AT_ONCE):
        input_ids, attention_mask = pad(tokens, rows, pad_token_id)
        (logits,) = session.run(["logits"], {"input_ids": input_ids, "attention_mask": attention_mask})
        logits_seen.append(np.asarray(logits, dtype=np.float32))
        rows_seen.append(rows)
    found: npt.NDArray[np.float32] = np.concatenate(logits_seen)[np.argsort(np.concatenate(rows_seen))]
    return found


def _write_graph(network: Network, path: Path) -> None:
    classifier = network.classifier.eval()
    # The plain form of attention is the one whose graph ONNX Runtime fuses.
    classifier.model.set_attn_implementation("eager")
    input_ids, attention_mask = pad(
        [[network.pad_token_id] * 8, [network.pad_token_id] * 5], [0, 1], network.pad_token_id
    )
    batch, both = {0: "batch"}, {0: "batch", 1: "tokens"}
    with warnings.catch_warnings(), torch.no_grad():
        # The tracer warns about each Python comparison of shapes on its way; the check above is what counts.
        warnings.simplefilter("ignore")
        try:
            torch.onnx.export(
                classifier,
                (torch.from_numpy(input_ids), torch.from_numpy(attention_mask)),
                str(path),
                dynamo=False,
                opset_version=OPSET,
                input_names=["input_ids", "attention_mask"],
                output_names=["logits"],
                dynamic_axes={"input_ids": both, "attention_mask": both, "logits": batch},
            )
        except torch.onnx.errors.OnnxExporterError as error:
            raise TrainingFailed(
                f"The trained model cannot be written as ONNX ({reason(error)}): give a base model of another kind."
            ) from error


def _quantize(full: Path, small: Path) -> None:
    # It recommends a preprocessing pass meant for convolutions.
    logging.getLogger().setLevel(logging.ERROR)
    # Signed weights are the fast ones. Seven of the eight bits are used: processors without VNNI add pairs of products
    # in 16 bits, which eight-bit weights can overflow, and then answers would depend on the machine that serves.
    quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
