import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import GPT2Config, GPT2Model
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Network, build_network
from trieur_train.failure import TrainingFailed

from tests.unit.train.tiny_base_models import KINDS, write_base_model


def build(directory: Path | None, max_length: int = 64) -> Network:
    base_model = BaseModel("some model", "directory" if directory else "scratch", directory, None)
    return build_network(base_model, ["Qui est là ?", "Ça va ?"], labels=3, max_length=max_length, seed=1)


def refusal(directory: Path) -> str:
    with pytest.raises(TrainingFailed) as refused:
        build(directory)
    return str(refused.value)


@pytest.mark.parametrize("body_alone", [False, True])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_body_of_a_base_model_is_its_own_and_the_head_is_new(tmp_path: Path, kind: str, body_alone: bool) -> None:
    directory = write_base_model(tmp_path, kind, body_alone=body_alone)
    network = build(directory)
    model = network.classifier.model
    prefix = f"{model.base_model_prefix}."
    written = {name.removeprefix(prefix): weight for name, weight in load_file(directory / "model.safetensors").items()}
    body = {name: weight for name, weight in model.base_model.named_parameters() if not name.startswith("pooler.")}
    assert len(body) > 10
    assert all(torch.equal(weight, written[name]) for name, weight in body.items())
    tokens = torch.tensor([network.tokenizer.encode("Ça va ?").ids])
    assert network.classifier(tokens, torch.ones_like(tokens)).shape == (1, 3)
    assert network.segmentation is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_text_has_no_more_tokens_than_the_base_model_has_positions(tmp_path: Path, kind: str) -> None:
    network = build(write_base_model(tmp_path, kind), max_length=512)
    assert network.max_length == 64
    longest = torch.full((1, network.max_length), 5)
    assert network.classifier(longest, torch.ones_like(longest)).shape == (1, 3)


def test_from_scratch_a_text_of_max_length_fits() -> None:
    network = build(None, max_length=9)
    longest = torch.full((2, 9), 5)
    assert network.classifier(longest, torch.ones_like(longest)).shape == (2, 3)
    assert network.segmentation is not None


def test_weights_that_lack_the_body_are_refused(tmp_path: Path) -> None:
    path = write_base_model(tmp_path, "camembert") / "model.safetensors"
    kept = {name: weight for name, weight in load_file(path).items() if "layer.1" not in name}
    save_file(kept, path, metadata={"format": "pt"})
    assert "do not fit its configuration" in refusal(tmp_path)


def test_weights_of_another_size_are_refused(tmp_path: Path) -> None:
    path = write_base_model(tmp_path, "camembert") / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"intermediate_size": 128}))
    assert "do not fit its configuration" in refusal(tmp_path)


@pytest.mark.parametrize("kept", [0, 1000, -100])
def test_weights_that_were_not_copied_whole_are_refused(tmp_path: Path, kept: int) -> None:
    path = write_base_model(tmp_path, "camembert") / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    assert "The base model's weights cannot be read (SafetensorError" in refusal(tmp_path)


def test_older_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    (write_base_model(tmp_path, "camembert") / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(b"<html>404</html>")
    assert "The base model's weights cannot be read" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("bert", "do not fit its configuration"),
        ("vit", "is of a kind that is not fine-tuned to classify texts here (vit)"),
        ("bart", "is of a kind that is not fine-tuned to classify texts here (bart)"),
        ("unheard-of", "config.json cannot be used"),
    ],
)
def test_a_configuration_of_another_kind_is_refused(tmp_path: Path, kind: str, sentence: str) -> None:
    path = write_base_model(tmp_path, "camembert") / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model_type": kind}))
    assert sentence in refusal(tmp_path)


def test_a_kind_without_padding_is_refused(tmp_path: Path) -> None:
    configuration = GPT2Config(n_embd=8, n_layer=1, n_head=1, n_positions=16, vocab_size=200)
    GPT2Model(configuration).save_pretrained(write_base_model(tmp_path, "bert"))
    assert "a kind without padding (gpt2)" in refusal(tmp_path)


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    path = write_base_model(tmp_path, "roberta") / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"] |= {f"token{number}": 5000 + number for number in range(5000)}
    path.write_text(json.dumps(content))
    assert "do not belong together" in refusal(tmp_path)
