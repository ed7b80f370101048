"""The classifier itself: a tokenizer and a network, loaded from the folder that training left."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from trieur_serve.encoding import EncodedTexts, Encoder, Steps, at_once
from trieur_serve.engines.choice import load_engine
from trieur_serve.engines.engine import Engine, brief
from trieur_serve.manifest import Manifest, ModelRefused, read_manifest
from trieur_serve.predictions import probabilities

FILES = ("model.onnx", "tokenizer.json", "model.json")


class Model:
    """`logits` may be asked by several threads as its engine says, all else by one at a time."""

    def __init__(self, manifest: Manifest, encoder: Encoder, engine: Engine) -> None:
        self.manifest = manifest
        self._encoder = encoder
        self.engine = engine

    @classmethod
    def load(cls, folder: Path) -> "Model":
        """Loads and tries it on the shortest and the longest input. Raises ModelRefused."""
        missing = [name for name in FILES if not (folder / name).is_file()]
        if missing:
            raise ModelRefused(f"The model folder {folder} lacks {', '.join(missing)}.")
        manifest = read_manifest(folder / "model.json")
        model = cls(manifest, _encoder(folder / "tokenizer.json", manifest), load_engine(folder, manifest))
        model._warm_up(folder)
        return model

    def encode(self, texts: Sequence[str]) -> Steps[EncodedTexts]:
        """The rows of each text, special tokens included, at most `max_length` tokens a row."""
        encoded = yield from self._encoder.encode(texts)
        # A tokenizer without special tokens may leave nothing of a text.
        return replace(encoded, rows=[row or [self.manifest.pad_token_id] for row in encoded.rows])

    def logits(self, rows: Sequence[Sequence[int]], number: int = 0, together: bool = True) -> NDArray[np.float32]:
        """[rows, labels], for rows that `encode` gave; see Engine."""
        return self.engine.logits(rows, number, together)

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
            raise ModelRefused(f"The model in {folder} fails its first prediction: {brief(error)}") from error


def _encoder(path: Path, manifest: Manifest) -> Encoder:
    try:
        tokenizer = Tokenizer.from_file(str(path))
        encoder = Encoder(tokenizer, manifest.max_length, manifest.long_texts)
    except Exception as error:
        raise ModelRefused(f"{path} cannot be loaded as a tokenizer: {brief(error)}") from error
    special = tokenizer.num_special_tokens_to_add(False)
    if special >= manifest.max_length:
        raise ModelRefused(
            f"{path} adds {special} special tokens, which leave no room in a max_length of {manifest.max_length}."
        )
    if not tokenizer.get_vocab_size():
        raise ModelRefused(f"{path} has no vocabulary.")
    return encoder
