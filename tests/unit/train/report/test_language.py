import pytest
from trieur_train.report.language import Words, shortened

ENGLISH, FRENCH = Words("en"), Words("fr")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2068", "").replace("\u2069", "")


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [(0.982, "98.2%", "98,2 %"), (1.0, "100.0%", "100,0 %"), (0.0, "0.0%", "0,0 %")],
)
def test_percents(share: float, english: str, french: str) -> None:
    assert ENGLISH.percent(share) == english
    assert plain(FRENCH.percent(share)) == french


def test_numbers_and_intervals() -> None:
    assert ENGLISH.number(1234567) == "1,234,567"
    assert FRENCH.number(1234567) == "1\u202f234\u202f567"
    assert ENGLISH.decimal(1234.5, 2) == "1,234.50"
    assert FRENCH.decimal(1234.5, 2) == "1\u202f234,50"
    assert ENGLISH.interval([0.906, 0.997]) == "90.6–99.7%"
    assert FRENCH.interval([0.906, 0.997]) == "90,6–99,7\u00a0%"


@pytest.mark.parametrize(
    ("number", "english", "french"),
    [(0, "0 examples", "0 exemple"), (1, "1 example", "1 exemple"), (2500, "2,500 examples", "2 500 exemples")],
)
def test_nouns_follow_their_number(number: int, english: str, french: str) -> None:
    assert plain(ENGLISH.count("example", number)) == english
    assert plain(FRENCH.count("example", number)) == french


@pytest.mark.parametrize(
    ("share", "english", "french"),
    [
        (0.018, "+1.8 points", "+1,8 point"),
        (-0.05, "−5.0 points", "−5,0 points"),
        (0.01, "+1.0 point", "+1,0 point"),
        (0.0001, "±0.0 points", "±0,0 point"),
    ],
)
def test_differences_have_their_sign(share: float, english: str, french: str) -> None:
    assert ENGLISH.difference(share) == english
    assert FRENCH.difference(share) == french


@pytest.mark.parametrize(
    ("value", "words"), [(1.0, "p = 1.00"), (0.125, "p = 0.12"), (0.0312, "p = 0.031"), (0.00004, "p < 0.001")]
)
def test_p_values(value: float, words: str) -> None:
    assert plain(ENGLISH.p_value(value)) == words


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (0.42, "0.4 s", "0,4 s"),
        (59.6, "1 min 00 s", "1 min 00 s"),
        (402.0, "6 min 42 s", "6 min 42 s"),
        (7265.0, "2 h 01 min", "2 h 01 min"),
    ],
)
def test_durations(seconds: float, english: str, french: str) -> None:
    assert plain(ENGLISH.duration(seconds)) == english
    assert plain(FRENCH.duration(seconds)) == french


@pytest.mark.parametrize(
    ("amount", "english", "french"),
    [(12.3456, "$12.35", "12,35 $US"), (0.02871, "$0.029", "0,029 $US"), (0.0000431, "$0.000043", "0,000043 $US")],
)
def test_small_amounts_of_money_stay_visible(amount: float, english: str, french: str) -> None:
    assert ENGLISH.dollars(amount) == english
    assert plain(FRENCH.dollars(amount)) == french


@pytest.mark.parametrize(("price", "words"), [(0.257, "$0.257"), (1.57, "$1.57"), (2.0, "$2.00"), (0.12345, "$0.1235")])
def test_prices_keep_their_digits(price: float, words: str) -> None:
    assert ENGLISH.dollars_an_hour(price) == words


def test_sizes_and_months() -> None:
    assert plain(ENGLISH.megabytes(106_400_000)) == "106.4 MB"
    assert plain(FRENCH.megabytes(106_400_000)) == "106,4 Mo"
    assert ENGLISH.month("2026-11") == "November 2026"
    assert FRENCH.month("2026-02") == "février 2026"


def test_quotes_hold_what_runs_from_right_to_left() -> None:
    assert ENGLISH.quoted("شكرا") == "“\u2068شكرا\u2069”"
    assert FRENCH.quoted("شكرا") == "«\u00a0\u2068شكرا\u2069\u00a0»"


def test_long_texts_end_in_an_ellipsis() -> None:
    assert shortened("abcdef", 6) == "abcdef"
    assert shortened("abcd efg", 5) == "abcd…"
