import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from tokenizers import Tokenizer, models
from transformers import CamembertConfig, CamembertForSequenceClassification
from trieur_train import export as exporting
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Classifier, Network, build_network
from trieur_train.encoding import EncodedTexts, Tokens, encode
from trieur_train.export import export, run_graph
from trieur_train.failure import TrainingFailed

from tests.unit.train.tiny_base_models import KINDS, write_base_model

TEXTS = ["Qui est là ?", "Ça va ?", "Quelle heure est-il à Paris en ce moment ?", "oui"]


def encoded(network: Network, texts: Sequence[str] = TEXTS) -> EncodedTexts:
    return encode(network.tokenizer, texts, network.max_length, "truncate")


def answers(network: Network, tokens: Tokens) -> npt.NDArray[np.float32]:
    """The logits that the network gives each text alone, float32 [texts, labels]."""
    network.classifier.eval()
    with torch.inference_mode():
        rows = [torch.tensor([numbers]) for numbers in tokens]
        return np.concatenate([network.classifier(row, torch.ones_like(row)).numpy() for row in rows])


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(3)
    built = build_network(BaseModel("x", "scratch", None, None), TEXTS, labels=2, max_length=32, seed=1)
    with torch.no_grad():
        # As after a training: answers far from a draw, which rounding cannot turn.
        built.classifier.model.classifier.out_proj.bias.copy_(torch.tensor([2.0, -2.0]))
    return built


def test_the_int8_graph_ships_where_it_agrees(network: Network, tmp_path: Path) -> None:
    texts = encoded(network)
    logits = answers(network, texts.tokens)
    shipped = export(network, texts, logits, 1, tmp_path)
    assert (shipped.quantization, shipped.agreement, shipped.note) == ("int8", 1.0, None)
    assert shipped.path.stat().st_size < 0.5 * (tmp_path / "full.onnx").stat().st_size
    assert np.allclose(run_graph(shipped.path, texts.tokens, network.pad_token_id), logits, atol=0.2)


@pytest.fixture(params=sorted(KINDS))
def fine_tuned(request: pytest.FixtureRequest, tmp_path: Path) -> Network:
    """A network of each kind after an epoch of TEXTS, each of its own class."""
    base_model = BaseModel(request.param, "directory", write_base_model(tmp_path / "base", request.param), None)
    built = build_network(base_model, [], labels=len(TEXTS), max_length=64, seed=1)
    optimizer = torch.optim.AdamW(built.classifier.parameters(), lr=1e-3)
    tokens = encoded(built).tokens
    before = answers(built, tokens)
    for number, numbers in enumerate(tokens):
        logits = built.classifier(torch.tensor([numbers]), torch.ones(1, len(numbers), dtype=torch.long))
        torch.nn.functional.cross_entropy(logits, torch.tensor([number])).backward()
        optimizer.step()
    assert np.abs(answers(built, tokens) - before).max() > 1e-2
    return built


def test_a_base_model_of_any_kind_is_exported_for_batches_and_texts_of_any_size(
    fine_tuned: Network, tmp_path: Path
) -> None:
    pad = fine_tuned.pad_token_id
    validation = encoded(fine_tuned, [*TEXTS, "mot " * 200])
    export(fine_tuned, validation, answers(fine_tuned, validation.tokens), 1, tmp_path)
    random = np.random.default_rng(1)
    for batch, longest in ((1, 3), (5, 17), (2, 64)):
        lengths = [longest, *range(2, batch + 1)]
        tokens = [random.integers(5, fine_tuned.tokenizer.get_vocab_size(), length).tolist() for length in lengths]
        wanted = answers(fine_tuned, tokens)
        assert np.abs(run_graph(tmp_path / "full.onnx", tokens, pad) - wanted).max() < 1e-3
        assert np.abs(run_graph(tmp_path / "int8.onnx", tokens, pad) - wanted).max() < 0.3


def test_camembert_base_ships_in_less_than_120_mb(tmp_path: Path) -> None:
    configuration = CamembertConfig(vocab_size=32_005, max_position_embeddings=514, type_vocab_size=1)
    model = CamembertForSequenceClassification(configuration)
    with torch.no_grad():
        model.classifier.out_proj.bias.copy_(torch.tensor([2.0, -2.0]))
    network = Network(Classifier(model), Tokenizer(models.BPE()), 1, 512, None)
    texts = EncodedTexts([[5, 6, 7, 6], [5, 9, 6]], np.arange(2), [4, 3], 512)
    shipped = export(network, texts, answers(network, texts.tokens), 1, tmp_path)
    assert network.parameters > 110e6
    assert shipped.quantization == "int8"
    # Before model.tar.gz packs it; the tokenizer of as large a vocabulary takes less than 3 MB more.
    assert shipped.path.stat().st_size < 117e6


def test_the_full_graph_ships_where_int8_disagrees(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LEAST_AGREEMENT", 1.01)
    texts = encoded(network)
    logits = answers(network, texts.tokens)
    shipped = export(network, texts, logits, 1, tmp_path)
    assert shipped.quantization == "none"
    assert shipped.note is not None
    assert "full-precision graph ships" in shipped.note
    assert np.allclose(run_graph(shipped.path, texts.tokens, network.pad_token_id), logits, atol=1e-4)


def test_a_text_gets_the_same_answer_alone_and_in_a_batch(network: Network, tmp_path: Path) -> None:
    texts = encoded(network)
    logits = answers(network, texts.tokens)
    export(network, texts, logits, 1, tmp_path)
    alone = [run_graph(tmp_path / "full.onnx", [numbers], network.pad_token_id)[0] for numbers in texts.tokens]
    assert np.allclose(alone, logits, atol=1e-4)


def refuse(*_: object, **__: object) -> None:
    raise ValueError("no such\noperator")


def test_the_full_graph_ships_where_there_can_be_no_int8_graph(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "quantize_dynamic", refuse)
    texts = encoded(network)
    logits = answers(network, texts.tokens)
    shipped = export(network, texts, logits, 1, tmp_path)
    assert (shipped.quantization, shipped.agreement) == ("none", 0.0)
    assert shipped.note is not None
    assert "could not be made int8 (ValueError: no such operator), so the full-precision graph ships" in shipped.note
    assert np.allclose(run_graph(shipped.path, texts.tokens, network.pad_token_id), logits, atol=1e-4)


@pytest.mark.parametrize(("dimensions", "agreement", "quantization"), [(1, 1.0, "int8"), (2, 0.75, "none")])
def test_with_several_labels_a_text_agrees_when_all_its_labels_do(
    network: Network,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dimensions: int,
    agreement: float,
    quantization: str,
) -> None:
    texts = encoded(network)
    logits = np.tile(np.array([[3.0, 1.0]], dtype=np.float32), (len(TEXTS), 1))
    rounded = logits.copy()
    rounded[2, 1] = -1.0
    monkeypatch.setattr(exporting, "run_graph", lambda path, *_: rounded if path.name == "int8.onnx" else logits)
    shipped = export(network, texts, logits, dimensions, tmp_path)
    assert (shipped.agreement, shipped.quantization) == (agreement, quantization)


def test_a_network_that_cannot_be_written_as_onnx_is_a_failure(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object, **__: object) -> None:
        raise torch.onnx.errors.UnsupportedOperatorError("aten::unheard_of", 17, None)

    monkeypatch.setattr(torch.onnx, "export", unsupported)
    with pytest.raises(TrainingFailed, match=r"cannot be written as ONNX .*unheard_of.*another kind"):
        export(network, encoded(network), np.zeros((len(TEXTS), 2), np.float32), 1, tmp_path)


def test_a_graph_that_is_not_the_network_is_a_failure(network: Network, tmp_path: Path) -> None:
    texts = encoded(network)
    logits = answers(network, texts.tokens)
    with pytest.raises(TrainingFailed, match="does not answer as the trained model does"):
        export(network, texts, logits + 1, 1, tmp_path)


def test_the_tokenizer_alone_serves(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    network.tokenizer.save(str(path))
    content = json.loads(path.read_text())
    assert content["truncation"] is None
    assert content["padding"] is None
    assert [token["content"] for token in content["added_tokens"]][:3] == ["<s>", "<pad>", "</s>"]
