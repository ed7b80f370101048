"""How fast an answer is computed, by engine: our kernels, ONNX Runtime, and OpenVINO where it is installed.

    python -m benchmarks.bench_engines FOLDER [--rounds 5]

FOLDER is what `python -m benchmarks.bench_serve --folder FOLDER` leaves: one set of weights of camembert-base's
architecture, as an fp32 graph and as the model folder that training makes. No HTTP and no tokenizer: rows of equal
length, so that an engine that pads loses nothing here. The engines take turns in each round, for the machine's noise
to hit all of them. OpenVINO, which the image does not hold, gets the fp32 graph with its weights compressed to int8 by
NNCF, and quantises activations as it runs:

    python -m venv VENV && VENV/bin/pip install openvino==2026.4.1 nncf==3.4.0 onnxruntime tokenizers
    VENV/bin/python -m benchmarks.bench_engines FOLDER

Prints milliseconds of a batch (median) and texts a second and, last, one JSON object.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "containers" / "serve"))

from trieur_serve.engines.kernels import Kernels, available  # noqa: E402
from trieur_serve.engines.onnx_runtime import OnnxRuntime  # noqa: E402

# (texts, tokens each): one short question, one sentence, one paragraph, and batches of questions.
SHAPES: Final = ((1, 14), (1, 32), (1, 128), (4, 16), (8, 16), (32, 16))
SECONDS_A_TURN: Final = 0.4

Rows = Sequence[Sequence[int]]
Engine = Callable[[Rows], Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    engines = found_engines(arguments.folder)
    random = np.random.default_rng(0)
    milliseconds: dict[str, dict[str, float]] = {name: {} for name in engines}
    print(f"{'texts x tokens':24}" + "".join(f"{name:>34}" for name in engines))
    for texts, tokens in SHAPES:
        rows = [random.integers(5, 500, tokens).tolist() for _ in range(texts)]
        took: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(arguments.rounds):
            for name, engine in engines.items():
                took[name] += turn(engine, rows)
        shape = f"{texts} x {tokens}"
        cells = []
        for name, each in took.items():
            milliseconds[name][shape] = round(1000 * statistics.median(each), 2)
            cells.append(f"{milliseconds[name][shape]:.1f} ms, {texts / statistics.median(each):.0f}/s")
        print(f"{shape:24}" + "".join(f"{cell:>34}" for cell in cells), flush=True)
    print(json.dumps(milliseconds))


def turn(engine: Engine, rows: Rows) -> list[float]:
    """Seconds of each call, after one that does not count."""
    engine(rows)
    took = []
    end = time.perf_counter() + SECONDS_A_TURN
    while time.perf_counter() < end or not took:
        started = time.perf_counter()
        engine(rows)
        took.append(time.perf_counter() - started)
    return took


def found_engines(folder: Path) -> dict[str, Engine]:
    threads = len(os.sched_getaffinity(0))
    model = folder / "ml" / "model"
    found: dict[str, Engine] = {}
    for library in available():
        kernels = Kernels(model, library, threads)
        found[kernels.name] = kernels.logits
    found["ONNX Runtime int8"] = OnnxRuntime(model / "model.onnx", 1, threads).logits
    found["ONNX Runtime fp32"] = OnnxRuntime(folder / "full.onnx", 1, threads).logits
    try:
        found["OpenVINO int8"] = openvino(folder / "full.onnx", threads)
    except ImportError:
        print("OpenVINO and NNCF are not installed here, so they are left out.")
    return found


def openvino(graph: Path, threads: int) -> Engine:
    import nncf
    import openvino as ov

    core = ov.Core()
    weights = nncf.compress_weights(core.read_model(graph), mode=nncf.CompressWeightsMode.INT8_SYM)
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        # Left to itself it computes in bfloat16 where the processor can.
        "INFERENCE_PRECISION_HINT": "f32",
        # A group as wide as a token: the fastest of 32, 64 and 768.
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": 768,
    }
    request = core.compile_model(weights, "CPU", settings).create_infer_request()

    def ask(rows: Rows) -> Any:
        ids = np.array(rows, dtype=np.int64)
        return request.infer({"input_ids": ids, "attention_mask": np.ones_like(ids)})

    return ask


if __name__ == "__main__":
    main()
