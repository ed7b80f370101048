import pytest
from tokenizers import Tokenizer
from trieur_train.base_models import segmentation
from trieur_train.base_models.scratch import END, START, train_tokenizer
from trieur_train.base_models.segmentation import VariedSegmentation
from trieur_train.encoding import encode

TEXTS = ["Qui connaît Kubernetes ?", "qui s'y connaît en Node.js ?", "Ça va, l’ami ?", "東京 😀", "", "x" * 500]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS * 3)


def varied(tokenizer: Tokenizer, max_length: int = 1000, seed: int = 1) -> VariedSegmentation:
    return VariedSegmentation(tokenizer, TEXTS, max_length=max_length, seed=seed)


def test_with_nothing_left_out_it_is_the_tokenizer(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "LEFT_OUT", 0.0)
    assert varied(tokenizer)(1) == [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]


def test_however_they_are_cut_the_pieces_spell_the_text(tokenizer: Tokenizer) -> None:
    spelled = [tokenizer.decode(encoding.ids) for encoding in tokenizer.encode_batch(TEXTS)]
    cut = varied(tokenizer)
    for epoch in range(20):
        tokens = cut(epoch)
        assert [tokenizer.decode(numbers) for numbers in tokens] == spelled
        assert all((numbers[0], numbers[-1]) == (START, END) for numbers in tokens)


def test_epochs_differ_and_the_seed_repeats_each_whatever_came_before(tokenizer: Tokenizer) -> None:
    once, again, other = varied(tokenizer), varied(tokenizer), varied(tokenizer, seed=2)
    epochs = [once(number) for number in (1, 2, 3)]
    assert epochs[::-1] == [again(number) for number in (3, 2, 1)]
    assert epochs[0] != epochs[1]
    assert epochs != [other(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("max_length", [8, 9, 12])
def test_no_text_is_longer_than_allowed(tokenizer: Tokenizer, max_length: int) -> None:
    tokens = varied(tokenizer, max_length)(1)
    assert max(map(len, tokens)) == max_length
    assert all((numbers[0], numbers[-1]) == (START, END) for numbers in tokens)


def test_a_long_text_keeps_the_start_and_the_end_that_it_has_elsewhere(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segmentation, "LEFT_OUT", 0.0)
    texts = [" ".join(TEXTS * number) for number in (1, 3, 40)]
    cut = VariedSegmentation(tokenizer, texts, max_length=16, seed=1)
    assert cut(1) == encode(tokenizer, texts, 16, "truncate").tokens
