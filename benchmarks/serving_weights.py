"""One classifier for every server that is measured: the same weights, in the files that each reads.

    python -m benchmarks.serving_weights FOLDER [--max-length 128] [--small] [--train-container containers/train]

Writes FOLDER/ml/model as our training container leaves a model (its own export), FOLDER/transformers as transformers
saves one, and FOLDER/facts.json: the tokens of each question and how many operations they ask for. --small: only the
first, of the small CamemBERT that training makes where it has no base model. A process of its own, for torch would stay
in the memory of whoever measures afterwards.
"""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
QUESTIONS: Final = ROOT / "examples" / "chatbot-questions.json"
TRAIN_CONTAINER: Final = ROOT / "containers" / "train"
SEED: Final = 13
MAX_LENGTH: Final = 128
# Enough to compare the int8 graph with the weights it was made from.
COMPARED_TEXTS: Final = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--train-container", type=Path, default=TRAIN_CONTAINER)
    parser.add_argument("--max-length", type=int, default=MAX_LENGTH, help="tokens of a text")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.train_container))
    rows = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    texts, labels = [row["text"] for row in rows], sorted({row["label"] for row in rows})
    folder = arguments.folder
    saved = None if arguments.small else write_saved(folder, texts, labels)
    write(folder, saved, texts, labels, arguments.max_length)


def write_saved(folder: Path, texts: list[str], labels: list[str]) -> Path:
    """camembert-base's architecture as transformers saves a classifier."""
    import torch
    from transformers import AutoTokenizer, CamembertForSequenceClassification
    from transformers.utils.logging import disable_progress_bar, set_verbosity_error

    from benchmarks.camembert import write_model

    disable_progress_bar()
    set_verbosity_error()
    torch.manual_seed(SEED)
    base, saved = folder / "base", folder / "transformers"
    write_model(base, texts)
    names = dict(enumerate(labels))
    classifier = CamembertForSequenceClassification.from_pretrained(
        base, id2label=names, label2id={label: number for number, label in names.items()}
    )
    with torch.no_grad():
        # Random weights leave the classes closer together than int8 rounds, and then the export ships no int8 graph.
        # Training parts them; here a bias does.
        classifier.classifier.out_proj.bias.copy_(torch.arange(len(labels), dtype=torch.float32))
    classifier.save_pretrained(saved)
    AutoTokenizer.from_pretrained(base).save_pretrained(saved)
    return saved


def write(folder: Path, saved: Path | None, texts: list[str], labels: list[str], max_length: int) -> None:
    """What our training leaves of the weights in `saved`; of small ones where there are none."""
    import torch
    from trieur_train.artefacts import write_model as write_model_folder
    from trieur_train.base_models.find import BaseModel
    from trieur_train.base_models.network import build_network
    from trieur_train.encoding import encode
    from trieur_train.export import export
    from trieur_train.folders import Folders
    from trieur_train.learning.batches import pad

    logging.getLogger("torch").setLevel(logging.ERROR)
    torch.manual_seed(SEED)
    name = "camembert-base's architecture" if saved else "small CamemBERT"
    source = "directory" if saved else "scratch"
    network = build_network(
        BaseModel(name, source, saved, None),
        texts,
        labels=len(labels),
        max_length=max_length,
        seed=SEED,
    )
    compared = encode(network.tokenizer, texts[:COMPARED_TEXTS], max_length, "truncate")
    ids, mask = pad(compared.tokens, list(range(COMPARED_TEXTS)), network.pad_token_id)
    with torch.no_grad():
        logits = network.classifier.eval()(torch.from_numpy(ids), torch.from_numpy(mask)).numpy()
    exported = export(network, compared, logits, 1, folder)
    write_model_folder(
        Folders(folder / "ml"),
        graph=exported.path,
        encoder=exported.encoder,
        tokenizer=network.tokenizer,
        metrics={
            "mode": "multi-class",
            "labels": labels,
            "long_texts": {"max_length": max_length, "policy": "truncate"},
            "calibration": {"temperature": 1.0},
            "rejection": {"threshold": None},
            "base_model": {"name": name, "source": source},
        },
        pad_token_id=network.pad_token_id,
        training_job="bench-serve",
    )
    lengths = encode(network.tokenizer, texts, max_length, "truncate").lengths
    facts = {
        "lengths": lengths,
        "operations": [operations(length, network.classifier.model.config) for length in lengths],
        "quantization": exported.quantization,
    }
    (folder / "facts.json").write_text(json.dumps(facts), encoding="utf-8")


def operations(tokens: int, configuration: Any) -> int:
    """Multiplications and additions that one text of so many tokens asks of a BERT with a classification head.

    Per layer four square matrices and the two of the feed-forward part for each token, and twice tokens x tokens x
    width for attention; once the head's square matrix and one row a label. Nothing else counts: norms and activations
    are small beside it.
    """
    width, wide = configuration.hidden_size, configuration.intermediate_size
    layer = tokens * (4 * width * width + 2 * width * wide) + 2 * tokens * tokens * width
    head = width * width + width * configuration.num_labels
    return int(2 * (configuration.num_hidden_layers * layer + head))


if __name__ == "__main__":
    main()
