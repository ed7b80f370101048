"""Texts to rows in training, and that serving makes the very same rows of them."""

from collections.abc import Callable

import pytest
import trieur_serve.long_texts
import trieur_train.encoding
import trieur_train.long_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from trieur_serve.encoding import Encoder, at_once
from trieur_train.base_models.scratch import END, SPECIAL_TOKENS, START, train_tokenizer
from trieur_train.encoding import encode
from trieur_train.long_texts import POLICIES, TRUNCATE, WINDOWS, parts

TEXTS = ["qui connaît nodejs ?", "comment ça va aujourd'hui ?", "Qui est Marie Curie, au juste ?"] * 3
LONG = "qui connaît nodejs ? " * 20


def bert_like() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        TEXTS, trainers.WordPieceTrainer(vocab_size=120, special_tokens=special, show_progress=False)
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer


def camembert_like() -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("  ", " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=80, special_tokens=list(SPECIAL_TOKENS), unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", END), ("<s>", START))
    return tokenizer


MADE = {"scratch": lambda: train_tokenizer(TEXTS), "bert": bert_like, "camembert": camembert_like}


@pytest.fixture(scope="module", params=MADE)
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    make: Callable[[], Tokenizer] = MADE[request.param]
    return make()


pieces = st.sampled_from(["qui", "nodejs", "ÇA", "aujourd'hui", "<s>", "[SEP]", "\n", " ", "😀", "e\u0301", "日本語"])
texts = st.text(max_size=40) | st.lists(pieces, max_size=60).map(" ".join) | st.lists(pieces, max_size=60).map("".join)


@settings(deadline=None)
@given(
    st.lists(texts, min_size=1, max_size=6),
    st.integers(3, 40),
    st.sampled_from(POLICIES),
    st.integers(2, 60),
    st.integers(2, 8),
)
def test_serving_makes_the_rows_of_training(
    tokenizer: Tokenizer, given_texts: list[str], max_length: int, policy: str, part: int, most_parts: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for module in (trieur_train.long_texts, trieur_serve.long_texts):
            # Small, so that what is meant for megabytes happens to texts that hypothesis can vary.
            patch.setattr(module, "PART", part)
            patch.setattr(module, "MOST_PARTS", most_parts)
        patch.setattr(trieur_train.encoding, "ENCODED_AT_ONCE", 3)
        trained = encode(tokenizer, given_texts, max_length, policy)
        served = at_once(Encoder(Tokenizer.from_str(tokenizer.to_str()), max_length, policy).encode(given_texts))
    assert served.rows == trained.tokens
    assert served.text_of.tolist() == trained.text_of.tolist()
    assert max(map(len, trained.tokens)) <= max_length


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=6), st.sampled_from(POLICIES))
def test_a_text_that_fits_keeps_the_tokenizers_own_numbers(
    tokenizer: Tokenizer, given_texts: list[str], policy: str
) -> None:
    encoded = encode(tokenizer, given_texts, 2000, policy)
    assert encoded.tokens == [tokenizer.encode(text).ids for text in given_texts]
    assert encoded.lengths == [len(numbers) for numbers in encoded.tokens]
    assert encoded.text_of.tolist() == list(range(len(given_texts)))
    assert encoded.long == 0


@settings(deadline=None)
@given(st.lists(st.sampled_from(["qui", "nodejs", "Ça", "va,", "?", "x\ny", "日本"]), min_size=1, max_size=60))
def test_parts_change_no_token_of_words_apart(tokenizer: Tokenizer, words: list[str]) -> None:
    text = " ".join(words)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trieur_train.long_texts, "PART", 30)
        found = parts(text, WINDOWS)
    numbers = [number for part in found for number in tokenizer.encode(part, add_special_tokens=False).ids]
    assert numbers == tokenizer.encode(text, add_special_tokens=False).ids


def test_truncation_keeps_the_start_and_the_end(tokenizer: Tokenizer) -> None:
    encoded = encode(tokenizer, ["comment ça va ?", LONG], 18, TRUNCATE)
    whole = tokenizer.encode(LONG).ids
    assert encoded.tokens[1] == whole[:5] + whole[-13:]
    assert encoded.text_of.tolist() == [0, 1]
    assert encoded.lengths[1] == len(whole)
    assert encoded.long == 1


def test_windows_are_framed_and_know_their_text(tokenizer: Tokenizer) -> None:
    encoded = encode(tokenizer, [LONG, "va ?", LONG], 18, WINDOWS)
    whole = tokenizer.encode(LONG).ids
    rows = len(encoded.tokens) // 2
    assert encoded.text_of.tolist() == [0] * rows + [1] + [2] * rows
    assert encoded.tokens[0] == [*whole[:17], whole[-1]]
    assert encoded.tokens[rows - 1] == [whole[0], *whole[-17:]]
    assert encoded.tokens[:rows] == encoded.tokens[rows + 1 :]
    assert encoded.long == 2


def test_a_text_of_exactly_the_greatest_length_is_not_long(tokenizer: Tokenizer) -> None:
    length = len(tokenizer.encode(LONG).ids)
    assert [encode(tokenizer, [LONG], limit, TRUNCATE).long for limit in (length, length - 1)] == [0, 1]


def test_encoding_leaves_the_tokenizer_without_truncation_and_padding() -> None:
    tokenizer = train_tokenizer(TEXTS)
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=50)
    assert len(encode(tokenizer, [LONG], 12, TRUNCATE).tokens[0]) == 12
    assert tokenizer.truncation is None
    assert tokenizer.padding is None
