"""The classifier itself: a tokenizer and an ONNX graph, loaded from the folder that training left."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from trieur_serve.cores import available_cores
from trieur_serve.encoding import EncodedTexts, Encoder, Steps, at_once
from trieur_serve.manifest import Manifest, ModelRefused, read_manifest
from trieur_serve.predictions import probabilities

FILES = ("model.onnx", "tokenizer.json", "model.json")
INPUTS = {"input_ids", "attention_mask"}
OUTPUT = "logits"


class Model:
    """Safe to use from one thread at a time; one prediction already uses every core."""

    def __init__(self, manifest: Manifest, encoder: Encoder, session: onnxruntime.InferenceSession) -> None:
        self.manifest = manifest
        self._encoder = encoder
        self._session = session

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Loads and tries it on the shortest and the longest input. Raises ModelRefused."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ModelRefused(f"The model folder {folder} lacks {', '.join(missing)}.")
        manifest = read_manifest(folder / "model.json")
        model = cls(manifest, _encoder(folder / "tokenizer.json", manifest), _session(folder / "model.onnx"))
        model._warm_up(folder)
        return model

    def encode(self, texts: Sequence[str]) -> Steps[EncodedTexts]:
        """The rows of each text, special tokens included, at most `max_length` tokens a row."""
        return self._encoder.encode(texts)

    def logits(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """[rows, labels], for rows that `encode` gave."""
        shape = (len(rows), max(map(len, rows)))
        ids = np.full(shape, self.manifest.pad_token_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, numbers in enumerate(rows):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        logits: NDArray[np.float32] = self._session.run([OUTPUT], {"input_ids": ids, "attention_mask": mask})[0]
        return logits

    def probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Both [texts, labels]; a text's logits are the mean over its rows'."""
        return probabilities(logits, self.manifest.mode, self.manifest.temperature)

    def _warm_up(self, folder: Path) -> None:
        labels = len(self.manifest.labels)
        # The highest token number and the greatest length show now, not in a request months later, that
        # graph, tokenizer and model.json are not of one training.
        try:
            longest = [self._encoder.highest] * self.manifest.max_length
            for rows in (at_once(self.encode(["Bonjour"])).rows, [longest]):
                shape = self.probabilities(self.logits(rows)).shape
                if shape != (1, labels):
                    raise ModelRefused(
                        f"The model in {folder} gives {shape[-1]} logits a text, but model.json has {labels} labels."
                    )
        except ModelRefused:
            raise
        except Exception as error:
            raise ModelRefused(f"The model in {folder} fails its first prediction: {_brief(error)}") from error


def _encoder(path: Path, manifest: Manifest) -> Encoder:
    try:
        tokenizer = Tokenizer.from_file(str(path))
        encoder = Encoder(tokenizer, manifest.max_length, manifest.long_texts)
    except Exception as error:
        raise ModelRefused(f"{path} cannot be loaded as a tokenizer: {_brief(error)}") from error
    special = tokenizer.num_special_tokens_to_add(False)
    if special >= manifest.max_length:
        raise ModelRefused(
            f"{path} adds {special} special tokens, which leave no room in a max_length of {manifest.max_length}."
        )
    if not tokenizer.get_vocab_size():
        raise ModelRefused(f"{path} has no vocabulary.")
    return encoder


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_cores()
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # A memory plan is kept for every input shape met, and nearly every batch has its own.
    options.enable_mem_pattern = False
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelRefused(f"{path} cannot be loaded as an ONNX graph: {_brief(error)}") from error
    inputs = {given.name for given in session.get_inputs()}
    outputs = {given.name for given in session.get_outputs()}
    if inputs != INPUTS or OUTPUT not in outputs:
        raise ModelRefused(
            f"{path} takes {sorted(inputs)} and gives {sorted(outputs)}; "
            f"it must take {sorted(INPUTS)} and give {OUTPUT!r}."
        )
    return session


def _brief(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300]
