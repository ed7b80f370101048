from pathlib import Path

import numpy as np
import pytest
import trieur_serve.long_texts
import trieur_train.long_texts
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from trieur_train.base_models.scratch import END, START, train_tokenizer
from trieur_train.long_texts import (
    MOST_PARTS,
    MOST_WINDOWS,
    PART,
    POLICIES,
    TRUNCATE,
    WINDOWS,
    cut,
    frame,
    mean_over_windows,
    parts,
)


def test_training_and_serving_hold_the_same_file() -> None:
    files = [Path(str(module.__file__)) for module in (trieur_train.long_texts, trieur_serve.long_texts)]
    assert files[0].read_bytes() == files[1].read_bytes()


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(0, 20), st.sampled_from(POLICIES))
def test_what_fits_is_left_whole(room: int, free: int, policy: str) -> None:
    content = list(range(room))
    assert cut(content, max(1, room + free), policy) == [content]


def test_truncation_splits_bert_s_room_as_published() -> None:
    (row,) = cut(range(1000), 510, TRUNCATE)
    assert row == [*range(128), *range(1000 - 382, 1000)]


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 500))
def test_truncation_fills_one_row_from_both_ends(room: int, beyond: int) -> None:
    (row,) = cut(range(room + beyond), room, TRUNCATE)
    assert len(row) == room
    head = next((at for at, item in enumerate(row) if item != at), room)
    assert row[head:] == list(range(beyond + head, beyond + room))
    assert abs(head - room / 4) <= 0.5


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(1, 4000))
def test_windows_are_full_and_reach_from_end_to_end(room: int, beyond: int) -> None:
    rows = cut(range(room + beyond), room, WINDOWS)
    assert 2 <= len(rows) <= MOST_WINDOWS
    assert all(row == list(range(row[0], row[0] + room)) for row in rows)
    assert (rows[0][0], rows[-1][-1]) == (0, room + beyond - 1)
    steps = np.diff([row[0] for row in rows])
    assert steps.max() - steps.min() <= 1
    if len(rows) < MOST_WINDOWS:
        assert steps.max() <= room - room // 4


words = st.lists(st.text("abc é\n", min_size=1, max_size=30), min_size=1, max_size=60).map(" ".join)


@settings(deadline=None)
@given(words, st.sampled_from(POLICIES), st.integers(2, 40))
def test_parts_are_a_text_in_its_order(text: str, policy: str, part: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trieur_train.long_texts, "PART", part)
        patch.setattr(trieur_train.long_texts, "MOST_PARTS", 10**6)
        found = parts(text, policy)
    assert "".join(found) == text
    assert max(map(len, found)) <= part
    # No hair's breadth: that many parts would cost as many calls.
    assert all(len(found_part) >= part // 2 for found_part in found[:-1])


def test_words_are_left_whole() -> None:
    text = "anticonstitutionnellement " * 1000
    assert all(part.split() == ["anticonstitutionnellement"] * part.count("anti") for part in parts(text, WINDOWS))
    assert len(parts(text, WINDOWS)) > 5


def test_of_a_huge_text_truncation_reads_the_ends_and_windows_all_over() -> None:
    text = "".join(f"{number:08d}" for number in range(800_000))
    ends, over = parts(text, TRUNCATE), parts(text, WINDOWS)
    assert len(ends) == len(over) == MOST_PARTS
    half = MOST_PARTS // 2 * PART
    assert "".join(ends[: MOST_PARTS // 2]) == text[:half]
    assert text.endswith("".join(ends[MOST_PARTS // 2 :]))
    starts = [text.index(part) for part in over]
    assert (starts[0], starts[-1] + len(over[-1])) == (0, len(text))
    assert np.ptp(np.diff(starts)) <= PART


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<s> $A </s>", ([START], [END])),
        ("$A </s>", ([], [END])),
        ("<s> <s> $A", ([START, START], [])),
        ("$A", ([], [])),
    ],
)
def test_the_frame_of_a_text_is_found(template: str, expected: tuple[list[int], list[int]]) -> None:
    tokenizer = train_tokenizer(["comment ça va ?"] * 3)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[("<s>", START), ("</s>", END)]
    )
    assert frame(tokenizer) == expected


def test_the_frame_is_found_with_whatever_alphabet_there_is() -> None:
    tokenizer = Tokenizer(models.BPE({"[X]": 0, "α": 1}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="[X] $A", special_tokens=[("[X]", 0)])
    assert frame(tokenizer) == ([0], [])


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_the_logits_of_a_text_are_the_mean_of_its_windows(counts: list[int], seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(sum(counts), 3)).astype(np.float32)
    text_of = np.repeat(np.arange(len(counts)), counts)
    found = mean_over_windows(logits, text_of)
    assert found.dtype == np.float32
    expected = [logits[text_of == text].mean(axis=0) for text in range(len(counts))]
    assert found == pytest.approx(np.array(expected), abs=1e-6)


def test_a_single_row_keeps_its_logits_to_the_last_bit() -> None:
    logits = np.random.default_rng(3).normal(size=(5, 4)).astype(np.float32)
    assert np.array_equal(mean_over_windows(logits, np.arange(5)), logits)
