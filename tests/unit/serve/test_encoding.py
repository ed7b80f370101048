from collections.abc import Sequence
from typing import Any

import pytest
from tokenizers import Encoding
from trieur_serve.encoding import TEXTS_A_STEP, Encoder, at_once
from trieur_serve.long_texts import MOST_WINDOWS, PART, POLICIES, TRUNCATE, WINDOWS, cut

from tests.unit.serve.tiny_model import VOCABULARY, tokenizer

LENGTH = 16
START, END, UNKNOWN, CURIE, NODEJS, VA = (
    VOCABULARY[word] for word in ("<s>", "</s>", "<unk>", "curie", "nodejs", "va")
)


class Watched:
    """A tokenizer that notes how many characters it is given at a time."""

    def __init__(self) -> None:
        self._tokenizer = tokenizer()
        self.read: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def encode_batch_fast(self, texts: Sequence[str], *, add_special_tokens: bool) -> list[Encoding]:
        self.read.append(sum(map(len, texts)))
        return self._tokenizer.encode_batch_fast(texts, add_special_tokens=add_special_tokens)


def rows(policy: str, *texts: str) -> list[list[int]]:
    return at_once(Encoder(tokenizer(), LENGTH, policy).encode(texts)).rows


@pytest.mark.parametrize("policy", POLICIES)
def test_a_text_that_fits_is_one_row_whole(policy: str) -> None:
    assert rows(policy, "curie va", "va " * 14) == [[START, CURIE, VA, END], [START, *[VA] * 14, END]]


def test_truncation_keeps_the_start_and_the_end_of_a_text() -> None:
    assert rows(TRUNCATE, "curie " * 300 + "va " * 300) == [[START, *[CURIE] * 4, *[VA] * 10, END]]


def test_windows_are_rows_of_their_own_that_know_their_text() -> None:
    encoded = at_once(Encoder(tokenizer(), LENGTH, WINDOWS).encode(["va", "curie " * 10 + "va " * 10, "nodejs"]))
    assert encoded.rows == [
        [START, VA, END],
        [START, *[CURIE] * 10, *[VA] * 4, END],
        [START, *[CURIE] * 4, *[VA] * 10, END],
        [START, NODEJS, END],
    ]
    assert encoded.text_of.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("curie " * 20_000, [CURIE] * 14),
        ("va" + " " * 400_000 + "nodejs", [VA, NODEJS]),
        (" " * 200_000 + "nodejs va", [NODEJS, VA]),
        ("curie va" + " " * 200_000, [CURIE, VA]),
        ("curie " + "x" * 300_000 + " va", [CURIE, *[UNKNOWN] * 12, VA]),
        # The last part holds one word of the ten that are kept of the end.
        ("curie " * 20 + "va " * 2000 + "nodejs", [*[CURIE] * 4, *[VA] * 9, NODEJS]),
    ],
    ids=["even", "blank middle", "blank start", "blank end", "one long word", "short last part"],
)
def test_truncation_reads_on_until_both_ends_are_full(text: str, content: list[int]) -> None:
    assert rows(TRUNCATE, text) == [[START, *content, END]]


def test_truncation_reads_only_the_ends_of_megabytes() -> None:
    spy = Watched()
    at_once(Encoder(spy, LENGTH, TRUNCATE).encode(["curie " * 1_000_000]))
    assert sum(spy.read) <= 3 * PART


def test_windows_of_megabytes_lie_all_over_the_text() -> None:
    tenth = 100_000
    text = "".join(f"{word} " * tenth for word in ("curie", "va", "nodejs", "curie", "va", "nodejs"))
    found = rows(WINDOWS, text)
    assert len(found) == MOST_WINDOWS
    assert [row[1] for row in found[:: MOST_WINDOWS // 6 + 1]] == [CURIE, VA, NODEJS, CURIE, VA, NODEJS]
    assert [row[-2] for row in found[-2:]] == [NODEJS, NODEJS]


@pytest.mark.parametrize("policy", POLICIES)
def test_no_more_than_a_part_a_text_is_read_without_a_pause(policy: str) -> None:
    spy = Watched()
    texts = ["va " * (PART // 3), "curie " * 50_000] * TEXTS_A_STEP
    steps = Encoder(spy, LENGTH, policy).encode(texts)
    for _ in steps:
        assert sum(spy.read) <= (TEXTS_A_STEP + 1) * PART
        spy.read.clear()


def test_settings_in_the_tokenizers_file_do_not_count() -> None:
    made = tokenizer()
    assert (made.padding["length"], made.truncation["max_length"]) == (50, 4)
    assert at_once(Encoder(made, LENGTH, TRUNCATE).encode(["va " * 9])).rows == [[START, *[VA] * 9, END]]


def test_rows_of_a_text_in_one_part_are_those_of_its_tokens() -> None:
    words = [CURIE, VA, NODEJS, VA] * 25
    text = " ".join(word for number in words for word, other in VOCABULARY.items() if other == number)
    assert rows(WINDOWS, text) == [[START, *row, END] for row in cut(words, LENGTH - 2, WINDOWS)]
