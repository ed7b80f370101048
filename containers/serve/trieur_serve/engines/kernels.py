"""An encoder of BERT's kind, computed in int8 by the kernels of ../../kernels from the weights in model.onnx."""

import ctypes
import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trieur_serve.engines.description import FILE, Sizes, read_description
from trieur_serve.engines.engine import brief
from trieur_serve.manifest import ModelRefused

COMPILED = Path(__file__).with_name("compiled")
# What a processor must have for each of the compiled libraries, the fastest first.
NEEDED = {
    "avx512vnni": {"avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd", "avx512_vnni"},
    "avx2": {"avx2", "fma", "bmi1", "bmi2"},
}
# In the order of the C side's names.
LINEARS = ("query", "key", "value", "mixed", "widened", "narrowed", "pooled", "classes")
NORMS = ("embedded", "attended", "fed")
# int8 moves logits by some hundredths of their size, another network's are as far away as they are large.
LARGEST_ERROR = 0.25

_POINTER, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


def available(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """The compiled kernels that this processor runs, the fastest first."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return []
    flags = next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set[str]())
    return [name for name, needed in NEEDED.items() if needed <= flags and (COMPILED / f"{name}.so").exists()]


class Disagreement(Exception):
    """The kernels compute something else than what was trained."""


class Kernels:
    """An Engine over one compiled library.

    Raises ModelRefused where encoder.json and model.onnx are damaged or not of one training, Disagreement where the
    kernels do not answer as the network did in training, MemoryError.
    """

    padded = False

    def __init__(self, folder: Path, library: str, threads: int) -> None:
        self.name = f"int8 kernels ({library})"
        self.at_once = threads
        self._library = _library(COMPILED / f"{library}.so")
        self._encoder: int | None = None
        path = folder / FILE
        graph = folder / "model.onnx"
        try:
            facts, self.sizes = read_description(path, graph)
            with graph.open("rb") as file:
                self._file = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            self._fill(facts, self.sizes, threads)
            rows, logits = facts["probe"]["rows"], np.array(facts["probe"]["logits"], dtype=np.float32)
            answers = self.logits(rows)
            error = float(np.linalg.norm(answers - logits) / np.linalg.norm(logits))
        except (LookupError, ValueError, TypeError, OverflowError, RecursionError, ctypes.ArgumentError) as error:
            what = f"has no {error}" if isinstance(error, KeyError) else brief(error)
            raise ModelRefused(f"{path} does not describe {graph.name} beside it: {what}.") from error
        if not error <= LARGEST_ERROR:
            self.close()
            raise Disagreement(f"their logits differ by {error:.0%} from those of training")

    def logits(self, rows: Sequence[Sequence[int]], number: int = 0, together: bool = True) -> NDArray[np.float32]:
        lengths = [len(row) for row in rows]
        # The kernels look numbers up, and write their own, without looking where.
        if min(lengths) < 1 or max(lengths) > self.sizes.longest:
            raise ValueError(
                f"a row has {min(lengths)} to {max(lengths)} tokens; the model takes 1 to {self.sizes.longest}"
            )
        starts = np.zeros(len(rows) + 1, dtype=np.int32)
        np.cumsum(lengths, out=starts[1:])
        tokens = np.fromiter((token for row in rows for token in row), np.int32, int(starts[-1]))
        if tokens.min() < 0 or tokens.max() >= self.sizes.words:
            raise ValueError(f"token {tokens.max()} is not one of the model's {self.sizes.words}")
        logits = np.empty((len(rows), self.sizes.labels), dtype=np.float32)
        failed = self._library.encoder_run(
            self._encoder, number, together, tokens.ctypes.data, starts.ctypes.data, len(rows), logits.ctypes.data
        )
        if failed:
            raise MemoryError(f"no memory for {len(tokens)} tokens")
        return logits

    def close(self) -> None:
        """Gives the memory back. Not left to Python, whose end may come while another thread is in the kernels."""
        self._library.encoder_free(self._encoder)

    def _fill(self, facts: dict[str, Any], sizes: Sizes, threads: int) -> None:
        hidden = sizes.hidden
        self._encoder = self._library.encoder_new(
            sizes.layers,
            hidden,
            sizes.heads,
            sizes.inner,
            sizes.labels,
            sizes.padding,
            facts["epsilon"],
            threads,
        )
        if not self._encoder:
            raise MemoryError(f"no memory for {sizes.layers} layers of {hidden}")
        words = facts["words"]
        # Looked up in place: only the vectors of words that are asked for are ever read.
        self._vectors = self._read(words["at"], np.uint8, sizes.words * hidden)
        positions = self._table(facts["positions"], hidden) + self._table(facts["types"], hidden)[0]
        failed = self._library.encoder_set_embeddings(
            self._encoder,
            self._vectors.ctypes.data,
            words["scale"],
            words["zero"],
            positions.ctypes.data,
            len(positions),
        )
        if failed:
            raise MemoryError(f"no memory for {len(positions)} positions")
        inputs = {"narrowed": sizes.inner}
        outputs = {"widened": sizes.inner, "classes": sizes.labels}
        for number, layer in enumerate([*facts["layers"], facts]):
            of_a_layer = number < sizes.layers
            for name in LINEARS[:-2] if of_a_layer else LINEARS[-2:]:
                self._set_linear(number, name, layer[name], (inputs.get(name, hidden), outputs.get(name, hidden)))
            for name in NORMS[1:] if of_a_layer else NORMS[:1]:
                weight, bias = (self._read(layer[name][part], np.float32, hidden) for part in ("weight", "bias"))
                self._library.encoder_set_norm(
                    self._encoder, number, NORMS.index(name), weight.ctypes.data, bias.ctypes.data
                )
        # The kernels keep the weights in an order of their own; the file's pages would double them.
        self._file.madvise(mmap.MADV_DONTNEED)

    def _set_linear(self, layer: int, name: str, at: dict[str, int], shape: tuple[int, int]) -> None:
        weights = self._read(at["weights"], np.int8, shape[0] * shape[1])
        scale, bias = (self._read(at[part], np.float32, shape[1]) for part in ("scale", "bias"))
        self._library.encoder_set_linear(
            self._encoder, layer, LINEARS.index(name), weights.ctypes.data, scale.ctypes.data, bias.ctypes.data
        )

    def _table(self, facts: dict[str, Any], hidden: int) -> NDArray[np.float32]:
        numbers = self._read(facts["at"], np.uint8, facts["rows"] * hidden).reshape(facts["rows"], hidden)
        return (numbers.astype(np.float32) - facts["zero"]) * np.float32(facts["scale"])

    def _read(self, at: int, kind: type[np.generic], count: int) -> NDArray[Any]:
        """So many numbers from that byte on; ValueError beyond the file's end."""
        if at < 0:
            raise ValueError(f"byte {at} is before the file's start")
        found = np.frombuffer(self._file, dtype=kind, count=count, offset=at)
        # In the file they lie anywhere, where C may read whole numbers at even places only.
        return found if kind in (np.int8, np.uint8) else found.copy()


def _library(path: Path) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    library.encoder_new.restype = _POINTER
    library.encoder_new.argtypes = [*[_INT] * 6, _FLOAT, _INT]
    library.encoder_free.restype = None
    library.encoder_free.argtypes = [_POINTER]
    library.encoder_set_embeddings.argtypes = [_POINTER, _POINTER, _FLOAT, _INT, _POINTER, _INT]
    library.encoder_set_linear.restype = None
    library.encoder_set_linear.argtypes = [_POINTER, _INT, _INT, _POINTER, _POINTER, _POINTER]
    library.encoder_set_norm.restype = None
    library.encoder_set_norm.argtypes = [_POINTER, _INT, _INT, _POINTER, _POINTER]
    library.encoder_run.argtypes = [_POINTER, _INT, _INT, _POINTER, _POINTER, _INT, _POINTER]
    return library
