import json
from pathlib import Path

import numpy as np
import pytest
import torch
from trieur_train import export as exporting
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Network, build_network
from trieur_train.encoding import encode
from trieur_train.export import export, run_graph
from trieur_train.failure import TrainingFailed
from trieur_train.learning.loop import predict

from tests.unit.train.tiny_base_models import write_base_model

TEXTS = ["Qui est là ?", "Ça va ?", "Quelle heure est-il à Paris en ce moment ?", "oui"]


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(3)
    built = build_network(BaseModel("x", "scratch", None, None), TEXTS, labels=2, max_length=32, seed=1)
    with torch.no_grad():
        # As after a training: answers far from a draw, which rounding cannot turn.
        built.classifier.model.classifier.out_proj.bias.copy_(torch.tensor([2.0, -2.0]))
    return built


def test_the_int8_graph_ships_where_it_agrees(network: Network, tmp_path: Path) -> None:
    tokens, _ = encode(network.tokenizer, TEXTS, 32)
    logits = predict(network.classifier, tokens, network.pad_token_id)
    shipped = export(network, tokens, logits, 1, tmp_path)
    assert (shipped.quantization, shipped.agreement, shipped.note) == ("int8", 1.0, None)
    assert shipped.path.stat().st_size < 0.5 * (tmp_path / "full.onnx").stat().st_size
    assert np.allclose(run_graph(shipped.path, tokens, network.pad_token_id), logits, atol=0.2)


@pytest.mark.parametrize("kind", ["camembert", "bert"])
def test_base_models_are_exported_with_their_own_words(tmp_path: Path, kind: str) -> None:
    directory = write_base_model(tmp_path / "base", kind)
    fine_tuned = build_network(BaseModel(kind, "directory", directory, None), [], labels=4, max_length=512, seed=1)
    tokens, _ = encode(fine_tuned.tokenizer, [*TEXTS, "mot " * 200], fine_tuned.max_length)
    logits = predict(fine_tuned.classifier, tokens, fine_tuned.pad_token_id)
    shipped = export(fine_tuned, tokens, logits, 2, tmp_path)
    assert run_graph(shipped.path, tokens, fine_tuned.pad_token_id).shape == (len(tokens), 4)


def test_the_full_graph_ships_where_int8_disagrees(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LEAST_AGREEMENT", 1.01)
    tokens, _ = encode(network.tokenizer, TEXTS, 32)
    logits = predict(network.classifier, tokens, network.pad_token_id)
    shipped = export(network, tokens, logits, 1, tmp_path)
    assert shipped.quantization == "none"
    assert shipped.note is not None
    assert "full-precision graph ships" in shipped.note
    assert np.allclose(run_graph(shipped.path, tokens, network.pad_token_id), logits, atol=1e-4)


def test_a_text_gets_the_same_answer_alone_and_in_a_batch(network: Network, tmp_path: Path) -> None:
    tokens, _ = encode(network.tokenizer, TEXTS, 32)
    logits = predict(network.classifier, tokens, network.pad_token_id)
    export(network, tokens, logits, 1, tmp_path)
    alone = [run_graph(tmp_path / "full.onnx", [numbers], network.pad_token_id)[0] for numbers in tokens]
    assert np.allclose(alone, logits, atol=1e-4)


def test_a_graph_that_is_not_the_network_is_a_failure(network: Network, tmp_path: Path) -> None:
    tokens, _ = encode(network.tokenizer, TEXTS, 32)
    logits = predict(network.classifier, tokens, network.pad_token_id)
    with pytest.raises(TrainingFailed, match="does not answer as the trained model does"):
        export(network, tokens, logits + 1, 1, tmp_path)


def test_the_tokenizer_alone_serves(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    network.tokenizer.save(str(path))
    content = json.loads(path.read_text())
    assert content["truncation"] is None
    assert content["padding"] is None
    assert [token["content"] for token in content["added_tokens"]][:3] == ["<s>", "<pad>", "</s>"]
