"""Both engines on networks that the training container exports: what they answer is what was trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from trieur_serve.engines import choice, kernels
from trieur_serve.engines.description import FILE
from trieur_serve.engines.kernels import Disagreement, Kernels
from trieur_serve.manifest import ModelRefused, read_manifest
from trieur_serve.model import Model
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Network, build_network
from trieur_train.encoder_file import describe_encoder
from trieur_train.encoding import EncodedTexts
from trieur_train.export import export

from tests.unit.train.tiny_base_models import KINDS, write_base_model

COMPUTED = ("bert", "camembert", "roberta", "xlm-roberta")
LABELS = 5
MAX_LENGTH = 40

pytestmark = pytest.mark.skipif(not kernels.available(), reason="no kernels are compiled for this processor")


def write_model(folder: Path, kind: str) -> tuple[Path, Network]:
    """A model folder as training leaves it, of a network with random weights, and that network."""
    base_model = BaseModel(kind, "directory", write_base_model(folder / "base", kind), None)
    network = build_network(base_model, [], labels=LABELS, max_length=MAX_LENGTH, seed=3)
    network.classifier.eval()
    with torch.no_grad():
        # Numbers of their own, so that one in the place of another would show.
        for name, parameter in network.classifier.named_parameters():
            if name.endswith("bias") or "LayerNorm" in name:
                parameter.add_(0.3 * torch.randn_like(parameter))
    rows = random_rows(network, [3, 9])
    shipped = export(network, EncodedTexts(rows, np.arange(2), [3, 9], MAX_LENGTH), answers(network, rows), 1, folder)
    model = folder / "model"
    model.mkdir()
    (folder / "int8.onnx").rename(model / "model.onnx")
    assert shipped.agreement > 0
    description = describe_encoder(network, model / "model.onnx")
    if description:
        (model / FILE).write_text(json.dumps(description))
    network.tokenizer.save(str(model / "tokenizer.json"))
    facts = {
        "format": 2,
        "mode": "multi-class",
        "labels": [f"label {number}" for number in range(LABELS)],
        "max_length": MAX_LENGTH,
        "long_texts": "truncate",
        "pad_token_id": network.pad_token_id,
        "temperature": 1.0,
        "threshold": None,
    }
    (model / "model.json").write_text(json.dumps(facts))
    return model, network


def random_rows(network: Network, lengths: list[int]) -> list[list[int]]:
    random = np.random.default_rng(len(lengths))
    vocabulary = network.tokenizer.get_vocab_size()
    return [random.integers(vocabulary, size=length).tolist() for length in lengths]


def answers(network: Network, rows: list[list[int]]) -> np.ndarray:
    """[rows, labels], row by row."""
    with torch.no_grad():
        return np.array(
            [
                network.classifier(torch.tensor([row]), torch.ones((1, len(row)), dtype=torch.int64))[0].numpy()
                for row in rows
            ]
        )


@pytest.fixture(scope="module")
def camembert(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Network]:
    return write_model(tmp_path_factory.mktemp("camembert"), "camembert")


@pytest.fixture
def copied(camembert: tuple[Path, Network], tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    for file in camembert[0].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    facts = json.loads((folder / FILE).read_text())
    edit(facts)
    (folder / FILE).write_text(json.dumps(facts))


@pytest.mark.parametrize("kind", COMPUTED)
def test_the_kernels_compute_the_trained_network(kind: str, tmp_path: Path) -> None:
    folder, network = write_model(tmp_path, kind)
    # Of every height of a block of rows, and of several; the padding token's number among them.
    rows = random_rows(network, [*range(1, 31), MAX_LENGTH, MAX_LENGTH])
    trained = answers(network, rows)
    for library in kernels.available():
        for threads in (1, 3):
            engine = Kernels(folder, library, threads)

            found = engine.logits(rows)

            assert np.linalg.norm(found - trained) < 0.1 * np.linalg.norm(trained)
            alone = np.concatenate([engine.logits([row]) for row in rows])
            assert np.array_equal(found, alone), "an answer depends on what else is asked"


def test_all_kernels_give_the_same_answers(camembert: tuple[Path, Network]) -> None:
    folder, network = camembert
    rows = random_rows(network, [7, 20, 33])
    first, *others = [Kernels(folder, library, 2).logits(rows) for library in kernels.available()]
    for other in others:
        assert np.allclose(first, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(COMPUTED)))
def test_other_networks_are_left_to_onnx_runtime(kind: str, tmp_path: Path) -> None:
    folder, _ = write_model(tmp_path, kind)
    assert not (folder / FILE).exists()
    assert Model.load(folder).engine.name == "ONNX Runtime"


def test_tokens_that_the_model_does_not_have_are_refused(camembert: tuple[Path, Network]) -> None:
    folder, network = camembert
    engine = Kernels(folder, kernels.available()[0], 1)
    for row in ([network.tokenizer.get_vocab_size()], [-1], [0] * 70):
        with pytest.raises(ValueError, match="token"):
            engine.logits([row])


def test_an_engine_can_be_asked_for(camembert: tuple[Path, Network], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, _ = camembert
    manifest = read_manifest(folder / "model.json")
    for asked, name in [("onnxruntime", "ONNX Runtime"), ("avx2", "int8 kernels (avx2)")]:
        monkeypatch.setenv(choice.SETTING, asked)
        assert choice.load_engine(folder, manifest).name == name
    monkeypatch.setenv(choice.SETTING, "gpu")
    with pytest.raises(ModelRefused, match="TRIEUR_ENGINE is 'gpu'; for this model and processor it can be onnxrunt"):
        choice.load_engine(folder, manifest)


def test_without_vnni_the_faster_engine_is_found(
    camembert: tuple[Path, Network], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    folder, _ = camembert
    monkeypatch.setattr(choice, "available", lambda: ["avx2"])
    with caplog.at_level("INFO", "trieur_serve"):
        engine = choice.load_engine(folder, read_manifest(folder / "model.json"))

    (tried,) = [record.facts["ms_a_question"] for record in caplog.records if record.message == "engines tried"]
    assert engine.name == min(tried, key=tried.__getitem__)
    assert set(tried) == {"ONNX Runtime", "int8 kernels (avx2)"}


def test_kernels_that_disagree_with_training_are_not_used(copied: Path, caplog: pytest.LogCaptureFixture) -> None:
    change(copied, lambda facts: facts["layers"].reverse())
    with pytest.raises(Disagreement, match=r"their logits differ by \d+% from those of training"):
        Kernels(copied, kernels.available()[0], 1)
    with caplog.at_level("WARNING", "trieur_serve"):
        assert Model.load(copied).engine.name == "ONNX Runtime"
    assert "the kernels are not used" in [record.message for record in caplog.records]


DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "format": (lambda facts: facts.update(format=9), "its format is 9"),
    "another graph": (lambda facts: facts.update(graph_bytes=5), "it describes a model.onnx of 5 bytes"),
    "no layers": (lambda facts: facts.pop("layers"), "has no 'layers'"),
    "beyond the end": (lambda facts: facts["words"].update(at=10**9), "offset"),
    "before the start": (lambda facts: facts["words"].update(at=-5), "before the file's start"),
    "no numbers": (lambda facts: facts.update(hidden="many"), "hidden is 'many'"),
    "odd width": (lambda facts: facts.update(hidden=33), "2 heads do not share 33 numbers"),
    "half a panel": (lambda facts: facts.update(hidden=48, heads=3), "48 or 64 numbers are not computed 32 by 32"),
    "no types": (lambda facts: facts["types"].update(rows=0), "types is 0"),
    "no bias": (lambda facts: facts["layers"][0].pop("query"), "has no 'query'"),
    "an empty row": (lambda facts: facts["probe"]["rows"].append([]), "a row has 0 to"),
    "too many words": (lambda facts: facts["words"].update(rows=10**6), "buffer"),
    "no padding": (lambda facts: facts.update(padding=66), "padding is 66"),
    "half a padding": (lambda facts: facts.update(padding=0.5), "padding is 0.5"),
    "no heads": (lambda facts: facts.update(heads=0), "heads is 0"),
    "negative labels": (lambda facts: facts.update(labels=-1), "labels is -1"),
    "beyond any integer": (lambda facts: facts.update(inner=2**40), "inner is 1099511627776"),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_a_damaged_description_ends_the_start_with_a_sentence(damage: str, copied: Path) -> None:
    edit, says = DAMAGES[damage]
    change(copied, edit)
    with pytest.raises(ModelRefused, match=r"encoder\.json does not describe model\.onnx beside it: ") as refused:
        Kernels(copied, kernels.available()[0], 1)
    assert says in str(refused.value)


def test_a_description_that_is_no_json_is_refused(copied: Path) -> None:
    (copied / FILE).write_bytes(b"\xff{")
    with pytest.raises(ModelRefused, match=r"encoder\.json does not describe"):
        Model.load(copied)


def test_a_processor_has_what_its_flags_say(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 fma bmi1 bmi2\n")
    assert kernels.available(cpuinfo) == ["avx2"]
    cpuinfo.write_text("processor\t: 0\nFeatures\t: asimd\n")
    assert kernels.available(cpuinfo) == []
    assert kernels.available(tmp_path / "none") == []
