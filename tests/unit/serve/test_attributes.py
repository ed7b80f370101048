import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trieur_serve.attributes import check_attributes, read_shape
from trieur_serve.predictions import Shape
from trieur_serve.refusals import Refused

OF_MODEL = 0.42


@pytest.mark.parametrize(
    ("header", "shape"),
    [
        ("", Shape()),
        ("c000b4f9-df62-4c85-a0bf-7c525f9104a4", Shape()),
        ("top_k=1;threshold=0.7", Shape(1, 0.7)),
        (" threshold = 0.7 ; trace=top_k=3;top_k= 12 ;;", Shape(12, 0.7)),
        ("TOP_K=x;Threshold=y;top_k2=z", Shape()),
        ("top_k=007", Shape(7)),
        ("threshold=0", Shape(threshold=0.0)),
        ("threshold=1", Shape(threshold=1.0)),
        ("threshold=1.00", Shape(threshold=1.0)),
        ("threshold=.5", Shape(threshold=0.5)),
        ("threshold=model", Shape(threshold=OF_MODEL)),
    ],
)
def test_our_keys_are_understood_and_others_left_alone(header: str, shape: Shape) -> None:
    assert read_shape(header, OF_MODEL) == shape


def test_a_model_without_a_threshold_rejects_nothing() -> None:
    assert read_shape("threshold=model", None) == Shape()


@pytest.mark.parametrize("value", ["", "0", "-1", "1.0", "1e1", "one", "\u0661", "9" * 10, "1 2"])
def test_a_wrong_top_k_is_refused(value: str) -> None:
    with pytest.raises(Refused, match=r"top_k is .*; it must be a whole number, at least 1\.$") as refused:
        read_shape(f"top_k={value}", None)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "value", ["", "-0", "1.01", "2", "0,7", "70%", "nan", "inf", "1e-1", "0x1", "Model", "0." + "1" * 21]
)
def test_a_wrong_threshold_is_refused(value: str) -> None:
    with pytest.raises(Refused, match=r"threshold is .*; it must be a probability, 0 to 1, or 'model'\.$") as refused:
        read_shape(f"threshold={value}", None)
    assert refused.value.status == 400


@pytest.mark.parametrize("header", ["top_k=1;top_k=1", "threshold=0.1;x;threshold=model"])
def test_a_key_given_twice_is_refused(header: str) -> None:
    with pytest.raises(Refused, match="more than once"):
        read_shape(header, None)


@pytest.mark.parametrize("header", ["x" * 1025, "caf\u00e9", "a\x7fb", "a\nb"])
def test_what_sagemaker_would_not_let_pass_is_refused(header: str) -> None:
    with pytest.raises(Refused, match="at most 1024 visible US-ASCII characters"):
        check_attributes(header)


def test_what_sagemaker_lets_pass_is_taken() -> None:
    check_attributes("".join(map(chr, range(0x20, 0x7F))))
    check_attributes("x" * 1024)


@given(st.text() | st.lists(st.sampled_from(["top_k", "threshold", "=", ";", "0.5", "7", " ", "model"])).map("".join))
@example("top_k=1;threshold=0.7")
def test_any_header_is_a_shape_or_refused(header: str) -> None:
    outcome = _outcome(header)
    if isinstance(outcome, Refused):
        assert outcome.status == 400
    else:
        assert outcome.top_k is None or outcome.top_k >= 1
        assert outcome.threshold is None or 0 <= outcome.threshold <= 1


def _outcome(header: str) -> Shape | Refused:
    try:
        return read_shape(header, OF_MODEL)
    except Refused as refused:
        return refused
