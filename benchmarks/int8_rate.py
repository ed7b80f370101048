"""How many int8 operations a second this machine multiplies at most: what a server's speed is held against.

    python -m benchmarks.int8_rate

ONNX Runtime's MatMulInteger on every core, over shapes from a batch of questions to squares that fit the caches; the
best repeat of the best shape counts. Prints one JSON object: operations_per_second and the shape. A multiplication and
its addition are two operations.
"""

import json
import os
import time
from typing import Final

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

# Rows, depth, columns.
SHAPES: Final = ((288, 768, 3072), (576, 768, 3072), (576, 3072, 768), (1024, 1024, 4096), (1024, 2048, 2048))
SECONDS_A_SHAPE: Final = 0.7


def main() -> None:
    rates = {shape: rate(*shape) for shape in SHAPES}
    best = max(rates, key=rates.__getitem__)
    print(json.dumps({"operations_per_second": rates[best], "shape": best}))


def rate(rows: int, depth: int, columns: int) -> float:
    """Operations a second of the fastest repeat."""
    random = np.random.default_rng(0)
    # Signed weights beside unsigned activations: the form that has an instruction of its own.
    weights = random.integers(-64, 64, (depth, columns), dtype=np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["activations", "weights", "zero"], ["product"])],
        "product",
        [helper.make_tensor_value_info("activations", TensorProto.UINT8, [rows, depth])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, [rows, columns])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array(128, np.uint8), "zero")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    activations = random.integers(0, 255, (rows, depth), dtype=np.uint8)
    shortest = float("inf")
    end = time.perf_counter() + SECONDS_A_SHAPE
    while (started := time.perf_counter()) < end:
        session.run(None, {"activations": activations})
        shortest = min(shortest, time.perf_counter() - started)
    return 2 * rows * depth * columns / shortest


if __name__ == "__main__":
    main()
