"""What `bench_train.py` measures against: transformers' Trainer as its own examples use it.

    python benchmarks/standard_training.py MODEL_FOLDER TRAIN.JSONL

Texts padded to 128 tokens, batches of 8, everything else at its default. Prints one JSON object: seconds of one epoch.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset
from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

LENGTH = 128


class Examples(Dataset[dict[str, Any]]):
    def __init__(self, tokenizer: Any, rows: list[dict[str, str]]) -> None:
        self._encodings = tokenizer(
            [row["text"] for row in rows], truncation=True, padding="max_length", max_length=LENGTH
        )
        labels = sorted({row["label"] for row in rows})
        self._labels = [labels.index(row["label"]) for row in rows]

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, number: int) -> dict[str, Any]:
        return {name: values[number] for name, values in self._encodings.items()} | {"labels": self._labels[number]}


def main(model_folder: Path, train: Path) -> None:
    rows = [json.loads(line) for line in train.read_text(encoding="utf-8").splitlines()]
    model = AutoModelForSequenceClassification.from_pretrained(
        model_folder, num_labels=len({row["label"] for row in rows})
    )
    with tempfile.TemporaryDirectory() as output:
        arguments = TrainingArguments(
            output_dir=output, num_train_epochs=1, save_strategy="no", report_to="none", disable_tqdm=True, use_cpu=True
        )
        trainer = Trainer(
            model=model, args=arguments, train_dataset=Examples(AutoTokenizer.from_pretrained(model_folder), rows)
        )
        started = time.perf_counter()
        trainer.train()
        print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
