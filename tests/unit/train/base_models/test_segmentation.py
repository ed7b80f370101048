import pytest
from tokenizers import Tokenizer
from trieur_train.base_models import segmentation
from trieur_train.base_models.scratch import END, START, train_tokenizer
from trieur_train.base_models.segmentation import VariedSegmentation

TEXTS = ["Qui connaît Kubernetes ?", "qui s'y connaît en Node.js ?", "Ça va, l’ami ?", "東京 😀", "", "x" * 500]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(TEXTS * 3)


def varied(tokenizer: Tokenizer, max_length: int = 1000, seed: int = 1) -> VariedSegmentation:
    return VariedSegmentation(tokenizer, TEXTS, max_length=max_length, seed=seed)


def test_with_nothing_left_out_it_is_the_tokenizer(tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segmentation, "LEFT_OUT", 0.0)
    assert varied(tokenizer)() == [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]


def test_however_they_are_cut_the_pieces_spell_the_text(tokenizer: Tokenizer) -> None:
    spelled = [tokenizer.decode(encoding.ids) for encoding in tokenizer.encode_batch(TEXTS)]
    cut = varied(tokenizer)
    for _ in range(20):
        tokens = cut()
        assert [tokenizer.decode(numbers) for numbers in tokens] == spelled
        assert all((numbers[0], numbers[-1]) == (START, END) for numbers in tokens)


def test_epochs_differ_and_the_seed_repeats_them(tokenizer: Tokenizer) -> None:
    once, again, other = varied(tokenizer), varied(tokenizer), varied(tokenizer, seed=2)
    epochs = [once() for _ in range(3)]
    assert epochs == [again() for _ in range(3)]
    assert epochs[0] != epochs[1]
    assert epochs != [other() for _ in range(3)]


@pytest.mark.parametrize("max_length", [8, 9, 12])
def test_no_text_is_longer_than_allowed(tokenizer: Tokenizer, max_length: int) -> None:
    tokens = varied(tokenizer, max_length)()
    assert max(map(len, tokens)) == max_length
    assert all(numbers[-1] == END for numbers in tokens)
