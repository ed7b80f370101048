"""The recipes, each on base models of every kind that transformers' classifiers have here."""

from pathlib import Path

import numpy as np
import pytest
import torch
from trieur_train.base_models.find import BaseModel
from trieur_train.base_models.network import Network, build_network
from trieur_train.encoding import encode
from trieur_train.examples import Split, target_matrix
from trieur_train.hyperparameters import Hyperparameters
from trieur_train.learning.device import CPU, Device
from trieur_train.learning.feeds import TokenFeed
from trieur_train.learning.follow import EncodedSplit, follow
from trieur_train.learning.frozen import CannotFreeze, frozen_layers, hidden_feed, upper_layers
from trieur_train.learning.head import PooledClassifier, fit
from trieur_train.learning.loop import Training, predict
from trieur_train.learning.objective import objective
from trieur_train.learning.recipes import Recipe

from tests.unit.train.jobs import SUBJECTS, multi_class_rows, multi_label_rows
from tests.unit.train.tiny_base_models import KINDS, write_base_model
from tests.unit.train.toy import surroundings

LABELS = sorted(SUBJECTS)
# ELECTRA widens its word vectors after the embeddings: what comes to its layers is not what the embeddings give.
STACKS = sorted(set(KINDS) - {"electra"})
BF16 = Device(torch.device("cpu"), bf16=True)


def network_of(folder: Path, kind: str) -> Network:
    directory = folder / kind
    if not directory.exists():
        write_base_model(directory, kind)
    torch.manual_seed(1)
    base_model = BaseModel(kind, "directory", directory, None)
    return build_network(base_model, [], labels=len(LABELS), max_length=64, seed=1)


def encoded(network: Network, split: str, mode: str = "multi-class", policy: str = "truncate") -> EncodedSplit:
    rows = (multi_class_rows if mode == "multi-class" else multi_label_rows)(split)
    names = [tuple(row.get("labels", [row.get("label")])) for row in rows]  # type: ignore[arg-type]
    texts = Split([str(row["text"]) for row in rows], names)
    return EncodedSplit(
        encode(network.tokenizer, texts.texts, network.max_length, policy), target_matrix(texts, LABELS, mode)
    )


def trained(
    network: Network, recipe: str, mode: str = "multi-class", **settings: object
) -> tuple[Network, Training, Recipe]:
    return follow(
        Recipe(recipe, recipe, {"code": "asked"}, "as asked"),
        network,
        encoded(network, "train", mode),
        encoded(network, "validation", mode),
        settings=Hyperparameters(mode=mode, **{"epochs": 8} | settings),  # type: ignore[arg-type]
        learning_rate=3e-3,
        surroundings=surroundings(),
    )


def weights(network: Network) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in network.classifier.state_dict().items()}


@pytest.mark.parametrize("kind", STACKS)
def test_frozen_layers_give_once_what_they_would_give_in_each_epoch(tmp_path: Path, kind: str) -> None:
    network = network_of(tmp_path, kind)
    tokens = encoded(network, "validation").texts.tokens
    feed = TokenFeed(tokens, network.pad_token_id, CPU.device)
    model = network.classifier.model
    expected = predict(network.classifier, feed, CPU)
    states = hidden_feed(model, 1, feed, CPU)
    with upper_layers(model, 1) as upper:
        assert np.allclose(predict(upper, states, CPU), expected, atol=1e-4)
    assert np.array_equal(predict(network.classifier, feed, CPU), expected)


@pytest.mark.parametrize("kind", STACKS)
def test_the_recipe_fast_learns_and_leaves_the_lower_layers_as_they_were(tmp_path: Path, kind: str) -> None:
    network = network_of(tmp_path, kind)
    before = weights(network)
    _, training, recipe = trained(network, "fast")
    assert recipe.chosen == "fast"
    assert training.history[-1].train_loss < training.history[0].train_loss
    after = weights(network)
    assert frozen_layers(network.classifier.model) == 1
    changed = {name for name, weight in after.items() if not torch.equal(weight, before[name])}
    assert any(".1." in name for name in changed)
    assert not any("embeddings" in name or ".0." in name for name in changed), changed
    assert all(weight.requires_grad for weight in network.classifier.parameters())


def test_a_base_model_whose_layers_cannot_be_taken_apart_is_fine_tuned_in_full(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = network_of(tmp_path, "electra")
    _, _, recipe = trained(network, "fast", epochs=1)
    assert (recipe.asked, recipe.chosen, recipe.why) == ("fast", "full", {"code": "cannot_freeze"})
    assert recipe.sentence in capsys.readouterr().out


def test_upper_layers_that_answer_otherwise_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network = network_of(tmp_path, "bert")
    model = network.classifier.model
    feed = TokenFeed([[2, 9, 9, 3]], network.pad_token_id, CPU.device)
    # As if the layers were followed by something that looks at the token numbers again.
    forward = type(model).forward

    def looks_again(self: object, input_ids: torch.Tensor | None = None, **named: object) -> object:
        found = forward(self, input_ids=input_ids, **named)  # type: ignore[arg-type]
        if input_ids is not None:
            found.logits = found.logits + 1
        return found

    monkeypatch.setattr(type(model), "forward", looks_again)
    with pytest.raises(CannotFreeze, match="answer otherwise"):
        hidden_feed(model, 1, feed, CPU)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_recipe_full_changes_the_words_that_occur_and_no_others(tmp_path: Path, kind: str) -> None:
    network = network_of(tmp_path, kind)
    words = network.classifier.model.get_input_embeddings()
    before = words.weight.detach().clone()
    trained(network, "full", epochs=2)
    assert network.classifier.model.get_input_embeddings() is words
    changed = set(torch.nonzero((words.weight != before).any(dim=1)).flatten().tolist())
    rows = [*encoded(network, "train").texts.tokens, *encoded(network, "validation").texts.tokens]
    occurring = {number for row in rows for number in row}
    assert changed <= occurring | {network.pad_token_id}
    assert len(changed) > 0.5 * len(occurring)


@pytest.mark.parametrize("mode", ["multi-class", "multi-label"])
@pytest.mark.parametrize("recipe", ["full", "fast", "head"])
def test_every_recipe_learns_one_label_or_several(tmp_path: Path, recipe: str, mode: str) -> None:
    network, training, _ = trained(network_of(tmp_path, "camembert"), recipe, mode, epochs=25, patience=25)
    best = training.history[training.best_epoch - 1]
    assert best.validation_macro_f1 > 0.6
    split = encoded(network, "validation", mode)
    feed = TokenFeed(split.texts.tokens, network.pad_token_id, CPU.device)
    assert predict(network.classifier, feed, CPU).shape == (len(split.targets), len(LABELS))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_recipe_head_leaves_the_base_model_as_it_was(tmp_path: Path, kind: str) -> None:
    network = network_of(tmp_path, kind)
    before = {name: weight.clone() for name, weight in network.classifier.model.base_model.state_dict().items()}
    learnt, training, _ = trained(network, "head")
    assert len(training.history) == training.best_epoch == 1
    assert training.history[0].train_accuracy > 0.6
    after = learnt.classifier.model.base_model.state_dict()
    assert all(torch.equal(after[name], weight) for name, weight in before.items())


def test_features_of_one_text_alone_are_no_reason_to_fail(tmp_path: Path) -> None:
    network = network_of(tmp_path, "bert")
    classifier = PooledClassifier(network.classifier.model, 2)
    only = objective(np.array([[1, 1]], dtype=np.float32), np.array([0]), class_weights="none", label_smoothing=0)
    fit(classifier, torch.ones(1, 32), only, torch.ones(1, 32), only)
    assert all(torch.isfinite(weight).all() for weight in classifier.state_dict().values())


@pytest.mark.parametrize("recipe", ["full", "fast", "head"])
def test_the_same_seed_gives_the_same_weights(tmp_path: Path, recipe: str) -> None:
    once, _, _ = trained(network_of(tmp_path, "camembert"), recipe, epochs=2)
    again, _, _ = trained(network_of(tmp_path, "camembert"), recipe, epochs=2)
    assert all(torch.equal(*pair) for pair in zip(weights(once).values(), weights(again).values(), strict=True))


def test_in_bfloat16_the_weights_stay_in_float32(tmp_path: Path) -> None:
    network = network_of(tmp_path, "camembert")
    split = encoded(network, "train")
    within = surroundings()
    object.__setattr__(within, "device", BF16)
    for recipe in ("fast", "full"):
        follow(
            Recipe(recipe, recipe, {"code": "asked"}, ""),
            network,
            split,
            split,
            settings=Hyperparameters(epochs=2),
            learning_rate=3e-3,
            surroundings=within,
        )
    assert {weight.dtype for weight in network.classifier.parameters()} == {torch.float32}
