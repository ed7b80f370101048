"""encoder.json: what the training container says of an encoder whose numbers lie in model.onnx."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "encoder.json"
FORMAT = 1
# The kernels compute so many numbers of a head at a time, and so many outputs of a layer.
LANES, PANEL = 16, 32
LARGEST = 65_536


@dataclass(frozen=True)
class Sizes:
    """hidden, inner: numbers of a token between and within layers. positions: of how many tokens a row can be, and
    `padding` + 1 more; padding: the token that has the position of its own number, or -1. words: token numbers."""

    layers: int
    hidden: int
    heads: int
    inner: int
    labels: int
    words: int
    positions: int
    padding: int

    @property
    def longest(self) -> int:
        """Tokens of a row."""
        return self.positions - (self.padding + 1)


def read_description(path: Path, graph: Path) -> tuple[dict[str, Any], Sizes]:
    """The file's content, and the sizes in it. Raises ValueError, KeyError or TypeError for what the kernels cannot
    compute, or does not belong to `graph`."""
    facts = json.loads(path.read_bytes())
    if facts["format"] != FORMAT:
        raise ValueError(f"its format is {facts['format']!r}, and only {FORMAT} is read here")
    if facts["graph_bytes"] != graph.stat().st_size:
        raise ValueError(f"it describes a model.onnx of {facts['graph_bytes']} bytes")
    given = {
        "layers": len(facts["layers"]),
        "words": facts["words"]["rows"],
        "positions": facts["positions"]["rows"],
        "types": facts["types"]["rows"],
    } | {name: facts[name] for name in ("hidden", "heads", "inner", "labels")}
    for name, size in given.items():
        # Millions of words are many, but may be.
        if type(size) is not int or not 1 <= size <= LARGEST * (LANES if name == "words" else 1):
            raise ValueError(f"{name} is {size!r}")
    del given["types"]
    sizes = Sizes(**given, padding=facts["padding"])
    if type(sizes.padding) is not int or not -1 <= sizes.padding < sizes.positions - 1:
        raise ValueError(f"padding is {sizes.padding!r}")
    if sizes.hidden % sizes.heads or sizes.hidden // sizes.heads % LANES:
        raise ValueError(f"{sizes.heads} heads do not share {sizes.hidden} numbers by {LANES}")
    if sizes.hidden % PANEL or sizes.inner % PANEL:
        raise ValueError(f"{sizes.hidden} or {sizes.inner} numbers are not computed {PANEL} by {PANEL}")
    if sizes.labels > sizes.inner:
        raise ValueError(f"{sizes.labels} labels are more than {sizes.inner} numbers")
    return facts, sizes
