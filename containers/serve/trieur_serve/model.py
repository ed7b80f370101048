"""The classifier itself: a tokenizer and an ONNX graph, loaded from the folder that training left."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from trieur_serve.cores import available_cores
from trieur_serve.manifest import Manifest, ModelRefused, read_manifest
from trieur_serve.predictions import probabilities

FILES = ("model.onnx", "tokenizer.json", "model.json")
INPUTS = {"input_ids", "attention_mask"}
OUTPUT = "logits"
# No real text needs this many characters for a token; only the start of a text is read anyway.
CHARACTERS_PER_TOKEN = 16


class Model:
    """Safe to use from one thread at a time; one prediction already uses every core."""

    def __init__(self, manifest: Manifest, tokenizer: Tokenizer, session: onnxruntime.InferenceSession) -> None:
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Loads and tries it on the shortest and the longest input. Raises ModelRefused."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ModelRefused(f"The model folder {folder} lacks {', '.join(missing)}.")
        manifest = read_manifest(folder / "model.json")
        model = cls(manifest, _tokenizer(folder / "tokenizer.json", manifest), _session(folder / "model.onnx"))
        model._warm_up(folder)
        return model

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token numbers of each text, special tokens included, at most `max_length` a text."""
        starts = [self._start_of(text) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(starts)]

    def predict(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Probabilities, [texts, labels], for what `encode` gave."""
        shape = (len(tokens), max(map(len, tokens)))
        ids = np.full(shape, self.manifest.pad_token_id, dtype=np.int64)
        mask = np.zeros(shape, dtype=np.int64)
        for row, numbers in enumerate(tokens):
            ids[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        logits: NDArray[np.float32] = self._session.run([OUTPUT], {"input_ids": ids, "attention_mask": mask})[0]
        return probabilities(logits, self.manifest.mode, self.manifest.temperature)

    def _start_of(self, text: str) -> str:
        # The tokenizer reads a text wholly before it truncates: 6 MB would take it seconds and a gigabyte.
        # A start that fills the model twice over gives the same first tokens as the whole.
        length = CHARACTERS_PER_TOKEN * self.manifest.max_length
        while length < len(text) and len(self._tokenizer.encode(text[:length]).overflowing) < 2:
            length *= 2
        return text[:length]

    def _warm_up(self, folder: Path) -> None:
        labels = len(self.manifest.labels)
        # The highest token number and the greatest length show now, not in a request months later, that
        # graph, tokenizer and model.json are not of one training.
        highest = max(self._tokenizer.get_vocab().values())
        try:
            for tokens in (self.encode(["Bonjour"]), [[highest] * self.manifest.max_length]):
                shape = self.predict(tokens).shape
                if shape != (1, labels):
                    raise ModelRefused(
                        f"The model in {folder} gives {shape[-1]} logits a text, but model.json has {labels} labels."
                    )
        except ModelRefused:
            raise
        except Exception as error:
            raise ModelRefused(f"The model in {folder} fails its first prediction: {_brief(error)}") from error


def _tokenizer(path: Path, manifest: Manifest) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(manifest.max_length)
    except Exception as error:
        raise ModelRefused(f"{path} cannot be loaded as a tokenizer: {_brief(error)}") from error
    special = tokenizer.num_special_tokens_to_add(False)
    if special >= manifest.max_length:
        raise ModelRefused(
            f"{path} adds {special} special tokens, which leave no room in a max_length of {manifest.max_length}."
        )
    if not tokenizer.get_vocab_size():
        raise ModelRefused(f"{path} has no vocabulary.")
    return tokenizer


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
