"""The graph of model.onnx, computed by ONNX Runtime."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from trieur_serve.engines.engine import brief
from trieur_serve.manifest import ModelRefused

INPUTS = {"input_ids", "attention_mask"}
OUTPUT = "logits"


class OnnxRuntime:
    """An Engine. Raises ModelRefused for a file that is no graph, or another one than training writes."""

    name = "ONNX Runtime"
    padded = True
    at_once = 1

    def __init__(self, path: Path, pad_token_id: int, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        # A memory plan is kept for every input shape met, and nearly every batch has its own.
        options.enable_mem_pattern = False
        options.log_severity_level = 4
        self._pad_token_id = pad_token_id
        try:
            self._session = onnxruntime.InferenceSession(
                str(path),
                options,
                providers=["CPUExecutionProvider"],
                # On processors it takes five times as long as the addition and the normalisation that it joins.
                disabled_optimizers=["SkipLayerNormFusion"],
            )
        except Exception as error:
            raise ModelRefused(f"{path} cannot be loaded as an ONNX graph: {brief(error)}") from error
        inputs = {given.name for given in self._session.get_inputs()}
        outputs = {given.name for given in self._session.get_outputs()}
        if inputs != INPUTS or OUTPUT not in outputs:
            raise ModelRefused(
                f"{path} takes {sorted(inputs)} and gives {sorted(outputs)}; "
                f"it must take {sorted(INPUTS)} and give {OUTPUT!r}."
            )

    def logits(self, rows: Sequence[Sequence[int]], number: int = 0, together: bool = True) -> NDArray[np.float32]:
        del number, together
        shape = (len(rows), max(map(len, rows)))
        ids = np.full(shape, self._pad_token_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, numbers in enumerate(rows):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        logits: NDArray[np.float32] = self._session.run([OUTPUT], {"input_ids": ids, "attention_mask": mask})[0]
        return logits
