"""Which engine serves a model on this machine."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from trieur_serve.cores import available_cores
from trieur_serve.engines.description import FILE
from trieur_serve.engines.engine import Engine
from trieur_serve.engines.kernels import Disagreement, Kernels, available
from trieur_serve.manifest import Manifest, ModelRefused

SETTING = "TRIEUR_ENGINE"
ONNX_RUNTIME = "onnxruntime"
# A question of usual length, and how often it is asked to find the faster of two engines.
TRIED_TOKENS = 16
TRIES = 3

logger = logging.getLogger("trieur_serve")


def load_engine(folder: Path, manifest: Manifest) -> Engine:
    """The fastest engine for the model in `folder`; TRIEUR_ENGINE names one. Raises ModelRefused.

    Kernels that multiply bytes by the processor's own instruction (VNNI) are always faster than ONNX Runtime. Without
    it the two are tried.
    """
    threads = available_cores()
    asked = os.environ.get(SETTING, "auto")
    kernels = available() if (folder / FILE).exists() else []
    if asked not in ("auto", ONNX_RUNTIME):
        if asked not in kernels:
            raise ModelRefused(
                f"{SETTING} is {asked!r}; for this model and processor it can be "
                f"{', '.join([ONNX_RUNTIME, *kernels])} or auto."
            )
        kernels = [asked]
    if asked != ONNX_RUNTIME:
        for library in kernels:
            try:
                engine = Kernels(folder, library, threads)
            except MemoryError as error:
                raise ModelRefused(f"The model in {folder} does not fit into memory: {error}.") from error
            except Disagreement as error:
                logger.warning("the kernels are not used", extra={"facts": {"library": library, "why": str(error)}})
                continue
            if asked == library or "vnni" in library:
                return engine
            faster = _faster([engine, _onnx_runtime(folder, manifest, threads)], min(TRIED_TOKENS, manifest.max_length))
            if faster is not engine:
                engine.close()
            return faster
    return _onnx_runtime(folder, manifest, threads)


def _onnx_runtime(folder: Path, manifest: Manifest, threads: int) -> Engine:
    # Imported where it is needed: it takes a third of the time to start, and of the memory.
    from trieur_serve.engines.onnx_runtime import OnnxRuntime

    return OnnxRuntime(folder / "model.onnx", manifest.pad_token_id, threads)


def _faster(engines: Sequence[Engine], tokens: int, clock: Callable[[], float] = time.perf_counter) -> Engine:
    row = [[0] * tokens]
    seconds = []
    for engine in engines:
        engine.logits(row)
        tries = []
        for _ in range(TRIES):
            started = clock()
            engine.logits(row)
            tries.append(clock() - started)
        seconds.append(min(tries))
    facts = {engine.name: round(1000 * took, 2) for engine, took in zip(engines, seconds, strict=True)}
    logger.info("engines tried", extra={"facts": {"ms_a_question": facts}})
    return engines[seconds.index(min(seconds))]
